/* SPDX-License-Identifier: BSD-2-Clause */
/* What the court remembers from one sitting to the next. */
#include "collector/court.h"

#include <json-c/json.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/court_fleet.h"

static void
recall(struct court *next, struct court *last, size_t box)
{
	json_object *memory = court_memory(last, box);

	court_recall(next, box, memory);
	json_object_put(memory);
}

static void
what_was_named_is_remembered_and_ends(void **state)
{
	struct court_fleet *f = court_fleet_new(BOXES, 12, CLAIM);
	nanoseconds since;

	court_fleet_minute(f);
	f->clocks[4].offset = 20 * MS;
	court_fleet_minute(f);
	since = court_finding(f->court, 4)->since;
	assert_int_equal(since, court_fleet_now(f) - COURT_MINUTE / 2);
	for (int minute = 0; minute < 3; minute++) {
		struct court *next = court_new(BOXES);

		for (size_t i = 0; i < BOXES; i++)
			recall(next, f->court, i);
		court_free(f->court);
		f->court = next;
		court_fleet_minute(f);
		assert_int_equal(court_finding(f->court, 4)->since, since);
	}
	f->clocks[4].offset = 0;
	court_fleet_minute(f);
	court_fleet_minute(f);
	assert_int_equal(court_fleet_named(f), 0);
	assert_int_equal(court_finding(f->court, 4)->since, 0);
	court_fleet_free(f);
}

/* After it, people still see when that was. */
static void
what_was_named_is_a_case_when_it_is_over(void **state)
{
	struct court_fleet *f = court_fleet_new(BOXES, 14, CLAIM);
	struct court *next = court_new(BOXES);
	struct court_case cases[COURT_CASES];
	nanoseconds since, seen;

	court_fleet_minute(f);
	f->clocks[4].offset = -20 * MS;
	court_fleet_minute(f);
	since = court_finding(f->court, 4)->since;
	seen = court_fleet_now(f);
	assert_int_equal(court_cases(f->court, 4, cases), 0);
	f->clocks[4].offset = 0;
	court_fleet_minute(f);
	for (size_t i = 0; i < BOXES; i++)
		assert_int_equal(court_cases(f->court, i, cases), i == 4);
	recall(next, f->court, 4);
	assert_int_equal(court_cases(next, 4, cases), 1);
	assert_int_equal(cases[0].verdict, COURT_WRONG);
	assert_int_equal(cases[0].since, since);
	assert_int_equal(cases[0].until, seen);
	assert_true(fabs(cases[0].offset + 20 * MS) < MS);
	court_free(next);
	court_fleet_free(f);
}

static void
a_memory_that_is_no_memory_is_forgotten(void **state)
{
	static const char *const texts[] = {"{}", "[]", "3",
	    "{\"cases\":[[1],2,[\"wrong\",{}],[null,1,2,3]],\"named\":\"x\"}",
	    "{\"rows\":[[1],2,{}],\"stretch\":-5,\"named\":7}",
	    "{\"rows\":[[1,2,3,true],[1,2,3,true]],\"stretch\":99}"};
	struct court *court = court_new(1);

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		json_object *json = json_tokener_parse(texts[i]);

		court_recall(court, 0, json);
		json_object_put(json);
		court_sit(court, NS_PER_S, &(struct court_claim){0}, NULL, 0);
		assert_int_equal(
		    court_finding(court, 0)->verdict, COURT_UNCHECKED);
	}
	court_free(court);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_named_is_remembered_and_ends),
	    cmocka_unit_test(what_was_named_is_a_case_when_it_is_over),
	    cmocka_unit_test(a_memory_that_is_no_memory_is_forgotten),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
