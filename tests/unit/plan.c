/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/daemon.h"
#include "common/member.h"
#include "common/memory.h"
#include "tests/unit/folder.h"

#define STREAMS "\"streams\":true,"

static const char knock[] =
    "{\"name\":\"knock\",\"version\":1,\"summary\":\"Knocks\"," STREAMS
    "\"runs_at\":\"src\",\"either\":true,\"lasts\":\"count*wait\","
    "\"responder_options\":[{\"name\":\"port\",\"type\":\"count\","
    "\"default\":\"861\",\"least\":1,\"most\":65535,"
    "\"help\":\"Where\"}],\"options\":["
    "{\"name\":\"count\",\"type\":\"count\",\"default\":\"10\",\"least\":1,"
    "\"most\":100,\"help\":\"How often\"},"
    "{\"name\":\"wait\",\"type\":\"duration\",\"default\":\"1s\",\"least\":0,"
    "\"most\":60,\"help\":\"How long\"}],"
    "\"metrics\":[{\"name\":\"heard\",\"kind\":\"count\",\"unit\":\"1\","
    "\"better\":\"more\",\"help\":\"Answers\"}]}";

static const char good[] =
    "{\"v\":1,\"revision\":41,\"box\":\"nyc\",\"key\":\""
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\","
    "\"tests\":[{\"test\":\"core\",\"probe\":\"knock\","
    "\"schedule\":{\"kind\":\"uniform\",\"every\":60},"
    "\"options\":{\"count\":5},"
    "\"targets\":[{\"name\":\"lon\",\"address\":\"198.51.100.7\","
    "\"family\":4},{\"name\":\"www.example.org\",\"end\":\"dst\"}]}],"
    "\"peers\":[],"
    "\"responders\":[{\"probe\":\"knock\",\"options\":{\"port\":8861}}]}";

static struct catalog *
catalog_of(const char *manifest)
{
	struct catalog *catalog = catalog_new();
	json_object *json = member_parse(manifest, strlen(manifest), NULL);
	struct error err = {""};

	assert_non_null(json);
	if (catalog_add(catalog, json, &err) < 0)
		fail_msg("%s", err.text);
	json_object_put(json);
	return (catalog);
}

static struct catalog *
catalog_with_knock(void)
{
	return (catalog_of(knock));
}

/* Takes the catalog over. */
static struct plan *
parse_with(struct catalog *catalog, const char *text, struct error *err)
{
	json_object *json = member_parse(text, strlen(text), NULL);
	struct plan *plan;

	assert_non_null(json);
	plan = plan_parse(json, "nyc", catalog, err);
	json_object_put(json);
	catalog_free(catalog);
	return (plan);
}

static struct plan *
parse(const char *text, struct error *err)
{
	return (parse_with(catalog_with_knock(), text, err));
}

static void
good_plan_is_taken_as_it_is(void **state)
{
	struct error err = {""};
	struct plan *plan = parse(good, &err);
	const struct plan_test *test;

	assert_string_equal(err.text, "");
	assert_non_null(plan);
	assert_int_equal(plan->revision, 41);
	assert_string_equal(plan->box, "nyc");
	assert_int_equal(plan->key[31], 0x1f);
	assert_int_equal(plan->test_count, 1);
	test = &plan->tests[0];
	assert_string_equal(test->name, "core");
	assert_string_equal(test->probe, "knock");
	assert_int_equal(test->targets[0].end, RUNS_AT_SRC);
	assert_int_equal(test->targets[1].end, RUNS_AT_DST);
	assert_int_equal(plan->responder_count, 1);
	assert_string_equal(plan->responders[0].probe, "knock");
	assert_int_equal(
	    member_whole_or(plan->responders[0].options, "port", 0), 8861);
	assert_int_equal(test->timing.kind, TIMING_UNIFORM);
	assert_int_equal(test->timing.every, 60 * NS_PER_S);
	assert_int_equal(member_whole_or(test->options, "count", 0), 5);
	assert_true(test->patience > 5 * NS_PER_S);
	assert_int_equal(test->target_count, 2);
	assert_string_equal(test->targets[0].address, "198.51.100.7");
	assert_int_equal(test->targets[0].family, 4);
	assert_null(test->targets[1].address);
	assert_int_equal(test->targets[1].family, 0);
	plan_free(plan);
}

static void
unknown_members_are_ignored(void **state)
{
	struct error err;
	char *text = memory_print("{\"colour\":\"blue\",%s", good + 1);
	struct plan *plan = parse(text, &err);

	assert_non_null(plan);
	plan_free(plan);
	free(text);
}

/* The good plan with one text replaced by another. */
static char *
spoil(const char *from, const char *to)
{
	const char *place = strstr(good, from);

	assert_non_null(place);
	return (memory_print(
	    "%.*s%s%s", (int)(place - good), good, to, place + strlen(from)));
}

static const struct {
	const char *from, *to;
	const char *place, *reason;
} bad[] = {
    {"\"v\":1", "\"v\":2", "plan: v: 2", "update it"},
    {"\"revision\":41", "\"revision\":\"x\"", "plan: ", "\"revision\""},
    {"\"revision\":41,", "", "plan: ", "\"revision\""},
    {"\"box\":\"nyc\"", "\"box\":\"lon\"", "plan: box: ", "\"lon\""},
    {"000102", "zz0102", "plan: key: ", "64 hexadecimal digits"},
    {"000102", "0102", "plan: key: ", "64 hexadecimal digits"},
    {"\"tests\":[", "\"texts\":[", "plan: ", "\"tests\""},
    {"\"tests\":[", "\"tests\":[7,", "plan: tests[0]: ", "\"test\""},
    {"\"test\":\"core\"", "\"test\":\"../core\"",
	"plan: tests[0]: test: ", "a-z"},
    {"\"tests\":[",
	"\"tests\":[{\"test\":\"core\",\"probe\":\"knock\",\"schedule\":{"
	"\"kind\":\"once\",\"at\":1795300000},\"targets\":[]},",
	"plan: tests[1]: test \"core\": ", "twice"},
    {"\"probe\":\"knock\"", "\"probe\":\"sniff\"",
	"plan: tests[0]: test \"core\": probe: ", "\"sniff\""},
    {"\"kind\":\"uniform\"", "\"kind\":\"weekly\"",
	"plan: tests[0]: test \"core\": schedule: ", "weekly"},
    {"\"every\":60", "\"every\":-60",
	"plan: tests[0]: test \"core\": schedule: ", "every"},
    {"\"every\":60", "\"every\":0",
	"plan: tests[0]: test \"core\": schedule: ", "every"},
    {"\"schedule\":{\"kind\":\"uniform\",\"every\":60},", "",
	"plan: tests[0]: test \"core\": ", "\"schedule\""},
    {"\"count\":5", "\"count\":500",
	"plan: tests[0]: test \"core\": ", "count"},
    {"\"count\":5", "\"count\":\"5\"",
	"plan: tests[0]: test \"core\": ", "count"},
    {"\"count\":5", "\"speed\":5", "plan: tests[0]: test \"core\": ", "speed"},
    {"\"options\":{\"count\":5}", "\"options\":[]",
	"plan: tests[0]: test \"core\": ", "\"options\""},
    {"\"targets\":[", "\"targets\":7,\"old\":[",
	"plan: tests[0]: test \"core\": ", "\"targets\""},
    {"\"name\":\"lon\"", "\"name\":\"l/n\"",
	"plan: tests[0]: test \"core\": targets[0]: name: ", "l/n"},
    {"\"name\":\"lon\"", "\"name\":\"www.example.org\"",
	"plan: tests[0]: test \"core\": targets[1]: ", "twice"},
    {"198.51.100.7", "198.51.100.777",
	"plan: tests[0]: test \"core\": targets[0]: address: ",
	"198.51.100.777"},
    {"198.51.100.7", "2001:db8::7",
	"plan: tests[0]: test \"core\": targets[0]: address: ", "family 4"},
    {"\"end\":\"dst\"", "\"end\":\"left\"",
	"plan: tests[0]: test \"core\": targets[1]: ", "src, dst"},
    {"\"peers\":[]", "\"peers\":[{}]", "plan: peers[0]: ", "\"box\""},
    {"\"responders\":[", "\"responders\":7,\"old\":[",
	"plan: ", "\"responders\""},
    {"\"responders\":[{\"probe\":\"knock\"",
	"\"responders\":[{\"probe\":\"sniff\"",
	"plan: responders[0]: probe: ", "\"sniff\""},
    {"\"port\":8861", "\"port\":0", "plan: responders[0]: ", "port"},
    {"\"family\":4", "\"family\":5",
	"plan: tests[0]: test \"core\": targets[0]: family: ", "4 or 6"},
};

static void
bad_plans_are_refused_with_their_place(void **state)
{
	struct error err;
	char *text;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		text = spoil(bad[i].from, bad[i].to);
		err.text[0] = '\0';
		assert_null(parse(text, &err));
		if (strncmp(err.text, bad[i].place, strlen(bad[i].place)) ||
		    strstr(err.text, bad[i].reason) == NULL)
			fail_msg("%s -> %s: \"%s\"", bad[i].from, bad[i].to,
			    err.text);
		free(text);
	}
}

static void
an_end_is_for_probes_that_run_at_either(void **state)
{
	char *one = memory_text(knock);
	char *either = strstr(one, "\"either\":true,");
	struct error err = {""};

	memset(either, ' ', strlen("\"either\":true,"));
	assert_null(parse_with(catalog_of(one), good, &err));
	assert_non_null(strstr(err.text, "end: knock runs at the src alone"));
	free(one);
}

static void
streams_are_for_probes_that_can(void **state)
{
	char *text = spoil("\"kind\":\"uniform\",\"every\":60",
	    "\"kind\":\"continuous\",\"report\":600");
	char *runs = memory_text(knock);
	char *streams = strstr(runs, STREAMS);
	struct error err = {""};
	struct plan *plan = parse(text, &err);

	assert_string_equal(err.text, "");
	assert_int_equal(plan->tests[0].timing.every, 600 * NS_PER_S);
	assert_true(plan->tests[0].patience > 600 * NS_PER_S);
	plan_free(plan);
	memmove(streams, streams + strlen(STREAMS),
	    strlen(streams + strlen(STREAMS)) + 1);
	assert_null(parse_with(catalog_of(runs), text, &err));
	assert_non_null(strstr(err.text, "schedule: continuous"));
	free(runs);
	free(text);
}

#define OWN(schedule)                                       \
	"\"own\":[{\"test\":\"clock\",\"probe\":\"watch\"," \
	"\"schedule\":" schedule ",\"options\":{},"         \
	"\"targets\":[{\"name\":\"localhost\"}]},"          \
	"{\"test\":\"later\",\"probe\":\"unheard-of\"}],\"peers\""
#define EACH_MINUTE "{\"kind\":\"continuous\",\"report\":60}"

static const char own[] =
    "{\"name\":\"watch\",\"version\":1,\"summary\":\"its watch\","
    "\"runs_at\":\"src\",\"streams\":true,\"of_host\":true,\"options\":[],"
    "\"metrics\":[{\"name\":\"n\",\"kind\":\"count\",\"unit\":\"1\","
    "\"help\":\"Looks\"}]}";

static struct plan *
parse_with_own(const char *text, struct error *err)
{
	struct catalog *catalog = catalog_with_knock();
	json_object *json = member_parse(own, strlen(own), NULL);

	assert_int_equal(catalog_add(catalog, json, NULL), 0);
	json_object_put(json);
	return (parse_with(catalog, text, err));
}

static void
own_tests_are_behind_the_others(void **state)
{
	char *text = spoil("\"peers\"", OWN(EACH_MINUTE));
	struct error err = {""};
	struct plan *plan = parse_with_own(text, &err);

	assert_string_equal(err.text, "");
	assert_int_equal(plan->test_count, 2);
	assert_false(plan->tests[0].own);
	assert_string_equal(plan->tests[1].name, "clock");
	assert_true(plan->tests[1].own);
	plan_free(plan);
	/* a box that cannot do it goes on with the others */
	plan = parse(text, &err);
	assert_int_equal(plan->test_count, 1);
	plan_free(plan);
	free(text);
}

static void
own_tests_are_of_all_the_time(void **state)
{
	char *text =
	    spoil("\"peers\"", OWN("{\"kind\":\"uniform\",\"every\":60}"));
	struct error err = {""};

	assert_null(parse_with_own(text, &err));
	assert_non_null(strstr(
	    err.text, "own[0]: test \"clock\": schedule: expected continuous"));
	free(text);
}

static void
saved_plan_is_loaded_again(void **state)
{
	struct catalog *catalog = catalog_with_knock();
	char *path = folder_path(state, "plan.json");
	struct error err = {""};
	struct plan *plan;

	assert_null(plan_load(path, "nyc", catalog, &err));
	assert_string_equal(err.text, ""); /* there is none yet */
	plan = parse(good, &err);
	assert_int_equal(plan_save(plan, path, &err), 0);
	plan_free(plan);
	plan = plan_load(path, "nyc", catalog, &err);
	assert_non_null(plan);
	assert_int_equal(plan->revision, 41);
	plan_free(plan);
	free(path);
	catalog_free(catalog);
}

static void
damaged_saved_plan_is_refused_by_name(void **state)
{
	struct catalog *catalog = catalog_with_knock();
	char *path = folder_path(state, "plan.json");
	struct error err = {""};

	assert_int_equal(daemon_write_file(path, good, 100, 0600, NULL), 0);
	assert_null(plan_load(path, "nyc", catalog, &err));
	assert_non_null(strstr(err.text, path));
	free(path);
	catalog_free(catalog);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(good_plan_is_taken_as_it_is),
	    cmocka_unit_test(unknown_members_are_ignored),
	    cmocka_unit_test(bad_plans_are_refused_with_their_place),
	    cmocka_unit_test(an_end_is_for_probes_that_run_at_either),
	    cmocka_unit_test(streams_are_for_probes_that_can),
	    cmocka_unit_test(own_tests_are_behind_the_others),
	    cmocka_unit_test(own_tests_are_of_all_the_time),
	    IN_FOLDER(saved_plan_is_loaded_again),
	    IN_FOLDER(damaged_saved_plan_is_refused_by_name),
	};

	return (cmocka_run_group_tests_name("plan", tests, NULL, NULL));
}
