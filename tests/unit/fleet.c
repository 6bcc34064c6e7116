/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/fleet.h"
#include "collector/planner.h"
#include "common/manifest.h"
#include "common/member.h"

static const char manifest_text[] =
    "{\"name\":\"echo\",\"version\":1,\"summary\":\"an echo\","
    "\"runs_at\":\"src\",\"lasts\":\"count*spacing+timeout\",\"options\":["
    "{\"name\":\"count\",\"type\":\"count\",\"default\":\"10\",\"least\":1,"
    "\"most\":100,\"help\":\"how many\"},"
    "{\"name\":\"spacing\",\"type\":\"duration\",\"default\":\"100ms\","
    "\"least\":0.001,\"most\":60,\"help\":\"how far apart\"},"
    "{\"name\":\"timeout\",\"type\":\"duration\",\"default\":\"2s\","
    "\"least\":0.01,\"most\":60,\"help\":\"how long\"}],"
    "\"metrics\":[{\"name\":\"sent\",\"kind\":\"count\",\"unit\":\"1\","
    "\"better\":\"neither\",\"help\":\"sent\"}]}";

/* A stream of it reports at most 2 s after each interval. */
static const char flow_text[] =
    "{\"name\":\"flow\",\"version\":1,\"summary\":\"a stream\","
    "\"runs_at\":\"src\",\"lasts\":\"timeout+5\",\"reports\":\"timeout\","
    "\"streams\":true,"
    "\"options\":[{\"name\":\"timeout\",\"type\":\"duration\","
    "\"default\":\"2s\",\"least\":0.01,\"most\":60,\"help\":\"how long\"}],"
    "\"metrics\":[{\"name\":\"sent\",\"kind\":\"count\",\"unit\":\"1\","
    "\"better\":\"neither\",\"help\":\"sent\"}]}";

static const char good[] =
    "sites:\n"
    "  nyc: {address: 198.51.100.1, groups: [us], location: [40.7, -74]}\n"
    "  lon: {address: [198.51.100.7, \"2001:db8::7\"], groups: [eu],"
    " label: {en: London, zh: 伦敦}}\n"
    "  par: {groups: [eu], boxes: {par-a: {address: \"2001:db8::8\"},"
    " par-b: {address: 198.51.100.9, inbound: no}}}\n"
    "targets:\n"
    "  www.example.org: {groups: [far]}\n"
    "  192.0.2.80:\n"
    "meshes:\n"
    "  core: {members: [\"@us\", lon, par]}\n"
    "tests:\n"
    "  core-echo: {mesh: core, probe: echo, schedule: {uniform: 60s},"
    " options: {count: 20, spacing: 50ms}}\n"
    "  far: {from: [\"@eu\"], to: [targets], probe: echo,"
    " schedule: {periodic: 30m}, history: none}\n"
    "  four: {mesh: core, probe: echo, family: 4, schedule: {poisson: 5s},"
    " keep: {records: 90d, size: 10GB, days: 30y}}\n";

static void
add_manifest(struct catalog *c, const char *text)
{
	json_object *json = member_parse(text, strlen(text), NULL);
	struct error err = {""};

	if (catalog_add(c, json, &err) == -1)
		fail_msg("%s", err.text);
	json_object_put(json);
}

static struct catalog *
catalog(void)
{
	struct catalog *c = catalog_new();

	add_manifest(c, manifest_text);
	add_manifest(c, flow_text);
	return (c);
}

static struct fleet *
read_text(const char *text, json_object **problems, json_object **warnings)
{
	char path[] = "/tmp/pharos-fleet-XXXXXX";
	struct fleet *fleet;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	fleet = fleet_read(path, catalog(), problems, warnings);
	unlink(path);
	return (fleet);
}

static struct fleet *
read_good(void)
{
	json_object *problems, *warnings;
	struct fleet *fleet = read_text(good, &problems, &warnings);

	if (fleet == NULL)
		fail_msg("%s", json_object_to_json_string(problems));
	json_object_put(problems);
	json_object_put(warnings);
	return (fleet);
}

/* The file is refused, and one of the problems holds the text. */
static void
refused(const char *text, const char *expected)
{
	json_object *problems, *warnings;
	struct fleet *fleet = read_text(text, &problems, &warnings);
	bool found = false;

	assert_null(fleet);
	for (size_t i = 0; i < json_object_array_length(problems); i++)
		found |= strstr(json_object_get_string(
				    json_object_array_get_idx(problems, i)),
			     expected) != NULL;
	if (!found)
		fail_msg("expected \"%s\" in %s", expected,
		    json_object_to_json_string(problems));
	json_object_put(problems);
	json_object_put(warnings);
}

static void
fleet_file_gives_boxes_axes_and_options(void **state)
{
	struct fleet *fleet = read_good();
	const struct fleet_test *test = fleet_test(fleet, "core-echo");

	assert_int_equal(fleet->site_count, 3);
	assert_int_equal(fleet->end_count, 6);
	assert_non_null(test);
	assert_int_equal(test->source_count, 4);
	assert_false(test->rectangle);
	assert_string_equal(fleet->ends[test->sources[2]].name, "par-a");
	assert_int_equal(member_whole_or(test->options, "count", 0), 20);
	assert_int_equal(fleet_lasts(test), 3 * NS_PER_S);
	test = fleet_test(fleet, "far");
	assert_int_equal(test->source_count, 3);
	assert_int_equal(test->destination_count, 2);
	assert_true(test->rectangle);
	assert_false(test->history);
	fleet_free(fleet);
}

static void
a_stream_is_as_long_as_its_reports(void **state)
{
	json_object *problems, *warnings;
	struct fleet *fleet = read_text(
	    "sites: {a: {address: 192.0.2.1}, b: {address: 192.0.2.2}}\n"
	    "meshes: {m: {members: [a, b]}}\n"
	    "tests:\n"
	    "  t: {mesh: m, probe: flow, schedule: {continuous: {report: 90s}}}\n"
	    "  u: {mesh: m, probe: flow, schedule: {uniform: 90s}}\n",
	    &problems, &warnings);
	const struct fleet_test *stream, *runs;

	assert_non_null(fleet);
	stream = fleet_test(fleet, "t");
	runs = fleet_test(fleet, "u");
	assert_int_equal(fleet_lasts(stream), 92 * NS_PER_S);
	assert_int_equal(fleet_lasts(runs), 7 * NS_PER_S);
	assert_true(fleet_stale_after(stream) > 92 * NS_PER_S);
	assert_true(fleet_stale_after(stream) < fleet_stale_after(runs));
	fleet_free(fleet);
	json_object_put(problems);
	json_object_put(warnings);
}

static void
normal_form_reads_back_the_same(void **state)
{
	struct fleet *fleet = read_good();
	json_object *json = fleet_json(fleet);
	struct error err = {""};
	struct fleet *again = fleet_parse(json, &err);
	json_object *second;

	if (again == NULL)
		fail_msg("%s", err.text);
	second = fleet_json(again);
	assert_true(json_object_equal(json, second));
	json_object_put(json);
	json_object_put(second);
	fleet_free(again);
	fleet_free(fleet);
}

static void
tests_say_how_much_of_them_is_kept(void **state)
{
	const nanoseconds day = 86400 * NS_PER_S;
	struct fleet *fleet = read_good();
	const struct fleet_keep *usual = &fleet_test(fleet, "core-echo")->keep;
	const struct fleet_keep *said = &fleet_test(fleet, "four")->keep;

	assert_int_equal(usual->records, 365 * day);
	assert_int_equal(usual->size, 0);
	assert_int_equal(usual->hours, 2 * 365 * day);
	assert_int_equal(usual->days, 20 * 365 * day);
	assert_int_equal(said->records, 90 * day);
	assert_int_equal(said->size, 10000000000);
	assert_int_equal(said->hours, 2 * 365 * day);
	assert_int_equal(said->days, 30 * 365 * day);
	fleet_free(fleet);
}

static void
pairs_use_a_family_both_ends_have(void **state)
{
	struct fleet *fleet = read_good();
	const struct fleet_test *test = fleet_test(fleet, "core-echo");
	struct fleet_pair pair;

	fleet_pair(fleet, test, 0, 1, &pair); /* nyc has IPv4 only */
	assert_true(pair.tested);
	assert_int_equal(pair.family, 4);
	assert_string_equal(pair.address, "198.51.100.7");
	fleet_pair(fleet, test, 1, 2, &pair); /* lon to par-a: IPv6 */
	assert_int_equal(pair.family, 6);
	fleet_pair(fleet, test, 0, 2, &pair); /* none in common */
	assert_false(pair.tested);
	fleet_pair(fleet, test, 1, 1, &pair); /* itself */
	assert_false(pair.tested);
	fleet_pair(fleet, test, 1, 3, &pair); /* par-b takes nothing inbound */
	assert_false(pair.tested);
	fleet_free(fleet);
}

static void
targets_without_an_address_are_resolved_by_the_box(void **state)
{
	struct fleet *fleet = read_good();
	const struct fleet_test *test = fleet_test(fleet, "far");
	struct fleet_pair pair;

	fleet_pair(fleet, test, 0, 0, &pair);
	assert_true(pair.tested);
	assert_null(pair.address);
	fleet_pair(fleet, test, 0, 1, &pair);
	assert_string_equal(pair.address, "192.0.2.80");
	fleet_free(fleet);
}

static void
untested_pairs_are_a_warning(void **state)
{
	json_object *problems, *warnings;
	struct fleet *fleet = read_text(good, &problems, &warnings);
	const char *all = json_object_to_json_string(warnings);

	assert_non_null(fleet);
	assert_non_null(strstr(all, "test core-echo"));
	assert_non_null(strstr(all, "nyc to par-a"));
	fleet_free(fleet);
	json_object_put(problems);
	json_object_put(warnings);
}

static void
mistakes_are_named_with_their_place(void **state)
{
	refused("sites:\n  NYC: {}\n", ":2:3: site \"NYC\"");
	refused("sites:\n  a: {address: example.org}\n",
	    "expected an IPv4 or IPv6 address");
	refused(
	    "sites:\n  a: {}\n  b: {boxes: {a: {}}}\n", "the name a is taken");
	refused("sites:\n  a: {adress: 192.0.2.1}\n", "address");
	refused("sites:\n  a: {location: [91, 0]}\n", "from -90 to 90");
	refused("sites: {a: {}}\nmeshes:\n  m: {members: [a, b]}\n",
	    "nothing is named \"b\"");
	refused("sites: {a: {}}\nmeshes:\n  m: {members: [\"@x\"]}\n",
	    "in a group \"x\"");
	refused("sites: {a: {}}\ntargets: {t: }\nmeshes:\n"
		"  m: {members: [a, t]}\n",
	    "runs no agent");
	refused("sites: [a]\n", ":1:1: a list, expected a map of sites");
	refused("sites: {a: 192.0.2.1}\n",
	    ":1:9: text, expected a site such as {address: 192.0.2.1}");
	refused("sites: {a: {inbound: [no]}}\n", "a list, expected yes or no");
	refused(
	    "sites: {a: {groups: us}}\n", "text, expected a list of groups");
	refused("sites: {a: {}}\nmeshes:\n  m: [a]\n",
	    "a list, expected a mesh such as {members: [a, b]}");
	refused("sites: {a: {}}\nmeshes:\n  m: {members: a}\n",
	    "text, expected a list of members");
	refused("tests:\n  t: {mesh: none}\n", "there is no mesh \"none\"");
}

/* A test of one site with these members. */
static void
test_refused(const char *members, const char *expected)
{
	char text[512];

	snprintf(text, sizeof(text),
	    "sites: {a: {address: 192.0.2.1}, b: {address: 192.0.2.2}}\n"
	    "meshes: {m: {members: [a, b]}}\ntests:\n  t: {%s}\n",
	    members);
	refused(text, expected);
}

static void
mistakes_in_tests_are_named(void **state)
{
	const char *base = "mesh: m, schedule: {uniform: 1m}, probe: ";
	char text[256];

	snprintf(text, sizeof(text), "%snosuch", base);
	test_refused(text, "unknown probe \"nosuch\"");
	snprintf(text, sizeof(text), "%secho, options: {cuont: 1}", base);
	test_refused(text, "cuont");
	snprintf(text, sizeof(text), "%secho, options: {count: 1000}", base);
	test_refused(text, "count");
	snprintf(text, sizeof(text), "%secho, options: {spacing: 10}", base);
	test_refused(text, "spacing");
	snprintf(text, sizeof(text), "%secho, family: 5", base);
	test_refused(text, "expected 4 or 6");
	snprintf(text, sizeof(text), "%secho, history: some", base);
	test_refused(text, "expected none");
	snprintf(text, sizeof(text), "%secho, keep: {records: 90}", base);
	test_refused(text, "records: \"90\": expected a duration");
	snprintf(text, sizeof(text), "%secho, keep: {minutes: 1y}", base);
	test_refused(text, "unknown key \"minutes\"");
	snprintf(text, sizeof(text), "%secho, history: {}", base);
	test_refused(text, "a map, expected none, or leave it out");
	snprintf(text, sizeof(text), "%secho, family: [4]", base);
	test_refused(text, "a list, expected 4 or 6");
	test_refused("mesh: m, probe: echo", "expected a schedule");
	test_refused("mesh: m, probe: echo, schedule: {uniform: 60}", "60");
	test_refused("mesh: m, probe: echo, schedule: {continuous: "
		     "{report: 1m}}",
	    "the runs of echo come to an end");
	test_refused("mesh: m, from: [a], to: [b], probe: echo, "
		     "schedule: {uniform: 1m}",
	    "not both");
	test_refused("from: [a], probe: echo, schedule: {uniform: 1m}",
	    "belong together");
}

static void
every_mistake_is_reported_not_only_the_first(void **state)
{
	json_object *problems, *warnings;
	struct fleet *fleet =
	    read_text("sites:\n  A: {}\n  b: {address: x}\n"
		      "tests:\n  t: {mesh: none, probe: nosuch}\n",
		&problems, &warnings);

	assert_null(fleet);
	assert_true(json_object_array_length(problems) >= 5);
	json_object_put(problems);
	json_object_put(warnings);
}

static void
every_mistake_of_a_map_is_reported(void **state)
{
	const char *three = "mesh: m, probe: echo, schedule: {uniform: 1m}, "
			    "options: {count: 0, spacing: 100, size: 10}";
	const char *keep = "mesh: m, probe: echo, schedule: {uniform: 1m}, "
			   "keep: {records: 1, sise: 1GB}";
	const char *keys = "mesh: m, probe: echo, schedule: {uniform: 1m}, "
			   "keeep: {}, option: {}";

	test_refused(three, ":4:64: count: \"0\"");
	test_refused(three, ":4:74: spacing: \"100\"");
	test_refused(three, ":4:88: unknown key \"size\"");
	test_refused(keep, ":4:61: records: \"1\"");
	test_refused(keep, ":4:73: unknown key \"sise\"");
	test_refused(keys, ":4:54: unknown key \"keeep\"");
	test_refused(keys, ":4:65: unknown key \"option\"");
}

#define SITES(text) "sites:\n" text "targets: {far: {}}\n"

static void
boxes_say_what_they_were_called(void **state)
{
	json_object *problems, *warnings;
	struct fleet *fleet =
	    read_text(SITES("  a: {was: b}\n  b: {was: a}\n"
			    "  c: {boxes: {d: {was: e}, e: {was: f}}}\n"),
		&problems, &warnings);

	if (fleet == NULL)
		fail_msg("%s", json_object_to_json_string(problems));
	assert_string_equal(fleet_end(fleet, "a")->was, "b");
	assert_string_equal(fleet_end(fleet, "e")->was, "f");
	assert_string_equal(fleet_end(fleet, "far")->was, "");
	fleet_free(fleet);
	json_object_put(problems);
	json_object_put(warnings);

	refused(SITES("  a: {was: b}\n  b: {}\n"),
	    "2:7: was: b, but there is a box b still");
	refused(SITES("  a: {was: far}\n"), "2:7: was: far, but there is a "
					    "target far still");
	refused(SITES("  a: {was: c}\n  b: {was: c}\n"),
	    "3:7: was: c, but a was c already (line 2)");
	refused(SITES("  a: {was: a}\n"), "2:7: was: a is its name now");
	refused(SITES("  a: {was: A/b}\n"), "2:7: was: \"A/b\", expected");
	refused(SITES("  a: {was: [b]}\n"),
	    "2:7: a list, expected the name that it had");
	refused(SITES("  a: {was: b, boxes: {c: {}}}\n"),
	    "address, inbound and was belong to each of them");
}

static void
difference_names_what_came_and_went(void **state)
{
	struct fleet *before = read_good(), *after;
	json_object *problems, *warnings, *lines;
	char text[2048];
	const char *all;

	snprintf(text, sizeof(text), "%s", good);
	memcpy(strstr(text, "  far:"), "  fur:", 6);
	memcpy(strstr(text, "198.51.100.1,"), "198.51.100.2,", 13);
	after = read_text(text, &problems, &warnings);
	assert_non_null(after);
	lines = fleet_difference(before, after);
	all = json_object_to_json_string(lines);
	assert_int_equal(json_object_array_length(lines), 3);
	assert_non_null(strstr(all, "added test fur"));
	assert_non_null(strstr(all, "removed test far"));
	assert_non_null(strstr(all, "changed box or target nyc"));
	json_object_put(lines);
	json_object_put(problems);
	json_object_put(warnings);
	fleet_free(before);
	fleet_free(after);
}

static void
plan_holds_what_a_box_measures_and_its_peers(void **state)
{
	struct fleet *fleet = read_good();
	const uint8_t key[32] = {1, 2, 3};
	char etag[20], same[20];
	const struct planner planner = {.fleet = fleet, .key = key};
	json_object *plan = planner_plan(&planner, "nyc", etag);
	json_object *tests, *test, *targets;

	assert_non_null(plan);
	tests = member_get(plan, "tests");
	assert_int_equal(json_object_array_length(tests), 2);
	test = json_object_array_get_idx(tests, 0);
	assert_string_equal(member_text_or(test, "test", ""), "core-echo");
	targets = member_get(test, "targets");
	assert_int_equal(json_object_array_length(targets), 1);
	assert_int_equal(
	    json_object_array_length(member_get(plan, "peers")), 2);
	assert_null(planner_plan(&planner, "www.example.org", same));
	json_object_put(plan);
	fleet->revision++;
	plan = planner_plan(&planner, "nyc", same);
	assert_string_equal(etag, same);
	json_object_put(plan);
	fleet_free(fleet);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fleet_file_gives_boxes_axes_and_options),
	    cmocka_unit_test(a_stream_is_as_long_as_its_reports),
	    cmocka_unit_test(normal_form_reads_back_the_same),
	    cmocka_unit_test(tests_say_how_much_of_them_is_kept),
	    cmocka_unit_test(pairs_use_a_family_both_ends_have),
	    cmocka_unit_test(
		targets_without_an_address_are_resolved_by_the_box),
	    cmocka_unit_test(untested_pairs_are_a_warning),
	    cmocka_unit_test(mistakes_are_named_with_their_place),
	    cmocka_unit_test(mistakes_in_tests_are_named),
	    cmocka_unit_test(every_mistake_is_reported_not_only_the_first),
	    cmocka_unit_test(every_mistake_of_a_map_is_reported),
	    cmocka_unit_test(boxes_say_what_they_were_called),
	    cmocka_unit_test(difference_names_what_came_and_went),
	    cmocka_unit_test(plan_holds_what_a_box_measures_and_its_peers),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
