/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/crew.h"

#include <event2/event.h>
#include <json-c/json.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/catalog.h"
#include "common/manifest.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/tree.h"
#include "tests/unit/loop.h"

#define MOST 8

static struct {
	int count;
	void *owner[MOST];
	json_object *record[MOST];
} heard;

static void
on_record(void *arg, void *owner, json_object *record, bool last)
{
	assert_true(last);
	assert_true(heard.count < MOST);
	heard.owner[heard.count] = owner;
	heard.record[heard.count++] = json_object_get(record);
}

static void
forget(void)
{
	for (int i = 0; i < heard.count; i++)
		json_object_put(heard.record[i]);
	heard.count = 0;
}

static uint64_t
start(struct crew *crew, const char *probe, int count, void *owner)
{
	struct crew_run run = {.probe = probe,
	    .target = "127.0.0.1",
	    .patience = 60 * NS_PER_S,
	    .owner = owner};
	uint64_t number;

	run.settings = json_object_new_object();
	member_add_whole(run.settings, "count", count);
	number = crew_start(crew, &run);
	json_object_put(run.settings);
	return (number);
}

static const char *
member_of(int i, const char *name)
{
	return (member_text_or(heard.record[i], name, ""));
}

static void
runs_of_one_probe_share_a_worker(void **state)
{
	struct crew *crew = crew_new(*state, false, on_record, NULL);
	json_object *status;
	int a, b;

	start(crew, "trivial", 2, &a);
	start(crew, "trivial", 4, &b);
	assert_int_equal(crew_open_runs(crew), 2);
	loop_count(*state, &heard.count, 2);
	assert_ptr_equal(heard.owner[0], &a);
	assert_ptr_equal(heard.owner[1], &b);
	assert_string_equal(member_of(1, "outcome"), "measured");
	assert_null(member_get(heard.record[0], "m"));
	assert_null(member_get(heard.record[0], "run"));
	status = crew_status(crew);
	assert_int_equal(json_object_array_length(status), 1);
	json_object_put(status);
	assert_int_equal(crew_open_runs(crew), 0);
	crew_free(crew);
	forget();
}

/* As of a forbidden probe that a plan would have at its far end. */
static void
nobody_is_started_to_be_silent(void **state)
{
	struct crew *crew = crew_new(*state, false, on_record, NULL);
	json_object *status;

	crew_respond(crew, "trivial", NULL);
	status = crew_status(crew);
	assert_int_equal(json_object_array_length(status), 0);
	json_object_put(status);
	crew_free(crew);
}

static int
worker_pid(struct crew *crew)
{
	json_object *status = crew_status(crew);
	int pid = (int)member_whole_or(
	    json_object_array_get_idx(status, 0), "pid", 0);

	json_object_put(status);
	return (pid);
}

static void
a_killed_worker_costs_its_open_runs_only(void **state)
{
	struct crew *crew = crew_new(*state, false, on_record, NULL);

	start(crew, "trivial", 1, NULL);
	loop_count(*state, &heard.count, 1);
	start(crew, "trivial", 1000, NULL);
	assert_int_equal(kill(worker_pid(crew), SIGKILL), 0);
	loop_count(*state, &heard.count, 2);
	assert_string_equal(member_of(1, "outcome"), "failed");
	assert_non_null(strstr(member_of(1, "why"), "signal 9"));
	loop_while(*state, worker_pid(crew) == 0);
	start(crew, "trivial", 1, NULL);
	loop_count(*state, &heard.count, 3);
	assert_string_equal(member_of(2, "outcome"), "measured");
	crew_free(crew);
	forget();
}

static void
a_probe_that_is_not_there_fails_with_the_reason(void **state)
{
	struct crew *crew = crew_new(*state, false, on_record, NULL);

	start(crew, "nosuch", 1, NULL);
	loop_count(*state, &heard.count, 1);
	assert_string_equal(member_of(0, "outcome"), "failed");
	assert_non_null(strstr(member_of(0, "why"), "nosuch"));
	crew_free(crew);
	forget();
}

static void
a_worker_that_hangs_is_killed(void **state)
{
	struct crew *crew = crew_new(*state, false, on_record, NULL);
	struct crew_run run = {.probe = "trivial",
	    .target = "127.0.0.1",
	    .patience = 100 * NS_PER_MS};
	int hung;

	start(crew, "trivial", 1, NULL);
	loop_count(*state, &heard.count, 1);
	hung = worker_pid(crew);
	assert_int_equal(kill(hung, SIGSTOP), 0);
	crew_start(crew, &run);
	loop_count(*state, &heard.count, 2);
	assert_string_equal(member_of(1, "outcome"), "failed");
	assert_non_null(strstr(member_of(1, "why"), "hung"));
	loop_while(*state, worker_pid(crew) == 0 || worker_pid(crew) == hung);
	crew_free(crew);
	forget();
}

static void
runs_wait_for_a_worker_that_is_restarted(void **state)
{
	struct crew *crew = crew_new(*state, false, on_record, NULL);

	start(crew, "trivial", 1, NULL);
	loop_count(*state, &heard.count, 1);
	assert_int_equal(kill(worker_pid(crew), SIGKILL), 0);
	loop_while(*state, worker_pid(crew) != 0);
	start(crew, "trivial", 1, NULL);
	loop_count(*state, &heard.count, 2);
	assert_string_equal(member_of(1, "outcome"), "measured");
	crew_free(crew);
	forget();
}

static void
a_run_that_had_not_begun_outlives_its_worker(void **state)
{
	struct crew *crew = crew_new(*state, false, on_record, NULL);
	struct crew_run run = {.probe = "trivial",
	    .target = "127.0.0.1",
	    .patience = 60 * NS_PER_S};

	start(crew, "trivial", 1, NULL);
	loop_count(*state, &heard.count, 1);
	run.at = clock_wall() + 500 * NS_PER_MS;
	crew_start(crew, &run);
	assert_int_equal(kill(worker_pid(crew), SIGKILL), 0);
	loop_count(*state, &heard.count, 2);
	assert_string_equal(member_of(1, "outcome"), "measured");
	assert_true(clock_of_seconds(member_number_or(
			heard.record[1], "start", 0)) >= run.at - NS_PER_US);
	crew_free(crew);
	forget();
}

static void
a_stopped_run_yields_no_record(void **state)
{
	struct crew *crew = crew_new(*state, false, on_record, NULL);
	uint64_t number;
	int kept;

	number = start(crew, "trivial", 1, NULL);
	start(crew, "trivial", 3, &kept);
	crew_stop(crew, number);
	loop_count(*state, &heard.count, 1);
	assert_ptr_equal(heard.owner[0], &kept);
	assert_int_equal(crew_open_runs(crew), 0);
	crew_free(crew);
	forget();
}

static struct {
	int count;
	bool known;
	struct cost cost;
	char why[200];
} answered;

static void
on_cost(void *arg, const struct cost *cost, const char *why)
{
	answered.count++;
	answered.known = cost != NULL;
	if (cost != NULL)
		answered.cost = *cost;
	else
		snprintf(answered.why, sizeof(answered.why), "%s", why);
}

static void
a_worker_says_what_a_run_costs(void **state)
{
	struct crew *crew = crew_new(*state, false, on_record, NULL);
	json_object *settings =
	    member_parse("{\"rate\":20,\"load\":7000}", 23, NULL);

	answered.count = 0;
	crew_ask(crew, "stream", settings, on_cost, NULL);
	loop_count(*state, &answered.count, 1);
	assert_true(answered.known);
	assert_true(answered.cost.packets == 20);
	assert_true(answered.cost.bits == 7000);
	assert_true(answered.cost.seconds == 1);
	assert_false(answered.cost.heavy);
	json_object_put(settings);
	crew_free(crew);
}

static void
a_cost_that_cannot_be_told_says_why(void **state)
{
	struct crew *crew = crew_new(*state, false, on_record, NULL);
	json_object *settings = member_parse("{\"rate\":-1}", 11, NULL);

	answered.count = 0;
	crew_ask(crew, "stream", settings, on_cost, NULL);
	loop_count(*state, &answered.count, 1);
	assert_false(answered.known);
	assert_non_null(strstr(answered.why, "rate"));
	crew_ask(crew, "nosuch", NULL, on_cost, NULL);
	loop_count(*state, &answered.count, 2);
	assert_false(answered.known);
	assert_non_null(strstr(answered.why, "nosuch"));
	json_object_put(settings);
	crew_free(crew);
}

static void
manifests_are_those_installed(void **state)
{
	struct crew *crew = crew_new(*state, false, on_record, NULL);
	const struct catalog *catalog = crew_catalog(crew);
	static const char *const names[] = {
	    "clock", "guest", "nasty", "stream", "trivial"};

	/* one needs no plug-in */
	assert_int_equal(catalog_size(catalog), 5);
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(catalog_at(catalog, i)->name, names[i]);
	assert_true(crew_catalog(crew) == catalog);
	crew_free(crew);
}

static struct {
	int count;
	void *owner;
	bool last;
	char outcome[20];
	int64_t wakeups;
} tree;

static void
on_tree(void *arg, void *owner, const struct tree_node *record, bool last)
{
	const struct tree_node *metrics = tree_get(record, "metrics");

	tree.count++;
	tree.owner = owner;
	tree.last = last;
	snprintf(tree.outcome, sizeof(tree.outcome), "%s",
	    tree_text_or(record, "outcome", ""));
	tree.wakeups = tree_whole_or(metrics, "wakeups", -1);
}

/* Those of its worker; what the crew has to say itself comes as ever. */
static void
records_may_come_as_trees(void **state)
{
	struct crew *crew = crew_new(*state, false, on_record, NULL);
	int a, b;

	crew_trees(crew, on_tree);
	tree.count = 0;
	start(crew, "trivial", 3, &a);
	loop_count(*state, &tree.count, 1);
	assert_ptr_equal(tree.owner, &a);
	assert_true(tree.last);
	assert_string_equal(tree.outcome, "measured");
	assert_int_equal(tree.wakeups, 3);
	assert_int_equal(heard.count, 0);
	assert_int_equal(crew_open_runs(crew), 0);
	start(crew, "nosuch", 3, &b);
	loop_count(*state, &heard.count, 1);
	assert_ptr_equal(heard.owner[0], &b);
	assert_string_equal(member_of(0, "outcome"), "failed");
	assert_int_equal(tree.count, 1);
	crew_free(crew);
	forget();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, loop_make, loop_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(runs_of_one_probe_share_a_worker),
	    TEST(nobody_is_started_to_be_silent),
	    TEST(records_may_come_as_trees),
	    TEST(a_killed_worker_costs_its_open_runs_only),
	    TEST(a_probe_that_is_not_there_fails_with_the_reason),
	    TEST(a_worker_that_hangs_is_killed),
	    TEST(runs_wait_for_a_worker_that_is_restarted),
	    TEST(a_run_that_had_not_begun_outlives_its_worker),
	    TEST(a_stopped_run_yields_no_record),
	    TEST(a_worker_says_what_a_run_costs),
	    TEST(a_cost_that_cannot_be_told_says_why),
	    TEST(manifests_are_those_installed),
	};
	char *probes =
	    memory_print("%s/tests/probe/.libs", getenv("TOP_BUILDDIR"));

	setenv("PHAROS_PROBES", probes, 1);
	free(probes);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
