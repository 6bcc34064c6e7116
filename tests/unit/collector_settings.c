/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/settings.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"
#include "tests/unit/folder.h"

static int
read_text(void **state, const char *text, struct collector_settings *settings,
    struct error *err)
{
	char *path = folder_path(state, "collector.yaml");
	FILE *file = fopen(path, "w");
	int result;

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	result = collector_settings_read(settings, path, err);
	free(path);
	return (result);
}

static void
expect_error(void **state, const char *text, const char *place, const char *why)
{
	struct collector_settings settings;
	struct error err;
	char *path = folder_path(state, place);

	assert_int_equal(read_text(state, text, &settings, &err), -1);
	if (strstr(err.text, path) == NULL || strstr(err.text, why) == NULL)
		fail_msg("'%s' does not say '%s: ... %s'", err.text, path, why);
	free(path);
}

static void
everything_has_a_default(void **state)
{
	struct collector_settings settings;
	struct error err;

	if (read_text(state, "agents: 8641\n", &settings, &err) == -1)
		fail_msg("%s", err.text);
	assert_string_equal(settings.people, "127.0.0.1:8640");
	assert_string_equal(settings.agents, "8641");
	assert_true(settings.certificate_life == 90 * 86400 * NS_PER_S);
	assert_int_equal(settings.fleet[0], '/');
	assert_int_equal(settings.state[0], '/');
}

static void
certificates_live_as_long_as_it_says(void **state)
{
	struct collector_settings settings;
	struct error err;

	assert_int_equal(
	    read_text(state, "agents: 8641\ncertificates: {life: 2d}\n",
		&settings, &err),
	    0);
	assert_true(settings.certificate_life == 2 * 86400 * NS_PER_S);
	assert_string_equal(settings.agents, "8641");
	expect_error(
	    state, "certificates: {life: 90}\n", "collector.yaml:1:16", "life");
	expect_error(state, "certificates: {live: 90d}\n",
	    "collector.yaml:1:16", "did you mean \"life\"");
	expect_error(state, "certificate: {life: 90d}\n", "collector.yaml:1:1",
	    "did you mean \"certificates\"");
	expect_error(
	    state, "certificates: {life: 1s}\n", "collector.yaml:1:16", "20s");
}

static void
relative_paths_start_at_the_file(void **state)
{
	struct collector_settings settings;
	struct error err;
	char *fleet = folder_path(state, "fleet.yaml"), *path;

	assert_int_equal(
	    read_text(state, "fleet: fleet.yaml\nstate: /srv/pharos\n",
		&settings, &err),
	    0);
	assert_string_equal(settings.fleet, fleet);
	assert_string_equal(settings.state, "/srv/pharos");
	path = collector_settings_path(&settings, "registry.db");
	assert_string_equal(path, "/srv/pharos/registry.db");
	free(path);
	free(fleet);
}

static void
they_survive_being_written(void **state)
{
	struct collector_settings before, after;
	struct error err;
	char *text;

	assert_int_equal(
	    read_text(state,
		"fleet: \"a 'b' \\\"c\\\": #d\"\ncertificates: {life: 36h}\n"
		"journal: 20MB\n",
		&before, &err),
	    0);
	text = collector_settings_text(&before);
	if (collector_settings_parse(
		&after, "/proc/self/fd/4", text, strlen(text), &err) == -1)
		fail_msg("%s", err.text);
	assert_memory_equal(&before, &after, sizeof(before));
	free(text);
}

static const char *
line(json_object *lines, size_t i)
{
	return (json_object_get_string(json_object_array_get_idx(lines, i)));
}

static void
a_change_is_said_and_taken_as_far_as_possible(void **state)
{
	struct collector_settings now, next;
	struct error err;
	json_object *lines;

	assert_int_equal(
	    read_text(state, "state: /a\nfleet: /f\n", &now, &err), 0);
	assert_int_equal(
	    read_text(state, "state: /b\nfleet: /f\ncertificates: {life: 2d}\n",
		&next, &err),
	    0);
	lines = collector_settings_change(&now, &next);
	assert_int_equal(json_object_array_length(lines), 2);
	assert_string_equal(line(lines, 0),
	    "state: /b, was /a; takes effect when pharos-collectord is "
	    "restarted");
	assert_string_equal(line(lines, 1), "certificates: life: 2d, was 90d");
	assert_string_equal(now.state, "/a");
	assert_true(now.certificate_life == 2 * 86400 * NS_PER_S);
	json_object_put(lines);
	/* what waits is said again, what was taken is not */
	lines = collector_settings_change(&now, &next);
	assert_int_equal(json_object_array_length(lines), 1);
	json_object_put(lines);
}

static void
people_are_served_on_loopback_only(void **state)
{
	expect_error(state, "state: x\npeople: 192.0.2.1:8640\n",
	    "collector.yaml:2:1", "not a loopback address");
	expect_error(state, "people: 8640\n", "collector.yaml:1:1", "loopback");
}

static void
mistakes_are_named_with_their_place(void **state)
{
	expect_error(state, "agents: 8641\npeeple: 127.0.0.1:1\n",
	    "collector.yaml:2:1", "peeple");
	expect_error(state, "agents: 99999\n", "collector.yaml:1:1", "agents");
	expect_error(state, "- a\n", "collector.yaml:1:1", "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(everything_has_a_default),
	    IN_FOLDER(certificates_live_as_long_as_it_says),
	    IN_FOLDER(relative_paths_start_at_the_file),
	    IN_FOLDER(they_survive_being_written),
	    IN_FOLDER(a_change_is_said_and_taken_as_far_as_possible),
	    IN_FOLDER(people_are_served_on_loopback_only),
	    IN_FOLDER(mistakes_are_named_with_their_place),
	};

	return (cmocka_run_group_tests_name(
	    "collector_settings", tests, NULL, NULL));
}
