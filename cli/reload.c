/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos reload: make the collector read its files again.
 */
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/control.h"
#include "cli/output.h"
#include "common/error.h"
#include "common/member.h"
#include "common/place.h"

static void
usage(FILE *out)
{
	fprintf(out,
	    "usage: pharos reload [--config COLLECTOR.YAML]\n"
	    "\n"
	    "Makes the collector read collector.yaml and its fleet file, and "
	    "shows\nwhat changed. A file with a mistake is refused and the last "
	    "good one\nstays.\n");
}

static size_t
print_texts(
    json_object *report, const char *name, const char *before, FILE *out)
{
	json_object *texts = NULL;
	size_t count;

	if (member_array(report, name, &texts, NULL) == -1)
		return (0);
	count = json_object_array_length(texts);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s%s\n", before,
		    json_object_get_string(
			json_object_array_get_idx(texts, i)));
	return (count);
}

static int
print(json_object *report, int status)
{
	const char *problem = member_text_or(report, "settings_problem", NULL);
	size_t changes;

	print_texts(report, "warnings", "warning: ", stderr);
	if (problem != NULL)
		fprintf(stderr, "%s\nrefused; the last good settings stay\n",
		    problem);
	changes = print_texts(report, "settings", "", stdout);
	if (print_texts(report, "problems", "", stderr) > 0) {
		fprintf(stderr, "refused; the last good fleet stays\n");
		return (2);
	}
	changes += print_texts(report, "changes", "", stdout);
	if (changes == 0 && problem == NULL)
		printf("nothing changed\n");
	printf(
	    "revision %" PRId64 "\n", member_whole_or(report, "revision", 0));
	return (status == 409 ? 2 : 0);
}

static int
reload(const char *config)
{
	struct error err;
	int status;
	json_object *report =
	    control_post(config, "/control/v1/reload", NULL, &status, &err);
	int result = control_failure(status);

	if (report == NULL) {
		output_fail(result, &err);
	} else if (status == 200 || status == 409) {
		result = print(report, status);
	} else {
		error_set(&err, "%s",
		    member_text_or(report, "detail", "the collector failed"));
		output_fail(result, &err);
	}
	json_object_put(report);
	return (result);
}

int
command_reload(int argc, char **argv)
{
	char *fallback = place_config("collector.yaml");
	const char *config = fallback;
	const struct argument table[] = {{"config", &config}, {NULL}};
	int status = arguments_read(argc, argv, table, 0, usage);

	if (status == -1)
		status = reload(config);
	free(fallback);
	return (status);
}
