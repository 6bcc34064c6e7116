/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/calibrate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/daemon.h"
#include "common/member.h"
#include "tests/unit/folder.h"

static struct calibration
example(void)
{
	struct calibration calibration = {.time = 1790000000 * NS_PER_S};
	struct calibration_state *idle = &calibration.idle;

	idle->delay = (struct trial_result){.sent = 3000,
	    .arrived = 2999,
	    .p50 = 40 * NS_PER_US,
	    .p99 = 120 * NS_PER_US,
	    .most = NS_PER_MS,
	    .realtime = true};
	idle->delay_fast = idle->machine = idle->delay;
	idle->loss = (struct trial_result){.sent = 50000, .arrived = 44985};
	idle->rate = (struct trial_result){.rate = 9999800};
	calibration.busy = *idle;
	calibration.busy.delay.p99 = 7 * NS_PER_MS;
	return (calibration);
}

static double
number_in(json_object *o, const char *state, const char *part, const char *name)
{
	json_object *at = member_get(o, state);

	return (member_number_or(
	    part != NULL ? member_get(at, part) : at, name, -1));
}

static void
what_is_kept_can_be_read(void **state)
{
	struct calibration calibration = example();
	char *path = folder_path(state, "new/calibration.json"), *text;
	struct error err;
	json_object *o;
	size_t length;

	assert_int_equal(calibrate_keep(&calibration, path, &err), 0);
	text = daemon_read_file(path, 65536, &length, &err);
	assert_non_null(text);
	o = member_parse(text, length, &err);
	assert_non_null(o);
	assert_string_equal(
	    member_text_or(o, "time", ""), "2026-09-21T14:13:20Z");
	assert_string_equal(member_text_or(o, "links", ""), "emulator");
	assert_true(number_in(o, "idle", "delay", "p50") == 40e-6);
	assert_true(number_in(o, "idle", "delay", "lost") == 1);
	assert_true(number_in(o, "busy", "delay", "p99") == 7e-3);
	assert_true(number_in(o, "idle", NULL, "rate") == 9999800);
	assert_true(number_in(o, "idle", NULL, "loss") > 0.1002 &&
		    number_in(o, "idle", NULL, "loss") < 0.1004);
	json_object_put(o);
	free(text);
	free(path);
}

static void
people_see_both_states(void **state)
{
	struct calibration calibration = example();
	char text[4096] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	calibrate_print(&calibration, out);
	fclose(out);
	assert_non_null(strstr(text, "idle"));
	assert_non_null(strstr(text, "40 us"));
	assert_non_null(strstr(text, "7 ms"));
	assert_non_null(strstr(text, "10 Mbit/s"));
	assert_null(strstr(text, "refused"));
	calibration.idle.delay.realtime = false;
	out = fmemopen(text, sizeof(text), "w");
	calibrate_print(&calibration, out);
	fclose(out);
	assert_non_null(strstr(text, "refused a real-time priority"));
}

static void
it_is_kept_where_state_is(void **state)
{
	struct error err;
	char *path;

	setenv("XDG_STATE_HOME", "/x/state", 1);
	path = calibrate_path(&err);
	assert_string_equal(path, "/x/state/pharos/lab/calibration.json");
	free(path);
	unsetenv("XDG_STATE_HOME");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(what_is_kept_can_be_read),
	    IN_FOLDER(people_see_both_states),
	    IN_FOLDER(it_is_kept_where_state_is),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
