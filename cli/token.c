/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos token: let a box into the fleet, once.
 */
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/control.h"
#include "cli/output.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/member.h"
#include "common/place.h"
#include "common/unit.h"

#define DAY 86400.0

static void
usage(FILE *out)
{
	fprintf(out,
	    "usage: pharos token new BOX [--valid DURATION] [--config "
	    "COLLECTOR.YAML]\n"
	    "\n"
	    "Prints a token with which BOX, one of the fleet file's, gets its\n"
	    "certificate by \"pharos enroll\". It is good for one key and\n"
	    "expires, after 1d unless --valid says otherwise.\n");
}

struct arguments {
	const char *config, *box;
	double valid; /* seconds */
};

static int
ask(const struct arguments *arguments, json_object **answer, struct error *err)
{
	json_object *question = json_object_new_object();
	int status;

	member_add_text(question, "box", arguments->box);
	member_add_number(question, "valid", arguments->valid);
	*answer = control_post(
	    arguments->config, "/control/v1/tokens", question, &status, err);
	json_object_put(question);
	if (*answer == NULL)
		return (3);
	if (status == 200)
		return (0);
	error_set(err, "%s",
	    member_text_or(*answer, "detail", "the collector refused"));
	return (status < 500 ? 2 : 3);
}

/* The token alone on standard output, for scripts; the rest is for people. */
static void
print(const char *box, json_object *answer)
{
	double expires = member_number_or(answer, "expires", 0);
	char text[40];

	printf("%s\n", member_text_or(answer, "token", ""));
	fprintf(stderr,
	    "until %s, on %s: pharos enroll --collector https://HOST:8641 "
	    "--token TOKEN\n",
	    clock_format(clock_of_seconds(expires), 0, text), box);
}

static int
new_token(const struct arguments *arguments)
{
	json_object *answer;
	struct error err;
	int status = ask(arguments, &answer, &err);

	if (status == 0)
		print(arguments->box, answer);
	else
		output_fail(status, &err);
	json_object_put(answer);
	return (status);
}

/* words: "new" and the box */
static int
run(struct arguments *arguments, char *const *words, const char *valid)
{
	struct error err;

	if (strcmp(words[0], "new") != 0) {
		usage(stderr);
		return (2);
	}
	arguments->box = words[1];
	if (valid != NULL &&
	    unit_parse(UNIT_SECONDS, valid, &arguments->valid, &err) == -1) {
		error_place(&err, "--valid");
		return (output_fail(2, &err));
	}
	return (new_token(arguments));
}

int
command_token(int argc, char **argv)
{
	char *config = place_config("collector.yaml");
	struct arguments arguments = {.config = config, .valid = DAY};
	const char *valid = NULL;
	const struct argument table[] = {
	    {"config", &arguments.config}, {"valid", &valid}, {NULL}};
	int status = arguments_read(argc, argv, table, 2, usage);

	if (status == -1)
		status = run(&arguments, argv + optind, valid);
	free(config);
	return (status);
}
