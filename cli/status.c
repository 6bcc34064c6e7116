/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos status: how the daemon on this host is.
 */
#include "cli/status.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "common/clock.h"
#include "common/discipline.h"
#include "common/error.h"
#include "common/fetch.h"
#include "common/member.h"
#include "common/place.h"
#include "common/table.h"
#include "common/unit.h"
#include "common/yaml.h"

static void
usage(FILE *out)
{
	fprintf(out,
	    "usage: pharos status [OPTION...]\n"
	    "\n"
	    "  --config FILE  the daemon's configuration (default: agent.yaml,\n"
	    "                 then collector.yaml, in the system's folder)\n"
	    "  --format F     text or json (default: text)\n");
}

/* What tells one configuration from another: a member that only it has. */
static const struct {
	const char *member;
	const struct status_face *face;
} faces[] = {
    {"collector", &status_agent},
    {"fleet", &status_collector},
    {"people", &status_collector},
    {"agents", &status_collector},
};

void
status_clock(struct table *table, json_object *clock)
{
	double error = member_number_or(clock, "error", NAN);
	const char *source = member_text_or(clock, "source", NULL);
	char text[128], number[UNIT_TEXT];

	if (source == NULL || isnan(error)) {
		table_text(table, source);
		return;
	}
	if (strcmp(source, DISCIPLINE_OPERATOR) == 0)
		source = "vouched for by the operator";
	snprintf(text, sizeof(text), "%.64s, %s", source,
	    unit_format(UNIT_SECONDS, error, number));
	table_text(table, text);
}

char *
status_ago(
    struct json_object *instant, double now, char text[static STATUS_AGO])
{
	char number[UNIT_TEXT];
	double age;

	if (instant == NULL) {
		strcpy(text, "never");
		return (text);
	}
	age = now - json_object_get_double(instant);
	unit_format(UNIT_SECONDS, age < 0 ? 0 : age, number);
	snprintf(text, STATUS_AGO, "%s ago", number);
	return (text);
}

static const struct status_face *
find_face(const char *config, struct error *err)
{
	const struct status_face *face = NULL;
	struct yml *root = yml_read(config, err);
	size_t i;

	if (root == NULL)
		return (NULL);
	if (root->kind == YML_MAP)
		for (i = 0; i < sizeof(faces) / sizeof(faces[0]); i++)
			if (yml_get(root, faces[i].member) != NULL)
				face = faces[i].face;
	if (face == NULL)
		yml_error(root, err,
		    "neither an agent's nor a collector's configuration");
	yml_free(root);
	return (face);
}

static json_object *
fetch_status(const char *socket, struct error *err)
{
	const struct fetch_about about = {
	    .method = "GET",
	    .url = "http://localhost/control/v1/status",
	    .unix_socket = socket,
	};

	json_object *status = NULL;
	struct error why;

	if (access(socket, R_OK | W_OK) < 0)
		error_set(&why, "%s: %m", socket);
	else
		status = fetch_json(NULL, &about, &why);
	if (status == NULL)
		error_set(err, "%s; is the daemon running?", why.text);
	return (status);
}

static void
print_json(json_object *status)
{
	printf("%s\n",
	    json_object_to_json_string_ext(status,
		JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
}

static int
show(const char *config, bool json)
{
	const struct status_face *face;
	json_object *status;
	struct error err;
	char *socket;

	face = find_face(config, &err);
	socket = face != NULL ? face->socket(config, &err) : NULL;
	if (socket == NULL)
		return (output_fail(2, &err));
	status = fetch_status(socket, &err);
	free(socket);
	if (status == NULL)
		return (output_fail(3, &err));
	if (json)
		print_json(status);
	else
		face->print(status, clock_seconds(clock_wall()), output_width(),
		    stdout);
	json_object_put(status);
	return (0);
}

static char *
default_config(void)
{
	char *agent = place_config("agent.yaml");
	char *collector = place_config("collector.yaml");

	if (access(agent, F_OK) < 0 && access(collector, F_OK) == 0) {
		free(agent);
		return (collector);
	}
	free(collector);
	return (agent);
}

int
command_status(int argc, char **argv)
{
	char *fallback = default_config();
	const char *config = fallback, *format = "text";
	const struct argument arguments[] = {
	    {"config", &config}, {"format", &format}, {NULL, NULL}};
	int status = arguments_read(argc, argv, arguments, 0, usage);
	bool json = strcmp(format, "json") == 0;
	struct error err;

	if (status == -1 && !json && strcmp(format, "text") != 0) {
		error_set(&err, "--format %s: expected text or json", format);
		status = output_fail(2, &err);
	}
	if (status == -1)
		status = show(config, json);
	free(fallback);
	return (status);
}
