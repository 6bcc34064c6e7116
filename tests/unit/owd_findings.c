/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owd/findings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct findings
of(struct account_totals totals)
{
	struct findings findings;

	findings_begin(&findings);
	totals.hops_last = -1;
	findings_add(&findings, &totals);
	return (findings);
}

static void
explains(const struct findings *findings, const char *words)
{
	struct error why;

	findings_explain(findings, &why);
	if (words == NULL ? why.text[0] != '\0'
			  : strstr(why.text, words) == NULL)
		fail_msg("\"%s\", expected \"%s\"", why.text,
		    words != NULL ? words : "");
}

static void
parts_add_up(void **state)
{
	struct findings f;
	struct account_totals one = {.stated = true,
	    .sent = 10,
	    .received = 7,
	    .lost = 3,
	    .reordered_by = {2, 1, 1, 1},
	    .pattern = {.losses = 3,
		.periods = 2,
		.longest = 2,
		.longest_first = 5},
	    .hops_least = 3,
	    .hops_most = 4,
	    .hops_last = 4};
	struct account_totals other = {.stated = true,
	    .sent = 5,
	    .received = 5,
	    .pattern = {.losses = 4, .periods = 1, .longest = 4},
	    .hops_least = 2,
	    .hops_most = 3,
	    .hops_last = 2};

	findings_begin(&f);
	findings_add(&f, &one);
	findings_add(&f, &other);
	assert_true(f.stated);
	assert_int_equal(f.totals.sent, 15);
	assert_int_equal(f.totals.received, 12);
	assert_int_equal(f.totals.lost, 3);
	assert_int_equal(f.totals.reordered_by[3], 1);
	assert_int_equal(f.totals.pattern.periods, 3);
	assert_int_equal(f.totals.pattern.longest, 4);
	assert_int_equal(f.totals.hops_least, 2);
	assert_int_equal(f.totals.hops_most, 4);
	assert_int_equal(f.totals.hops_last, 2);
	other.stated = false;
	findings_add(&f, &other);
	assert_false(f.stated);
	findings_clear(&f);
}

static void
clocks_apart_are_no_loss(void **state)
{
	struct findings f = of((struct account_totals){
	    .stated = true, .sent = 100, .lost = 100, .late = 97});

	assert_true(findings_are_shifted(&f));
	explains(&f, "more than the timeout after");
	f.heard = true;
	explains(&f, "nobody keeps its clock right");
	f.timely = true; /* others were not so late before */
	assert_false(findings_are_shifted(&f));
	explains(&f, "something held them back");
	f.timely = false;
	f.far_synchronised = true;
	f.totals.late = 10; /* these few were slow */
	assert_false(findings_are_shifted(&f));
	f.totals.late = 0;
	f.stray = 60; /* of a sender that is behind by a minute */
	assert_true(findings_are_shifted(&f));
	explains(&f, "other times than they were due");
	f = of((struct account_totals){
	    .stated = true, .sent = 100, .received = 100, .early = 100});
	assert_false(findings_are_shifted(&f));
	explains(&f, "before they were sent");
}

static void
losses_have_a_reason(void **state)
{
	struct error trouble = {""};
	struct findings f = of((struct account_totals){
	    .stated = true, .sent = 100, .received = 99, .lost = 1});

	explains(&f, NULL);
	f = of((struct account_totals){.stated = true, .sent = 9, .lost = 9});
	explains(&f, "are UDP and these ports let through");
	f = of((struct account_totals){.stated = true, .skipped = 9});
	explains(&f, "sent none of its packets");
	f = of((struct account_totals){
	    .stated = true, .sent = 9, .lost_locally = 9});
	explains(&f, "dropped by the hosts");
	f = of((struct account_totals){.stated = false});
	explains(&f, "did not say what it sent");
	f = of((struct account_totals){.stated = true});
	explains(&f, NULL); /* nothing was due */
	f.trouble = &trouble;
	explains(&f, NULL);
	error_set(&trouble, "another one");
	explains(&f, "another one");
	findings_begin(&f);
	explains(&f, "not begun");
}

static char detail[1024];

static void
keep_detail(struct probe_run *run, const char *metric, const char *json)
{
	assert_string_equal(metric, "open");
	snprintf(detail, sizeof(detail), "%s", json);
}

static const char *
side_of(const struct findings *findings)
{
	static const struct probe_host host = {.detail = keep_detail};
	static struct probe_worker worker = {.host = &host};
	static struct probe_run run = {.worker = &worker};

	detail[0] = '\0';
	findings_side(findings, &run);
	return (detail);
}

static void
what_is_not_stated_is_said_for_who_does_so(void **state)
{
	static const uint8_t sid[KEYS_SID] = {0xab, 1};
	struct numbers came = {0};
	struct findings f = of((struct account_totals){.stated = true,
	    .sent = 9,
	    .received = 7,
	    .lost = 2,
	    .pattern = {.periods = 1, .noticeable = 1, .longest = 2}});

	assert_string_equal(side_of(&f), "");
	findings_add(&f, &(struct account_totals){.received = 80,
			     .late = 1,
			     .dropped = 3,
			     .dropped_surely = 1,
			     .hops_last = -1});
	for (uint32_t i = 5; i < 85; i++)
		numbers_add(&came, i);
	numbers_add(&came, 99);
	findings_lack(&f, sid, 60, &came);
	assert_string_equal(side_of(&f),
	    "[{\"needs\":[\"ab010000000000000000000000000000/60\"],"
	    "\"came\":[[5,80,14,1]],\"received\":87,\"late\":1,\"longest\":2,"
	    "\"add\":{\"sent\":9,\"lost_locally\":3,\"lost_unsure\":2,"
	    "\"skipped\":0,\"loss_periods\":1,\"loss_near\":1}}]");
	/* nothing came in time: clocks may be apart */
	f.totals.received = 0;
	assert_string_equal(side_of(&f), "");
	f.timely = true;
	assert_string_not_equal(side_of(&f), "");
	findings_lack(&f, NULL, 60, NULL);
	assert_string_equal(side_of(&f), "");
	findings_clear(&f);
	for (int i = 0; i < FINDINGS_LACKS; i++)
		findings_lack(&f, sid, INT64_MAX, &came);
	assert_true(strlen(side_of(&f)) > FINDINGS_LACKS * 50);
	findings_lack(&f, sid, INT64_MAX, &came);
	assert_string_equal(side_of(&f), "");
	findings_clear(&f);
	numbers_clear(&came);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parts_add_up),
	    cmocka_unit_test(clocks_apart_are_no_loss),
	    cmocka_unit_test(losses_have_a_reason),
	    cmocka_unit_test(what_is_not_stated_is_said_for_who_does_so),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
