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
#include "collector/settings.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/member.h"
#include "common/place.h"
#include "common/table.h"
#include "common/unit.h"

#define DAY 86400.0

static void
usage(FILE *out)
{
	fprintf(out,
	    "usage: pharos token new BOX [--valid DURATION] [--config "
	    "COLLECTOR.YAML]\n"
	    "       pharos token list [--config COLLECTOR.YAML]\n"
	    "       pharos token revoke ID [--config COLLECTOR.YAML]\n"
	    "\n"
	    "new prints a token with which BOX, one of the fleet file's, gets\n"
	    "its certificate by \"pharos enroll\". It is good for one key and\n"
	    "expires, after 1d unless --valid says otherwise. list shows all\n"
	    "that were made lately, revoke makes one useless that was not "
	    "used.\n");
}

struct arguments {
	const char *config, *box;
	double valid; /* seconds */
};

/* 0 and the answer, or the exit status and why. */
static int
ask(const char *config, const char *path, json_object *question,
    json_object **answer, struct error *err)
{
	int status;

	*answer = control_post(config, path, question, &status, err);
	json_object_put(question);
	if (status == 200 && *answer != NULL)
		return (0);
	if (*answer != NULL)
		error_set(err, "%s",
		    member_text_or(*answer, "detail", "the collector refused"));
	return (control_failure(status));
}

/* The token alone on standard output, for scripts; the rest is for people. */
static void
print(const struct arguments *arguments, json_object *answer)
{
	double expires = member_number_or(answer, "expires", 0);
	struct collector_settings settings;
	const char *port = "8641", *colon;
	char text[40];

	if (collector_settings_read(&settings, arguments->config, NULL) == 0) {
		colon = strrchr(settings.agents, ':');
		port = colon != NULL ? colon + 1 : settings.agents;
	}
	printf("%s\n", member_text_or(answer, "token", ""));
	fprintf(stderr,
	    "%s, until %s, on %s: pharos enroll --collector "
	    "https://HOST:%s --token TOKEN\n",
	    member_text_or(answer, "id", ""),
	    clock_format(clock_of_seconds(expires), 0, text), arguments->box,
	    port);
}

static int
new_token(const struct arguments *arguments)
{
	json_object *question = json_object_new_object(), *answer;
	struct error err;
	int status;

	member_add_text(question, "box", arguments->box);
	member_add_number(question, "valid", arguments->valid);
	status = ask(
	    arguments->config, "/control/v1/tokens", question, &answer, &err);
	if (status == 0)
		print(arguments, answer);
	else
		output_fail(status, &err);
	json_object_put(answer);
	return (status);
}

static const char *
state_of(json_object *token, double now)
{
	if (member_get(token, "revoked") != NULL)
		return ("revoked");
	if (member_get(token, "used") != NULL)
		return ("used");
	return (
	    member_number_or(token, "expires", 0) <= now ? "expired" : "open");
}

static void
add_time(struct table *table, json_object *token, const char *name)
{
	char text[40];

	table_text(table,
	    clock_format(
		clock_of_seconds(member_number_or(token, name, 0)), 0, text));
}

static void
print_tokens(json_object *tokens)
{
	static const char *const titles[] = {
	    "ID", "BOX", "STATE", "MADE", "EXPIRES", NULL};
	struct table *table = table_new();
	double now = clock_seconds(clock_wall());

	for (size_t i = 0; titles[i] != NULL; i++)
		table_column(table, titles[i], UNIT_NONE);
	for (size_t i = 0; i < json_object_array_length(tokens); i++) {
		json_object *token = json_object_array_get_idx(tokens, i);

		table_row(table);
		table_text(table, member_text_or(token, "id", NULL));
		table_text(table, member_text_or(token, "box", NULL));
		table_text(table, state_of(token, now));
		add_time(table, token, "made");
		add_time(table, token, "expires");
	}
	table_write(table, TABLE_TEXT_FORMAT, 0, stdout);
	table_free(table);
}

static int
list_tokens(const char *config)
{
	json_object *answer, *tokens;
	struct error err;
	int status = ask(config, "/control/v1/tokens/list",
	    json_object_new_object(), &answer, &err);

	if (status != 0)
		output_fail(status, &err);
	else if (member_array(answer, "tokens", &tokens, NULL) == 0)
		print_tokens(tokens);
	json_object_put(answer);
	return (status);
}

static int
revoke_token(const char *config, const char *id)
{
	json_object *question = json_object_new_object(), *answer;
	struct error err;
	int status;

	member_add_text(question, "id", id);
	status =
	    ask(config, "/control/v1/tokens/revoke", question, &answer, &err);
	if (status == 0)
		printf("token %s for %s is good for nothing now\n", id,
		    member_text_or(answer, "box", "?"));
	else
		output_fail(status, &err);
	json_object_put(answer);
	return (status);
}

static int
run_new(struct arguments *arguments, const char *box, const char *valid)
{
	struct error err;

	arguments->box = box;
	if (valid != NULL &&
	    unit_parse(UNIT_SECONDS, valid, &arguments->valid, &err) == -1) {
		error_place(&err, "--valid");
		return (output_fail(2, &err));
	}
	return (new_token(arguments));
}

static int
run(struct arguments *arguments, int count, char *const *words,
    const char *valid)
{
	if (count == 2 && strcmp(words[0], "new") == 0)
		return (run_new(arguments, words[1], valid));
	if (count == 1 && strcmp(words[0], "list") == 0 && valid == NULL)
		return (list_tokens(arguments->config));
	if (count == 2 && strcmp(words[0], "revoke") == 0 && valid == NULL)
		return (revoke_token(arguments->config, words[1]));
	usage(stderr);
	return (2);
}

int
command_token(int argc, char **argv)
{
	char *config = place_config("collector.yaml");
	struct arguments arguments = {.config = config, .valid = DAY};
	const char *valid = NULL;
	const struct argument table[] = {
	    {"config", &arguments.config}, {"valid", &valid}, {NULL}};
	int status = arguments_read(argc, argv, table, ARGUMENTS_ANY, usage);

	if (status == -1)
		status = run(&arguments, argc - optind, argv + optind, valid);
	free(config);
	return (status);
}
