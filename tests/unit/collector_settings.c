/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/settings.h"

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

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, folder_make, folder_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(everything_has_a_default),
	    TEST(certificates_live_as_long_as_it_says),
	    TEST(relative_paths_start_at_the_file),
	    TEST(people_are_served_on_loopback_only),
	    TEST(mistakes_are_named_with_their_place),
	};

	return (cmocka_run_group_tests_name(
	    "collector_settings", tests, NULL, NULL));
}
