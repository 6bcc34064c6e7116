/* SPDX-License-Identifier: BSD-2-Clause */
/* Workers whose plug-in does what it must not: what comes of its run, and
 * whether it is of use for the next one. */
#include "agent/hearing.h"

#include <event2/event.h>
#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "agent/crew.h"
#include "common/error.h"
#include "common/member.h"
#include "common/memory.h"
#include "tests/unit/loop.h"

#define MOST 8

static struct {
	int count;
	json_object *record[MOST];
} heard;

static void
on_record(void *arg, void *owner, json_object *record, bool last)
{
	assert_true(last);
	assert_true(heard.count < MOST);
	heard.record[heard.count++] = json_object_get(record);
}

static void
forget(void)
{
	for (int i = 0; i < heard.count; i++)
		json_object_put(heard.record[i]);
	heard.count = 0;
}

static json_object *
settings_of(const char *act, int run)
{
	json_object *settings = json_object_new_object();

	member_add_text(settings, "act", act);
	member_add_whole(settings, "run", run);
	return (settings);
}

/* The first run of a crew is number 1. */
static void
start(struct crew *crew, const char *act)
{
	struct crew_run run = {.probe = "nasty",
	    .target = "127.0.0.1",
	    .patience = strcmp(act, "hang") == 0 ? NS_PER_S : 9 * NS_PER_S,
	    .settings = settings_of(act, 1)};

	crew_start(crew, &run);
	json_object_put(run.settings);
}

static const struct {
	const char *act, *why;
} nasty[] = {
    {"crash", "killed by signal 6"},
    {"leave", "exited with status 0"},
    {"hang", "its worker hung"},
    {"garbage", "garbage on the channel"},
    {"endless", "a line on the channel is too long"},
    {"follow", "says that others follow"},
    {"foreign", "\"outcome\": \"fine\", expected measured"},
    {"early", "\"start\": 0.000, expected Unix seconds from"},
    {"infinite", "garbage on the channel"},
    {"mute", "did not end in the time that it announced"},
};

/* The next run, or the one after that: a worker that is about to be ended takes
 * one with it. */
static void
try_good(struct event_base *base, struct crew *crew)
{
	for (int i = 0; i < 2; i++) {
		start(crew, "good");
		loop_count(base, &heard.count, heard.count + 1);
		if (strcmp(member_text_or(
			       heard.record[heard.count - 1], "outcome", ""),
			"measured") == 0)
			return;
	}
	fail_msg("no run is measured any more");
}

static void
try(void **state, const char *act, const char *why)
{
	struct crew *crew = crew_new(*state, false, on_record, NULL);
	const char *said;

	start(crew, act);
	loop_count(*state, &heard.count, 1);
	said = member_text_or(heard.record[0], "why", "");
	assert_string_equal(
	    member_text_or(heard.record[0], "outcome", ""), "failed");
	if (strstr(said, why) == NULL)
		fail_msg("%s: \"%s\"", act, said);
	try_good(*state, crew);
	assert_int_equal(crew_open_runs(crew), 0);
	crew_free(crew);
	forget();
}

static void
each_costs_its_own_run_and_says_why(void **state)
{
	for (size_t i = 0; i < sizeof(nasty) / sizeof(*nasty); i++)
		try(state, nasty[i].act, nasty[i].why);
}

/* Kilobytes. */
static long
memory_used(void)
{
	struct rusage usage;

	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	return (usage.ru_maxrss);
}

static void
a_flood_is_ended_and_takes_no_memory(void **state)
{
	long before = memory_used();

	try(state, "flood", "it said more than it was asked, and was killed");
	assert_true(memory_used() - before < 64 * 1024);
}

static struct {
	int count;
	char why[200];
} answered;

static void
on_cost(void *arg, const struct cost *cost, const char *why)
{
	assert_null(cost);
	answered.count++;
	snprintf(answered.why, sizeof(answered.why), "%s", why);
}

static void
a_price_below_nothing_is_none(void **state)
{
	struct crew *crew = crew_new(*state, false, on_record, NULL);
	json_object *settings = settings_of("costly", 1);

	answered.count = 0;
	crew_ask(crew, "nasty", settings, on_cost, NULL);
	loop_count(*state, &answered.count, 1);
	assert_string_equal(
	    answered.why, "its worker's price is not of numbers from 0");
	json_object_put(settings);
	crew_free(crew);
}

static void
a_few_messages_for_nothing_are_no_flood(void **state)
{
	struct hearing hearing = {0};

	for (int second = 1; second < 5; second++)
		for (int i = 0; i < HEARING_SURPLUS; i++)
			assert_false(hearing_surplus(
			    &hearing, second * NS_PER_S, HEARING_SURPLUS));
	assert_true(
	    hearing_surplus(&hearing, 4 * NS_PER_S + 1, HEARING_SURPLUS));
}

static json_object *
good_record(void)
{
	static const char text[] =
	    "{\"outcome\":\"measured\",\"metrics\":{\"sent\":1}}";
	json_object *record = member_parse(text, strlen(text), NULL);

	member_add_duration(record, "start", clock_wall() - NS_PER_S);
	member_add_duration(record, "end", clock_wall());
	return (record);
}

static void
a_stream_has_as_many_records_as_intervals(void **state)
{
	struct hearing_order order = {
	    .report = NS_PER_S, .since = clock_monotonic() - 10 * NS_PER_S};
	json_object *record = good_record();
	struct error err;
	int taken = 0;

	while (taken < 100 && hearing_record(&order, record, false, &err) == 0)
		taken++;
	assert_in_range(taken, 10, 14);
	assert_non_null(strstr(err.text, "expected one an interval"));
	json_object_put(record);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, loop_make, loop_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(each_costs_its_own_run_and_says_why),
	    TEST(a_flood_is_ended_and_takes_no_memory),
	    TEST(a_price_below_nothing_is_none),
	    cmocka_unit_test(a_few_messages_for_nothing_are_no_flood),
	    cmocka_unit_test(a_stream_has_as_many_records_as_intervals),
	};
	char *probes =
	    memory_print("%s/tests/probe/.libs", getenv("TOP_BUILDDIR"));

	setenv("PHAROS_PROBES", probes, 1);
	free(probes);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
