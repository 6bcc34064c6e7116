/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "common/daemon.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/place.h"
#include "lab/calibrate.h"

#define FILE_NAME "calibration.json"

static json_object *
delay_json(const struct trial_result *result)
{
	json_object *o = json_object_new_object();

	member_add_duration(o, "p50", result->p50);
	member_add_duration(o, "p99", result->p99);
	member_add_duration(o, "most", result->most);
	member_add_whole(o, "lost", (int64_t)(result->sent - result->arrived));
	return (o);
}

static json_object *
state_json(const struct calibration_state *state)
{
	json_object *o = json_object_new_object();

	json_object_object_add(o, "delay", delay_json(&state->delay));
	json_object_object_add(o, "delay_fast", delay_json(&state->delay_fast));
	json_object_object_add(o, "machine", delay_json(&state->machine));
	member_add_number(o, "loss",
	    1 - (double)state->loss.arrived / (double)state->loss.sent);
	member_add_number(o, "rate", state->rate.rate);
	member_add_number(o, "share", state->delay_fast.share);
	json_object_object_add(
	    o, "realtime", json_object_new_boolean(state->delay.realtime));
	return (o);
}

static json_object *
calibration_json(const struct calibration *calibration)
{
	json_object *o = json_object_new_object();
	struct utsname name = {.release = ""};
	char text[40];

	uname(&name);
	member_add_text(o, "time", clock_format(calibration->time, 0, text));
	member_add_text(o, "kernel", name.release);
	member_add_whole(o, "cores", sysconf(_SC_NPROCESSORS_ONLN));
	member_add_text(o, "links",
	    calibration->kind == TRIAL_NETEM ? "netem" : "emulator");
	json_object_object_add(o, "idle", state_json(&calibration->idle));
	json_object_object_add(o, "busy", state_json(&calibration->busy));
	return (o);
}

char *
calibrate_path(struct error *err)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char *folder, *path;

	if (state != NULL && state[0] == '/')
		return (memory_print("%s/pharos/lab/" FILE_NAME, state));
	if (geteuid() != 0) {
		if (home == NULL || home[0] != '/')
			return (error_set(err, "expected HOME or "
					       "XDG_STATE_HOME to be set"),
			    NULL);
		return (memory_print(
		    "%s/.local/state/pharos/lab/" FILE_NAME, home));
	}
	folder = place_state("lab");
	path = memory_print("%s/" FILE_NAME, folder);
	free(folder);
	return (path);
}

static int
make_folder(const char *path, struct error *err)
{
	char *folder = memory_text(path), *slash = strrchr(folder, '/');
	int status = 0;

	if (slash != NULL && slash != folder) {
		*slash = '\0';
		status = daemon_make_dir(folder, err);
	}
	free(folder);
	return (status);
}

int
calibrate_keep(
    const struct calibration *calibration, const char *path, struct error *err)
{
	json_object *o = calibration_json(calibration);
	const char *text =
	    json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY);
	char *line = memory_print("%s\n", text);
	int status = make_folder(path, err);

	if (status == 0)
		status = daemon_write_file(path, line, strlen(line), 0644, err);
	free(line);
	json_object_put(o);
	return (status);
}
