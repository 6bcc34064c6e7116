/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/trust.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"

#define DAY (INT64_C(86400) * NS_PER_S)
#define FROM (INT64_C(1795300000) * NS_PER_S)
#define LIVED (FROM + 10 * DAY)
#define UNTIL (FROM + 90 * DAY)

static const struct trust_facts alone = {
    .from = FROM, .until = UNTIL, .lived = LIVED};

static void
believes(const struct trust_facts *facts, nanoseconds now)
{
	struct error why = {""};

	if (trust_judge(facts, now, &why) != 0)
		fail_msg("%s", why.text);
}

static void
doubts(const struct trust_facts *facts, nanoseconds now, const char *reason)
{
	struct error why = {""};

	assert_int_equal(trust_judge(facts, now, &why), -1);
	if (strstr(why.text, reason) == NULL)
		fail_msg("%s", why.text);
}

static void
a_clock_that_contradicts_nothing_is_believed(void **state)
{
	static const struct trust_facts nothing = {0};

	believes(&alone, LIVED);
	believes(&alone, UNTIL);
	believes(&nothing, FROM - 2000 * DAY);
}

static void
a_clock_of_other_years_is_not(void **state)
{
	doubts(&alone, 0, "1970-01-01T00:00:00Z");
	doubts(&alone, FROM - 1, "certificate is of 2026-11-21T22:26:40Z");
	doubts(&alone, LIVED - 1, "spool was written at 2026-12-01");
	doubts(&alone, UNTIL + 1, "certificate ended at 2027-02-19");
}

static void
one_that_is_kept_right_is_believed(void **state)
{
	struct trust_facts facts = alone;

	facts.synchronised = facts.told = true;
	facts.ahead = -5 * TRUST_CONTRADICTS;
	believes(&facts, FROM - DAY);
	believes(&facts, UNTIL + DAY);
	assert_int_equal(trust_still(&facts, NULL), 0);
}

/* A collector would keep aside all that is measured by it. */
static void
one_that_is_kept_in_another_year_is_not(void **state)
{
	struct trust_facts facts = alone;

	facts.synchronised = true;
	doubts(&facts, 0, "which cannot be");
	facts.told = true;
	facts.ahead = TRUST_CONTRADICTS;
	doubts(&facts, LIVED, "12 h ahead of the collector's, and what keeps");
	facts.ahead--;
	believes(&facts, LIVED);
}

static void
the_collector_confirms_and_contradicts(void **state)
{
	struct trust_facts facts = alone;
	struct error why;

	facts.told = true;
	facts.ahead = -TRUST_AGREES;
	believes(&facts, LIVED - DAY); /* the spool's was a wrong clock's */
	facts.ahead = TRUST_AGREES + 1;
	doubts(&facts, LIVED - DAY, "spool");
	believes(&facts, LIVED); /* wrong by a minute, and marked */
	assert_int_equal(trust_still(&facts, &why), 0);
	facts.ahead = TRUST_CONTRADICTS;
	doubts(&facts, LIVED, "12 h ahead of the collector's");
	assert_int_equal(trust_still(&facts, &why), -1);
	facts.ahead = -TRUST_CONTRADICTS;
	doubts(&facts, LIVED, "12 h behind the collector's");
	facts.told = false;
	believes(&facts, LIVED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_clock_that_contradicts_nothing_is_believed),
	    cmocka_unit_test(a_clock_of_other_years_is_not),
	    cmocka_unit_test(one_that_is_kept_right_is_believed),
	    cmocka_unit_test(one_that_is_kept_in_another_year_is_not),
	    cmocka_unit_test(the_collector_confirms_and_contradicts),
	};

	return (cmocka_run_group_tests_name("trust", tests, NULL, NULL));
}
