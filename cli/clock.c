/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos clock: what keeps this host's clock right, and how right it is.
 */
#include <event2/event.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/settings.h"
#include "cli/api.h"
#include "cli/arguments.h"
#include "cli/clock.h"
#include "cli/clock_fleet.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "common/clock.h"
#include "common/fetch.h"
#include "common/log.h"
#include "common/member.h"
#include "common/place.h"
#include "common/timekeeper.h"

#define LOOK_EVERY 10000 /* microseconds */

static void
usage(FILE *out)
{
	fprintf(out,
	    "usage: pharos clock [OPTION...]\n"
	    "       pharos clock --fleet [--json] [--url URL | --config FILE]\n"
	    "\n"
	    "  --json         one object instead of lines\n"
	    "  --config FILE  the agent's configuration: its pharosd is asked\n"
	    "                 (default: agent.yaml in the system's folder). "
	    "Without\n"
	    "                 one that runs, the clock is looked at from here\n"
	    "\n"
	    "Ends with 0 if the clock's error has a bound, with 1 if not.\n"
	    "\n"
	    "  --fleet        all clocks instead, as the collector's court "
	    "judges them\n"
	    "  --url URL      the collector, such as http://127.0.0.1:8640\n"
	    "  --config FILE  or its collector.yaml\n");
}

/*
 * From pharosd.
 */

/* The "clock" of its status; NULL: it cannot be asked. */
static json_object *
ask(const char *socket)
{
	const struct fetch_about about = {
	    .method = "GET",
	    .url = "http://localhost/control/v1/status",
	    .unix_socket = socket,
	};
	json_object *status = NULL, *clock;

	if (access(socket, R_OK | W_OK) == 0)
		status = fetch_json(NULL, &about, NULL);
	clock = json_object_get(member_get(status, "clock"));
	json_object_put(status);
	return (clock);
}

/* -1: there is something wrong with the file; 0 with *clock NULL: nobody has one,
 * or pharosd cannot be asked. Of a file also whether the clock is vouched for. */
static int
ask_daemon(const char *config, bool given, json_object **clock,
    struct vouch_word *vouched, struct error *err)
{
	struct agent_settings settings;
	char *socket;

	*clock = NULL;
	vouched->error = -1;
	if (!given && access(config, R_OK) == -1)
		return (0);
	if (agent_settings_read(&settings, config, err) == -1)
		return (given ? -1 : 0);
	*vouched = settings.vouched;
	socket = agent_settings_path(&settings, "control");
	*clock = ask(socket);
	free(socket);
	return (0);
}

/*
 * From here.
 */

struct look {
	struct event_base *base;
	struct timekeeper *keeper;
};

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct look *look = arg;

	if (timekeeper_settled(look->keeper))
		event_base_loopbreak(look->base);
}

static json_object *
look_here(const struct vouch_word *vouched)
{
	const struct timeval tick = {0, LOOK_EVERY};
	struct look look = {.base = event_base_new()};
	struct event *timer;
	json_object *json;

	if (look.base == NULL)
		log_fatal("libevent: no event loop");
	look.keeper =
	    timekeeper_new(look.base, &(const struct timekeeper_about){0});
	timekeeper_vouch(look.keeper, vouched);
	timer = event_new(look.base, -1, EV_PERSIST, on_tick, &look);
	event_add(timer, &tick);
	event_base_dispatch(look.base);
	timekeeper_look(look.keeper); /* with what they have said meanwhile */
	json =
	    discipline_json(timekeeper_state(look.keeper), clock_monotonic());
	timekeeper_free(look.keeper);
	event_free(timer);
	event_base_free(look.base);
	return (json);
}

static int
show(json_object *json, bool as_json)
{
	struct discipline clock;
	struct error err;

	if (discipline_from_json(&clock, json, clock_monotonic(), &err) == -1)
		return (output_fail(3, &err));
	if (as_json)
		puts(json_object_to_json_string_ext(json,
		    JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	else
		clock_print(&clock, json, stdout);
	return (clock.bounded ? 0 : 1);
}

int
command_clock(int argc, char **argv)
{
	char *fallback = place_config("agent.yaml");
	const char *config = fallback;
	struct api api = {NULL, NULL};
	bool json = false, fleet = false;
	const struct argument arguments[] = {{"config", &config, NULL},
	    {"json", NULL, &json}, {"fleet", NULL, &fleet},
	    {"url", &api.url, NULL}, {NULL}};
	int status = arguments_read(argc, argv, arguments, 0, usage);
	struct vouch_word vouched;
	json_object *clock;
	struct error err;

	if (status == -1 && fleet) {
		api.config = config != fallback ? config : NULL;
		status = clock_fleet(&api, json);
	}
	if (status == -1 && ask_daemon(config, config != fallback, &clock,
				&vouched, &err) == -1)
		status = output_fail(2, &err);
	if (status == -1) {
		if (clock == NULL)
			clock = look_here(&vouched);
		status = show(clock, json);
		json_object_put(clock);
	}
	free(fallback);
	return (status);
}
