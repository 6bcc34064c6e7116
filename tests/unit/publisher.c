/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/publisher.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "collector/fleet.h"
#include "collector/registry.h"
#include "collector/settings.h"
#include "common/error.h"
#include "common/log.h"
#include "common/manifest.h"
#include "common/member.h"
#include "tests/unit/folder.h"

/* No plug-in is installed here, so probes are those that agents tell of. */
#define ONE_SITE "sites:\n  nyc: {address: 192.0.2.1}\n"
#define TWO_SITES ONE_SITE "  lon: {address: 192.0.2.2}\n"
#define KNOCKS                                              \
	TWO_SITES "meshes:\n  all: {members: [nyc, lon]}\n" \
		  "tests:\n  t: {mesh: all, probe: knock, " \
		  "schedule: {uniform: 60s}}\n"

struct desk {
	char *dir;
	struct collector_settings settings;
	struct publisher *publisher;
	json_object *report;
};

static int
desk_make(void **state)
{
	struct desk *desk = calloc(1, sizeof(*desk));

	if (folder_make(state) != 0)
		return (-1);
	desk->dir = *state;
	snprintf(desk->settings.state, sizeof(desk->settings.state), "%s",
	    desk->dir);
	snprintf(desk->settings.fleet, sizeof(desk->settings.fleet),
	    "%s/fleet.yaml", desk->dir);
	setenv("PHAROS_LIBEXEC", desk->dir, 1);
	desk->publisher = publisher_new(&desk->settings);
	*state = desk;
	return (0);
}

static int
desk_remove(void **state)
{
	struct desk *desk = *state;

	json_object_put(desk->report);
	publisher_free(desk->publisher);
	*state = desk->dir;
	free(desk);
	return (folder_remove(state));
}

static void
write_fleet(struct desk *desk, const char *text)
{
	FILE *file = fopen(desk->settings.fleet, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int
reload(struct desk *desk, const char *text)
{
	write_fleet(desk, text);
	json_object_put(desk->report);
	return (publisher_reload(desk->publisher, &desk->report));
}

static int64_t
revision(struct desk *desk)
{
	return (publisher_fleet(desk->publisher)->revision);
}

static void
restart(struct desk *desk)
{
	publisher_free(desk->publisher);
	desk->publisher = publisher_new(&desk->settings);
}

static void
hear(struct desk *desk, int version)
{
	char *path = NULL, *text = NULL;
	struct registry *registry;
	json_object *hello;
	struct error err;

	assert_true(asprintf(&path, "%s/registry.db", desk->dir) > 0);
	assert_true(
	    asprintf(&text,
		"{\"manifests\":[{\"name\":\"knock\",\"version\":%d,"
		"\"summary\":\"Knocks\",\"runs_at\":\"src\",\"options\":[],"
		"\"metrics\":[{\"name\":\"sent\",\"kind\":\"count\","
		"\"unit\":\"1\",\"help\":\"Knocks that were sent\"}]}]}",
		version) > 0);
	hello = member_parse(text, strlen(text), &err);
	registry = registry_open(path, false, &err);
	assert_non_null(registry);
	assert_int_equal(registry_heard(registry, "nyc", hello, 1, &err), 1);
	registry_free(registry);
	json_object_put(hello);
	free(text);
	free(path);
}

static bool
changed(struct desk *desk, const char *what)
{
	return (strstr(json_object_to_json_string(
			   member_get(desk->report, "changes")),
		    what) != NULL);
}

#define LONDON ONE_SITE "  london: {address: 192.0.2.2, was: lon}\n"

static void
rename_is_remembered_with_its_revision(void **state)
{
	struct desk *desk = *state;
	const struct renames *renames;

	assert_int_equal(reload(desk, TWO_SITES), 1);
	assert_int_equal(reload(desk, LONDON), 1);
	assert_true(changed(desk, "renamed box lon to london"));
	assert_false(changed(desk, "removed box"));
	restart(desk);
	assert_int_equal(reload(desk, LONDON), 0); /* once only */
	assert_int_equal(
	    reload(desk, ONE_SITE "  london: {address: 192.0.2.2}\n"), 1);
	assert_int_equal(
	    reload(desk, ONE_SITE "  paris: {address: 192.0.2.2, was: london}\n"
				  "  lon: {address: 192.0.2.3}\n"),
	    1);
	renames = &publisher_fleet(desk->publisher)->renames;
	assert_int_equal(renames->count, 2);
	assert_true(renames->list[0].revision == 2);
	assert_true(renames->list[1].revision == 4);
	assert_string_equal(renames_now(renames, "lon", 1), "paris");
	assert_string_equal(renames_now(renames, "lon", 4), "lon");
}

static void
enrol(struct desk *desk, const char *box)
{
	const uint8_t secret[32] = {(uint8_t)strlen(box)};
	const struct registry_certificate certificate = {
	    box, "PEM", box, box, NS_PER_S};
	struct registry *registry;
	struct error err;
	char *path;

	assert_true(asprintf(&path, "%s/registry.db", desk->dir) > 0);
	registry = registry_open(path, false, &err);
	assert_non_null(registry);
	assert_int_equal(
	    registry_add_token(registry, box, secret, 1, NS_PER_S, &err), 0);
	assert_int_equal(
	    registry_enrol(registry, secret, &certificate, 1, &err), 0);
	registry_free(registry);
	free(path);
}

static void
two_members_do_not_become_one(void **state)
{
	struct desk *desk = *state;

	assert_int_equal(reload(desk, TWO_SITES), 1);
	enrol(desk, "lon");
	enrol(desk, "london");
	assert_int_equal(reload(desk, LONDON), -1);
	assert_non_null(strstr(
	    json_object_to_json_string(member_get(desk->report, "problems")),
	    "box london was lon, but both are enrolled"));
	assert_int_equal(revision(desk), 1);
}

static void
revision_rises_with_changes_only(void **state)
{
	struct desk *desk = *state;

	assert_null(publisher_fleet(desk->publisher));
	assert_int_equal(reload(desk, ONE_SITE), 1);
	assert_int_equal(revision(desk), 1);
	assert_int_equal(reload(desk, "# a comment\n" ONE_SITE), 0);
	assert_int_equal(revision(desk), 1);
	assert_int_equal(reload(desk, TWO_SITES), 1);
	assert_int_equal(revision(desk), 2);
	assert_int_equal(member_whole_or(desk->report, "revision", 0), 2);
	assert_true(
	    json_object_array_length(member_get(desk->report, "changes")) > 0);
}

static void
fleet_survives_restart(void **state)
{
	struct desk *desk = *state;

	assert_int_equal(reload(desk, ONE_SITE), 1);
	assert_int_equal(reload(desk, TWO_SITES), 1);
	restart(desk);
	assert_int_equal(revision(desk), 2);
	assert_int_equal(reload(desk, TWO_SITES), 0);
	assert_int_equal(revision(desk), 2);
}

static void
bad_file_leaves_the_last_good_fleet(void **state)
{
	struct desk *desk = *state;
	const char *first;

	assert_int_equal(reload(desk, TWO_SITES), 1);
	assert_int_equal(reload(desk, "sites:\n  NYC: {}\n"), -1);
	first = json_object_get_string(
	    json_object_array_get_idx(member_get(desk->report, "problems"), 0));
	assert_non_null(strstr(first, "fleet.yaml:2:"));
	assert_non_null(publisher_problems(desk->publisher));
	assert_int_equal(revision(desk), 1);
	restart(desk);
	json_object_put(desk->report);
	assert_int_equal(publisher_reload(desk->publisher, &desk->report), -1);
	assert_int_equal(publisher_fleet(desk->publisher)->site_count, 2);
	assert_int_equal(reload(desk, TWO_SITES), 0);
	assert_null(publisher_problems(desk->publisher));
}

static void
refused_file_is_tried_again_with_new_manifests(void **state)
{
	struct desk *desk = *state;

	assert_int_equal(reload(desk, TWO_SITES), 1);
	assert_int_equal(reload(desk, KNOCKS), -1);
	hear(desk, 1);
	json_object_put(desk->report);
	assert_int_equal(
	    publisher_manifests(desk->publisher, &desk->report), 1);
	assert_int_equal(publisher_fleet(desk->publisher)->test_count, 1);
	assert_null(publisher_problems(desk->publisher));
}

/* A manifest that is new must not bring in what somebody is just writing. */
static void
new_manifest_leaves_the_file_alone(void **state)
{
	struct desk *desk = *state;
	const struct fleet *fleet;

	hear(desk, 1);
	assert_int_equal(reload(desk, KNOCKS), 1);
	write_fleet(desk, ONE_SITE);
	hear(desk, 2);
	json_object_put(desk->report);
	assert_int_equal(
	    publisher_manifests(desk->publisher, &desk->report), 1);
	fleet = publisher_fleet(desk->publisher);
	assert_int_equal(fleet->site_count, 2);
	assert_int_equal(fleet->revision, 2);
	assert_int_equal(fleet->tests[0].manifest->version, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_make, desk_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(rename_is_remembered_with_its_revision),
	    TEST(two_members_do_not_become_one),
	    TEST(revision_rises_with_changes_only),
	    TEST(fleet_survives_restart),
	    TEST(bad_file_leaves_the_last_good_fleet),
	    TEST(refused_file_is_tried_again_with_new_manifests),
	    TEST(new_manifest_leaves_the_file_alone),
	};

	log_open("publisher", false);
	return (cmocka_run_group_tests_name("publisher", tests, NULL, NULL));
}
