/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos status: how the daemon on this host is.
 */
#include "cli/status.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/fetch.h"
#include "common/member.h"
#include "common/place.h"
#include "common/unit.h"
#include "common/yaml.h"

static int
usage(FILE *out)
{
	fprintf(out,
	    "usage: pharos status [OPTION...]\n"
	    "\n"
	    "  --config FILE  the daemon's configuration (default: agent.yaml,\n"
	    "                 then collector.yaml, in the system's folder)\n"
	    "  --format F     text or json (default: text)\n");
	return (out == stdout ? 0 : 2);
}

struct arguments {
	char *config;
	bool json, help;
};

/* What tells one configuration from another: a member that only it has. */
static const struct {
	const char *member;
	const struct status_face *face;
} faces[] = {
    {"collector", &status_agent},
};

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
show(const struct arguments *arguments)
{
	const struct status_face *face;
	json_object *status;
	struct error err;
	char *socket;

	face = find_face(arguments->config, &err);
	socket = face != NULL ? face->socket(arguments->config, &err) : NULL;
	if (socket == NULL)
		return (output_fail(2, &err));
	status = fetch_status(socket, &err);
	free(socket);
	if (status == NULL)
		return (output_fail(3, &err));
	if (arguments->json)
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

static int
parse(struct arguments *arguments, int argc, char **argv)
{
	static const struct option options[] = {
	    {"config", required_argument, NULL, 'c'},
	    {"format", required_argument, NULL, 'f'},
	    {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0},
	};
	const char *format = "text";
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'c')
			arguments->config = optarg;
		else if (c == 'f')
			format = optarg;
		else if (c == 'h')
			arguments->help = true;
		else
			return (-1);
	}
	arguments->json = strcmp(format, "json") == 0;
	if (!arguments->json && strcmp(format, "text") != 0) {
		fprintf(stderr,
		    "pharos status: --format %s: expected text or json\n",
		    format);
		return (-1);
	}
	return (optind == argc ? 0 : -1);
}

int
command_status(int argc, char **argv)
{
	char *config = default_config();
	struct arguments arguments = {.config = config};
	int rc;

	if (parse(&arguments, argc, argv) < 0)
		rc = usage(stderr);
	else if (arguments.help)
		rc = usage(stdout);
	else
		rc = show(&arguments);
	free(config);
	return (rc);
}
