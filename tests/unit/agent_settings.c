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
	assert_true(settings.limits.bandwidth == 100e6);
	assert_true(settings.limits.packets == 10000);
	assert_int_equal(settings.limits.runs, 5000);
	assert_int_equal(settings.limits.forbidden_count, 0);
	assert_false(settings.limits.quiet.given);
}

static void
limits_are_read(void **state)
{
	struct agent_settings settings;
	struct error err = {""};

	read_text(state,
	    "name: lon\n"
	    "collector: https://collector.example:8641\n"
	    "limits: {bandwidth: 2Mbit/s, runs: 7}\n"
	    "forbid: [throughput, trace]\n"
	    "quiet: {from: 22:00, to: 06:30, zone: UTC}\n",
	    &settings, &err);
	assert_string_equal(err.text, "");
	assert_true(settings.limits.bandwidth == 2e6);
	assert_int_equal(settings.limits.runs, 7);
	assert_int_equal(settings.limits.forbidden_count, 2);
	assert_string_equal(settings.limits.forbidden[1], "trace");
	assert_true(settings.limits.quiet.given);
	assert_int_equal(settings.limits.quiet.from, 22 * 60);
	assert_int_equal(settings.limits.quiet.to, 6 * 60 + 30);
}

#define GIVEN "name: lon\ncollector: https://c\n"

static void
a_word_for_the_clock_is_read(void **state)
{
	struct agent_settings settings;
	struct error err = {""};

	read_text(state, GIVEN, &settings, &err);
	assert_true(settings.vouched.error < 0);
	read_text(state, GIVEN "clock: {vouched: 50us, because: one host}\n",
	    &settings, &err);
	assert_string_equal(err.text, "");
	assert_int_equal(settings.vouched.error, 50 * NS_PER_US);
	assert_string_equal(settings.vouched.because, "one host");
	read_text(state, GIVEN "clock: {vouched: 0s, because: one host}\n",
	    &settings, &err);
	assert_string_equal(err.text, "");
	assert_int_equal(settings.vouched.error, 0);
}

static void
append_line(void *arg, const char *text)
{
	strcat(strcat(arg, text), "\n");
}

static void
a_change_names_each_setting_and_takes_over_what_can_be(void **state)
{
	struct agent_settings before, after;
	struct error err;
	char lines[1024] = "";

	assert_int_equal(agent_settings_default(&before, &err), 0);
	after = before;
	agent_settings_change(&before, &after, append_line, lines);
	assert_string_equal(lines, "");
	after.limits.bandwidth = 1e6;
	after.limits.quiet = (struct quiet){true, 60, 120, "UTC"};
	strcpy(after.limits.forbidden[0], "trace");
	after.limits.forbidden_count = 1;
	after.spool_age = 3600 * NS_PER_S;
	strcpy(after.metrics, "127.0.0.1:1");
	after.vouched = (struct vouch_word){50 * NS_PER_US, "one host"};
	agent_settings_change(&before, &after, append_line, lines);
	assert_string_equal(lines,
	    "metrics: 127.0.0.1:1, was none; takes effect when pharosd is "
	    "restarted\n"
	    "spool: age: 1h, was 14d\n"
	    "limits: bandwidth: 1Mbit/s, was 100Mbit/s\n"
	    "forbid: trace, was none\n"
	    "quiet: 01:00 to 02:00 UTC, was none\n"
	    "clock: vouched: within 50us (one host), was no\n");
	assert_int_equal(before.vouched.error, 50 * NS_PER_US);
	assert_string_equal(before.metrics, "");
	assert_int_equal(before.spool_age, 3600 * NS_PER_S);
	assert_int_equal(before.limits.forbidden_count, 1);
}

static void
written_settings_are_read_back(void **state)
{
	char *path = folder_path(state, "agent.yaml");
	struct agent_settings before, after;
	struct error err = {""};

	assert_int_equal(agent_settings_default(&before, &err), 0);
	strcpy(before.name, "lon");
	strcpy(before.collector, "https://collector.example:8641");
	memset(before.state, 0, sizeof(before.state));
	strcpy(before.state, "/tmp/it's: a #state");
	strcpy(before.metrics, "[::1]:8642");
	before.spool_size = 1234567;
	before.spool_age = 90 * NS_PER_S;
	before.limits.bandwidth = 2.5e6;
	before.limits.packets = 99;
	before.limits.runs = 3;
	before.limits.quiet = (struct quiet){true, 22 * 60, 6 * 60 + 5, "UTC"};
	strcpy(before.limits.forbidden[0], "throughput");
	before.limits.forbidden_count = 1;
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
    {GIVEN "state: here\n", "agent.yaml:3:", "absolute path"},
    {GIVEN "spool: {size: 10}\n", "agent.yaml:3:", "size"},
    {GIVEN "spool: {age: 14}\n", "agent.yaml:3:", "a duration"},
    {GIVEN "spol: {}\n", "agent.yaml:3:1: ", "spool"},
    {GIVEN "metrics: 8642\n", "agent.yaml:3:1: ", "loopback"},
    {GIVEN "metrics: here\n", "agent.yaml:3:1: ", "expected an address"},
    {GIVEN "limits: {bandwidth: 10}\n", "agent.yaml:3:", "bandwidth"},
    {GIVEN "limits: {packets: 0/s}\n", "agent.yaml:3:", "packets"},
    {GIVEN "limits: {runs: 0}\n", "agent.yaml:3:", "runs"},
    {GIVEN "limits: {streams: 7}\n", "agent.yaml:3:10: ", "streams"},
    {GIVEN "forbid: ping\n", "agent.yaml:3:1: ", "a list of probes"},
    {GIVEN "forbid: [Ping]\n", "agent.yaml:3:10: ", "a probe's name"},
    {GIVEN "quiet: {from: 22:00, to: 06:00}\n",
	"agent.yaml:3:1: ", "\"zone\" is missing"},
    {GIVEN "quiet: {from: 22, to: 06:00, zone: UTC}\n",
	"agent.yaml:3:9: ", "such as 22:00"},
    {GIVEN "quiet: {from: 22:00, to: 24:00, zone: UTC}\n",
	"agent.yaml:3:22: ", "such as 22:00"},
    {GIVEN "quiet: {from: 22:00, to: 22:00, zone: UTC}\n",
	"agent.yaml:3:1: ", "are the same"},
    {GIVEN "quiet: {from: 22:00, to: 23:00, zone: Mars/Base}\n",
	"agent.yaml:3:33: ", "\"Mars/Base\" is not known here"},
    {GIVEN "quiet: {from: 22:00, to: 23:00, zone: ../x}\n",
	"agent.yaml:3:33: ", "is not known here"},
    {GIVEN "clock: {vouched: 50us}\n", "agent.yaml:3:1: ", "because"},
    {GIVEN "clock: {because: x}\n", "agent.yaml:3:1: ", "vouched"},
    {GIVEN "clock: {vouched: 50, because: x}\n",
	"agent.yaml:3:9: ", "a duration"},
    {GIVEN "clock: {vouched: 2s, because: x}\n",
	"agent.yaml:3:9: ", "a duration"},
    {GIVEN "clock: {vouched: -1us, because: x}\n",
	"agent.yaml:3:9: ", "a duration"},
    {GIVEN "clock: {vouched: 0s, because: ''}\n",
	"agent.yaml:3:22: ", "a reason, in one line"},
    {GIVEN "clock: {vouched: 0s, because: \"a\\nb\"}\n",
	"agent.yaml:3:22: ", "a reason, in one line"},
    {GIVEN "clock: {vouched: 0s, because: x, until: noon}\n",
	"agent.yaml:3:", "until"},
    {GIVEN "clock: 50us\n", "agent.yaml:3:", ""},
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(what_is_written_is_read),
	    IN_FOLDER(defaults_fill_the_rest),
	    IN_FOLDER(limits_are_read),
	    IN_FOLDER(a_word_for_the_clock_is_read),
	    cmocka_unit_test(
		a_change_names_each_setting_and_takes_over_what_can_be),
	    IN_FOLDER(written_settings_are_read_back),
	    IN_FOLDER(mistakes_are_named_with_their_place),
	    cmocka_unit_test(state_leaves_room_for_its_socket),
	};

	return (
	    cmocka_run_group_tests_name("agent_settings", tests, NULL, NULL));
}
