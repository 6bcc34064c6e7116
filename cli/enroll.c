/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos enroll: make this host a box of a fleet.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/enrol.h"
#include "agent/settings.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "common/error.h"
#include "common/memory.h"
#include "common/place.h"

static void
usage(FILE *out)
{
	char *config = place_config("agent.yaml");
	char *state = place_state("agent");

	fprintf(out,
	    "usage: pharos enroll --collector URL --token TOKEN [OPTION...]\n"
	    "\n"
	    "  --collector URL  where agents report, https://HOST:8641\n"
	    "  --token TOKEN    what \"pharos token new BOX\" printed\n"
	    "  --config FILE    agent.yaml to write (default %s)\n"
	    "  --state DIR      where pharosd keeps its state (default %s)\n"
	    "\n"
	    "Makes this host a box of the fleet that the token is from. It may\n"
	    "be repeated with the same token if it was cut off.\n",
	    config, state);
	free(config);
	free(state);
}

struct request {
	const char *collector, *token, *config, *state;
};

/* Copies text to where the settings keep it. */
static int
set_text(char *to, size_t room, const char *text, struct error *err)
{
	if (strlen(text) >= room)
		return (
		    error_set(err, "too long, at most %zu bytes", room - 1));
	memset(to, 0, room);
	memcpy(to, text, strlen(text));
	return (0);
}

/* A relative folder is one of the folder we are in. */
static int
set_state(struct agent_settings *settings, const char *state, struct error *err)
{
	char *here, *path;
	int rc;

	if (state[0] == '/')
		return (set_text(
		    settings->state, sizeof(settings->state), state, err));
	here = getcwd(NULL, 0);
	if (here == NULL)
		return (error_set(err, "%m"));
	path = memory_print("%s/%s", here, state);
	rc = set_text(settings->state, sizeof(settings->state), path, err);
	free(here);
	free(path);
	return (rc);
}

/* The command line's word, else that of the file that is there, else the
 * default. */
static int
fill(struct agent_settings *settings, const struct request *request,
    struct error *err)
{
	struct agent_settings existing;
	const char *state = request->state;

	if (agent_settings_default(settings, err) < 0)
		return (-1);
	if (state == NULL && access(request->config, F_OK) == 0) {
		if (agent_settings_read(&existing, request->config, err) < 0)
			return (-1);
		state = existing.state;
	}
	if (set_text(settings->collector, sizeof(settings->collector),
		request->collector, err) < 0 ||
	    agent_settings_url(settings->collector, err) < 0)
		return (error_place(err, "--collector"));
	if (state != NULL &&
	    (set_state(settings, state, err) < 0 ||
		agent_settings_folder(settings->state, err) < 0))
		return (error_place(err, "--state"));
	return (0);
}

static int
enroll(const struct request *request)
{
	struct agent_settings settings;
	struct error err;

	if (fill(&settings, request, &err) < 0)
		return (output_fail(2, &err));
	if (enrol(&settings, request->token, request->config, &err) < 0)
		return (output_fail(3, &err));
	printf("This is box %s now; start it with: pharosd -c %s\n",
	    settings.name, request->config);
	return (0);
}

int
command_enroll(int argc, char **argv)
{
	char *config = place_config("agent.yaml");
	struct request request = {.config = config};
	const struct argument arguments[] = {
	    {"collector", &request.collector},
	    {"token", &request.token},
	    {"config", &request.config},
	    {"state", &request.state},
	    {NULL, NULL},
	};
	int status = arguments_read(argc, argv, arguments, 0, usage);

	if (status == -1 &&
	    (request.collector == NULL || request.token == NULL)) {
		usage(stderr);
		status = 2;
	}
	if (status == -1)
		status = enroll(&request);
	free(config);
	return (status);
}
