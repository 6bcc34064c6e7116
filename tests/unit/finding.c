/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/finding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/discipline.h"
#include "common/member.h"
#include "common/memory.h"

#define START (INT64_C(1795300000) * NS_PER_S)

static const struct discipline kernel_clock = {
    .source = "kernel", .bounded = true, .error = 0.000009};
static const struct discipline no_clock = {.source = "none"};

/* Of one test towards one target. */
static struct worklist *
make_list(enum manifest_end end)
{
	struct plan *plan = memory_new(1, sizeof(*plan));

	plan->revision = 41;
	plan->box = memory_text("nyc");
	plan->test_count = 1;
	plan->tests = memory_new(1, sizeof(*plan->tests));
	plan->tests[0].name = memory_text("core");
	plan->tests[0].probe = memory_text("knock");
	plan->tests[0].target_count = 1;
	plan->tests[0].targets = memory_new(1, sizeof(struct plan_target));
	plan->tests[0].targets[0].name = memory_text("lon");
	plan->tests[0].targets[0].end = end;
	return (worklist_new(plan));
}

static json_object *
parse(const char *text)
{
	json_object *json = member_parse(text, strlen(text), NULL);

	assert_non_null(json);
	return (json);
}

/* As the collector would look at it, with what the spool adds. */
static void
assert_accepted(json_object *record)
{
	struct error err = {""};

	member_add_text(record, "id", "nyc/0123456789abcdef/1");
	member_add_text(record, "agent", "nyc");
	record_check(record, 1795300100, &err);
	assert_string_equal(err.text, "");
}

static void
a_finding_becomes_a_record(void **state)
{
	struct worklist *list = make_list(RUNS_AT_SRC);
	json_object *found = parse(
	    "{\"address\":\"198.51.100.7\",\"family\":4,"
	    "\"start\":1795300000.5,\"end\":1795300001.5,\"lateness\":0.5,"
	    "\"outcome\":\"measured\",\"stamps\":\"user/kernel\","
	    "\"metrics\":{\"sent\":1},\"later\":7}");
	json_object *record =
	    finding_complete(&list->jobs[0], START, found, &kernel_clock);
	json_object *clock = member_get(record, "clock");

	assert_int_equal(member_whole_or(record, "v", 0), 1);
	assert_int_equal(member_whole_or(record, "plan", 0), 41);
	assert_string_equal(member_text_or(record, "test", ""), "core");
	assert_string_equal(member_text_or(record, "probe", ""), "knock");
	assert_string_equal(member_text_or(record, "src", ""), "nyc");
	assert_string_equal(member_text_or(record, "dst", ""), "lon");
	assert_true(member_number_or(record, "start", 0) == 1795300000.5);
	assert_int_equal(member_whole_or(record, "later", 0), 7);
	assert_string_equal(member_text_or(clock, "stamps", ""), "user/kernel");
	assert_string_equal(
	    member_text_or(member_get(clock, "src"), "source", ""), "kernel");
	assert_null(member_get(record, "stamps"));
	assert_accepted(record);
	json_object_put(found);
	json_object_put(record);
	worklist_leave(list);
}

static void
an_unknown_clock_has_no_bound(void **state)
{
	struct worklist *list = make_list(RUNS_AT_SRC);
	json_object *found = parse("{\"outcome\":\"failed\",\"why\":\"x\"}");
	json_object *record =
	    finding_complete(&list->jobs[0], START, found, &no_clock);
	json_object *mine = member_get(member_get(record, "clock"), "src");

	assert_string_equal(member_text_or(mine, "source", ""), "none");
	assert_null(member_get(mine, "error"));
	assert_accepted(record);
	json_object_put(found);
	json_object_put(record);
	worklist_leave(list);
}

static void
a_worker_cannot_speak_for_another_test(void **state)
{
	struct worklist *list = make_list(RUNS_AT_SRC);
	json_object *found =
	    parse("{\"outcome\":\"measured\",\"test\":\"other\","
		  "\"src\":\"par\",\"id\":\"par/0123456789abcdef/1\"}");
	json_object *record =
	    finding_complete(&list->jobs[0], START, found, &no_clock);

	assert_string_equal(member_text_or(record, "test", ""), "core");
	assert_string_equal(member_text_or(record, "src", ""), "nyc");
	assert_null(member_get(record, "id"));
	json_object_put(found);
	json_object_put(record);
	worklist_leave(list);
}

static void
a_probe_of_the_far_end_has_this_box_as_dst(void **state)
{
	struct worklist *list = make_list(RUNS_AT_DST);
	json_object *found = parse("{\"outcome\":\"measured\"}");
	json_object *record =
	    finding_complete(&list->jobs[0], START, found, &kernel_clock);

	assert_string_equal(member_text_or(record, "src", ""), "lon");
	assert_string_equal(member_text_or(record, "dst", ""), "nyc");
	assert_non_null(member_get(member_get(record, "clock"), "dst"));
	json_object_put(found);
	json_object_put(record);
	worklist_leave(list);
}

static void
the_far_clock_is_the_other_ends(void **state)
{
	struct worklist *list = make_list(RUNS_AT_DST);
	json_object *found = parse(
	    "{\"outcome\":\"measured\",\"clocks\":{\"near\":0.00001,\"far\":0.00025,\"both\":0.00028}}");
	json_object *record =
	    finding_complete(&list->jobs[0], START, found, &kernel_clock);
	json_object *clock = member_get(record, "clock");
	json_object *src = member_get(clock, "src");

	assert_string_equal(member_text_or(src, "source", ""), "far");
	assert_true(member_number_or(src, "error", 0) == 0.00025);
	assert_string_equal(
	    member_text_or(member_get(clock, "dst"), "source", ""), "kernel");
	assert_true(member_number_or(member_get(clock, "dst"), "error", 0) ==
		    0.00001); /* as it was then */
	assert_true(member_number_or(clock, "error", 0) == 0.00028);
	assert_null(member_get(record, "clocks"));
	json_object_put(found);
	json_object_put(record);
	worklist_leave(list);
}

static void
a_far_clock_that_nobody_keeps_right_has_no_bound(void **state)
{
	struct worklist *list = make_list(RUNS_AT_SRC);
	json_object *found =
	    parse("{\"outcome\":\"measured\",\"clocks\":{\"near\":0.00001}}");
	json_object *record =
	    finding_complete(&list->jobs[0], START, found, &kernel_clock);
	json_object *clock = member_get(record, "clock");
	json_object *dst = member_get(clock, "dst");

	assert_string_equal(member_text_or(dst, "source", ""), "none");
	assert_null(member_get(dst, "error"));
	assert_null(member_get(clock, "error"));
	json_object_put(found);
	json_object_put(record);
	worklist_leave(list);
}

static void
no_finding_is_a_record_too(void **state)
{
	struct worklist *list = make_list(RUNS_AT_SRC);
	json_object *record = finding_none(&list->jobs[0], START,
	    START - NS_PER_S, OUTCOME_SKIPPED, "its time had passed");

	assert_string_equal(member_text_or(record, "outcome", ""), "skipped");
	assert_true(member_number_or(record, "end", 0) == 1795300000);
	assert_accepted(record);
	json_object_put(record);
	worklist_leave(list);
}

static void
a_flow_is_the_same_in_every_life(void **state)
{
	struct worklist *a = make_list(RUNS_AT_SRC);
	struct worklist *b = make_list(RUNS_AT_SRC);
	struct worklist *back = make_list(RUNS_AT_DST);

	assert_int_equal(a->jobs[0].flow, b->jobs[0].flow);
	assert_int_not_equal(a->jobs[0].flow, back->jobs[0].flow);
	worklist_leave(a);
	worklist_leave(b);
	worklist_leave(back);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_finding_becomes_a_record),
	    cmocka_unit_test(an_unknown_clock_has_no_bound),
	    cmocka_unit_test(a_worker_cannot_speak_for_another_test),
	    cmocka_unit_test(a_probe_of_the_far_end_has_this_box_as_dst),
	    cmocka_unit_test(the_far_clock_is_the_other_ends),
	    cmocka_unit_test(a_far_clock_that_nobody_keeps_right_has_no_bound),
	    cmocka_unit_test(no_finding_is_a_record_too),
	    cmocka_unit_test(a_flow_is_the_same_in_every_life),
	};

	return (cmocka_run_group_tests_name("finding", tests, NULL, NULL));
}
