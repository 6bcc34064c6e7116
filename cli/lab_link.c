/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos lab fail, cut, restore and set: links made otherwise.
 */
#include <getopt.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "cli/api.h"
#include "cli/arguments.h"
#include "cli/lab.h"
#include "cli/output.h"
#include "common/clock.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/unit.h"
#include "lab/way.h"

#define BACK "back."

static void
usage_fail(FILE *out)
{
	fprintf(out,
	    "usage: pharos lab fail LINK [--lab NAME] [--after-hello "
	    "DURATION]\n"
	    "\n"
	    "Every packet on the link is lost from now on, both ways; its\n"
	    "ends are not told. With --after-hello it waits until so long\n"
	    "after an OSPF hello: what notices the silence does so at a\n"
	    "known time.\n");
}

static void
usage_cut(FILE *out)
{
	fprintf(out, "usage: pharos lab cut LINK [--lab NAME] [--after-hello "
		     "DURATION]\n"
		     "\n"
		     "As fail, and both ends see that the carrier has gone.\n");
}

static void
usage_restore(FILE *out)
{
	fprintf(out, "usage: pharos lab restore LINK [--lab NAME] "
		     "[--after-hello DURATION]\n"
		     "\n"
		     "The link works again, as it did before.\n");
}

static void
usage_set(FILE *out)
{
	fprintf(out, "usage: pharos lab set LINK NAME=VALUE... [--lab NAME]\n"
		     "\n"
		     "Changes both ways, or the one from the second end to "
		     "the first: back.NAME=VALUE.\n\n");
	for (const struct setting *s = way_options; s->name != NULL; s++) {
		char *accepts = option_accepts(s);

		fprintf(out, "  %-10s %s (%s)\n", s->name, s->help, accepts);
		free(accepts);
	}
}

/* POST of body, taken over, to a link. The exit status. */
static int
post(const char *lab, const char *link, const char *what, json_object *body)
{
	char *name, *escaped = api_escape(link);
	char *path = memory_print("/v1/links/%s/%s", escaped, what);
	json_object *answer = NULL;
	struct error err;

	name = lab_choose(lab, &err);
	if (name != NULL)
		answer = lab_ask(name, path, body, &err);
	else
		json_object_put(body);
	free(name);
	free(path);
	free(escaped);
	if (answer == NULL)
		return (output_fail(2, &err));
	json_object_put(answer);
	return (0);
}

static int
put(int argc, char **argv, void (*usage)(FILE *out))
{
	const char *lab = NULL, *after = NULL;
	const struct argument arguments[] = {
	    {"lab", &lab}, {"after-hello", &after}, {NULL}};
	int status = arguments_read(argc, argv, arguments, 1, usage);
	json_object *body;
	double seconds;
	struct error err;

	if (status != -1)
		return (status);
	if (after != NULL &&
	    unit_parse(UNIT_SECONDS, after, &seconds, &err) == -1) {
		error_place(&err, "--after-hello");
		return (output_fail(2, &err));
	}
	body = json_object_new_object();
	if (after != NULL)
		member_add_number(body, "after_hello", seconds);
	return (post(lab, argv[optind], argv[0], body));
}

int
command_lab_fail(int argc, char **argv)
{
	return (put(argc, argv, usage_fail));
}

int
command_lab_cut(int argc, char **argv)
{
	return (put(argc, argv, usage_cut));
}

int
command_lab_restore(int argc, char **argv)
{
	return (put(argc, argv, usage_restore));
}

static int
unknown_option(const char *name, struct error *err)
{
	char *all = memory_text("");

	for (const struct setting *s = way_options; s->name != NULL; s++) {
		char *longer = memory_print(
		    "%s%s%s", all, all[0] == '\0' ? "" : ", ", s->name);

		free(all);
		all = longer;
	}
	error_set(err, "%s: a link has no such option, only %s", name, all);
	free(all);
	return (-1);
}

/* "delay=5ms" into o. */
static int
add_option(json_object *o, char *word, struct error *err)
{
	char *equals = strchr(word, '=');
	const struct setting *setting;
	json_object *value;

	if (equals == NULL)
		return (error_set(err, "%s: expected NAME=VALUE", word));
	*equals = '\0';
	if ((setting = option_find(way_options, word)) == NULL)
		return (unknown_option(word, err));
	if ((value = option_json(setting, equals + 1, err)) == NULL)
		return (error_place(err, "%s", word));
	json_object_object_add(o, word, value);
	return (0);
}

static int
read_options(char **words, json_object *body, struct error *err)
{
	json_object *back = json_object_new_object();
	int status = 0;

	for (; *words != NULL && status == 0; words++)
		if (strncmp(*words, BACK, strlen(BACK)) == 0)
			status = add_option(back, *words + strlen(BACK), err);
		else
			status = add_option(body, *words, err);
	json_object_object_add(body, "back", back);
	return (status);
}

int
command_lab_set(int argc, char **argv)
{
	const char *lab = NULL;
	const struct argument arguments[] = {{"lab", &lab}, {NULL}};
	int status =
	    arguments_read(argc, argv, arguments, ARGUMENTS_ANY, usage_set);
	json_object *body;
	struct error err;

	if (status == -1 && argc - optind < 2) {
		usage_set(stderr);
		status = 2;
	}
	if (status != -1)
		return (status);
	body = json_object_new_object();
	if (read_options(argv + optind + 1, body, &err) == 0)
		return (post(lab, argv[optind], argv[0], body));
	json_object_put(body);
	return (output_fail(2, &err));
}
