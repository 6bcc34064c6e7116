/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/daemon.h"
#include "common/error.h"
#include "tests/unit/folder.h"

static int
read_text(void **state, const char *text, struct agent_settings *settings,
    struct error *err)
{
	char *path = folder_path(state, "agent.yaml");
	int rc;

	assert_int_equal(
	    daemon_write_file(path, text, strlen(text), 0600, NULL), 0);
	rc = agent_settings_read(settings, path, err);
	free(path);
	return (rc);
}

static void
what_is_written_is_read(void **state)
{
	struct agent_settings settings;
	struct error err = {""};

	read_text(state,
	    "name: lon\n"
	    "collector: https://collector.example:8641/\n"
	    "state: /var/lib/pharos/lon\n"
	    "spool: {size: 10MB, age: 2d}\n"
	    "metrics: '[::1]:8642'\n",
	    &settings, &err);
	assert_string_equal(err.text, "");
	assert_string_equal(settings.name, "lon");
	assert_string_equal(
	    settings.collector, "https://collector.example:8641");
	assert_string_equal(settings.state, "/var/lib/pharos/lon");
	assert_string_equal(settings.metrics, "[::1]:8642");
	assert_int_equal(settings.spool_size, 10000000);
	assert_int_equal(settings.spool_age, 2 * 86400 * NS_PER_S);
}

static void
defaults_fill_the_rest(void **state)
{
	struct agent_settings settings, defaults;
	struct error err = {""};

	assert_int_equal(agent_settings_default(&defaults, &err), 0);
	assert_int_equal(
	    read_text(state, "name: lon\ncollector: https://[2001:db8::1]\n",
		&settings, &err),
	    0);
	assert_string_equal(settings.state, defaults.state);
	assert_int_equal(settings.spool_size, 256000000);
	assert_int_equal(settings.spool_age, 14 * 86400 * NS_PER_S);
}

static void
written_settings_are_read_back(void **state)
{
	char *path = folder_path(state, "agent.yaml");
	struct agent_settings before, after;
	struct error err = {""};

	memset(&before, 0, sizeof(before));
	strcpy(before.name, "lon");
	strcpy(before.collector, "https://collector.example:8641");
	strcpy(before.state, "/tmp/it's: a #state");
	strcpy(before.metrics, "[::1]:8642");
	before.spool_size = 1234567;
	before.spool_age = 90 * NS_PER_S;
	assert_int_equal(agent_settings_write(&before, path, &err), 0);
	agent_settings_read(&after, path, &err);
	assert_string_equal(err.text, "");
	assert_memory_equal(&before, &after, sizeof(before));
	free(path);
}

static const struct {
	const char *text, *place, *reason;
} bad[] = {
    {"collector: https://c\n", "agent.yaml:1:1: ", "\"name\" is missing"},
    {"name: lon\n", "agent.yaml:1:1: ", "\"collector\" is missing"},
    {"name: Lon\ncollector: https://c\n", "agent.yaml:1:", "a-z"},
    {"name: lon\ncollector: c:8641\n", "agent.yaml:2:", "https://"},
    {"name: lon\ncollector: http://c\n", "agent.yaml:2:", "https://"},
    {"name: lon\ncollector: https://c/x\n", "agent.yaml:2:", "https://"},
    {"name: lon\ncollector: [https://c]\n", "agent.yaml:2:", "collector"},
    {"name: lon\ncollector: https://c\nstate: here\n",
	"agent.yaml:3:", "absolute path"},
    {"name: lon\ncollector: https://c\nspool: {size: 10}\n",
	"agent.yaml:3:", "size"},
    {"name: lon\ncollector: https://c\nspool: {age: 14}\n",
	"agent.yaml:3:", "a duration"},
    {"name: lon\ncollector: https://c\nspol: {}\n",
	"agent.yaml:3:1: ", "spool"},
    {"name: lon\ncollector: https://c\nmetrics: 8642\n",
	"agent.yaml:3:1: ", "loopback"},
    {"name: lon\ncollector: https://c\nmetrics: here\n",
	"agent.yaml:3:1: ", "expected an address"},
    {"name: lon\nname: nyc\n", "agent.yaml:2:", "name"},
    {"name: [\n", "agent.yaml:", ""},
};

static void
mistakes_are_named_with_their_place(void **state)
{
	struct agent_settings settings;
	struct error err;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		err.text[0] = '\0';
		assert_int_equal(
		    read_text(state, bad[i].text, &settings, &err), -1);
		if (strstr(err.text, bad[i].place) == NULL ||
		    strstr(err.text, bad[i].reason) == NULL)
			fail_msg("%s: \"%s\"", bad[i].text, err.text);
	}
}

static void
state_leaves_room_for_its_socket(void **state)
{
	char path[200];
	struct error err;

	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[99] = '\0';
	assert_int_equal(agent_settings_folder(path, &err), 0);
	path[99] = 'a';
	path[100] = '\0';
	assert_int_equal(agent_settings_folder(path, &err), -1);
	assert_non_null(strstr(err.text, "at most 99 bytes"));
}

#define IN_FOLDER(test) \
	cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(what_is_written_is_read),
	    IN_FOLDER(defaults_fill_the_rest),
	    IN_FOLDER(written_settings_are_read_back),
	    IN_FOLDER(mistakes_are_named_with_their_place),
	    cmocka_unit_test(state_leaves_room_for_its_socket),
	};

	return (
	    cmocka_run_group_tests_name("agent_settings", tests, NULL, NULL));
}
