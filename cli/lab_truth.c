/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos lab truth: what happens to every packet on a link.
 */
#include <getopt.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/api.h"
#include "cli/arguments.h"
#include "cli/lab.h"
#include "cli/lab_start.h"
#include "cli/output.h"
#include "common/clock.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/table.h"
#include "common/unit.h"
#include "lab/truth.h"

#define STEP_MS 50

static void
usage(FILE *out)
{
	fprintf(out,
	    "usage: pharos lab truth [NAME] --link LINK [--seconds DURATION] "
	    "[--format FORMAT]\n"
	    "\n"
	    "  --link LINK         the link to look at\n"
	    "  --seconds DURATION  for so long (default: until Ctrl-C)\n"
	    "  --format FORMAT     text, csv (default), tsv or json\n"
	    "\n"
	    "Records every packet on the link, then prints what happened to\n"
	    "each: when it entered and left, or that it was lost, duplicated\n"
	    "or corrupted. Times are the kernel's, at the link's two ends.\n");
}

static json_object *
post(const char *lab, const char *link, bool on, struct error *err)
{
	char *escaped = api_escape(link);
	char *path = memory_print("/v1/links/%s/truth", escaped);
	json_object *body = json_object_new_object(), *answer;

	json_object_object_add(body, "on", json_object_new_boolean(on));
	answer = lab_ask(lab, path, body, err);
	free(path);
	free(escaped);
	return (answer);
}

static void
wait_for(double seconds)
{
	nanoseconds until = seconds < 0
				? INT64_MAX
				: clock_monotonic() + clock_of_seconds(seconds);

	while (!lab_interrupted() && clock_monotonic() < until)
		poll(NULL, 0, STEP_MS);
}

static int
print(json_object *files, enum table_format format, struct error *err)
{
	const char *file = member_text_or(files, "file", ""),
		   *verdicts = member_text_or(files, "verdicts", NULL);
	struct truth *truth = truth_read(file, verdicts, err);

	if (truth != NULL)
		truth_write(truth, format, stdout);
	truth_free(truth);
	unlink(file);
	if (verdicts != NULL)
		unlink(verdicts);
	return (truth == NULL ? -1 : 0);
}

static int
record(const char *lab, const char *link, double seconds,
    enum table_format format, struct error *err)
{
	json_object *files = post(lab, link, true, err);
	int status;

	if (files == NULL)
		return (-1);
	json_object_put(files);
	lab_catch_signals();
	wait_for(seconds);
	if ((files = post(lab, link, false, err)) == NULL)
		return (-1);
	status = print(files, format, err);
	json_object_put(files);
	return (status);
}

struct arguments {
	const char *link, *seconds, *format;
};

static int
run(const struct arguments *arguments, const char *given)
{
	enum table_format format;
	double seconds = -1;
	struct error err;
	char *name;
	int status;

	if (table_find_format(arguments->format, &format, &err) == -1) {
		error_place(&err, "--format");
		return (output_fail(2, &err));
	}
	if (arguments->seconds != NULL &&
	    unit_parse(UNIT_SECONDS, arguments->seconds, &seconds, &err) ==
		-1) {
		error_place(&err, "--seconds");
		return (output_fail(2, &err));
	}
	if ((name = lab_choose(given, &err)) == NULL)
		return (output_fail(2, &err));
	status = record(name, arguments->link, seconds, format, &err);
	free(name);
	return (status == -1 ? output_fail(3, &err) : 0);
}

int
command_lab_truth(int argc, char **argv)
{
	struct arguments arguments = {.format = "csv"};
	const struct argument table[] = {{"link", &arguments.link},
	    {"seconds", &arguments.seconds}, {"format", &arguments.format},
	    {NULL}};
	int status = arguments_read(argc, argv, table, ARGUMENTS_ONE, usage);

	if (status == -1 && arguments.link == NULL) {
		usage(stderr);
		status = 2;
	}
	return (status == -1 ? run(&arguments, argv[optind]) : status);
}
