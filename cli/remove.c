/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos remove: take a box's membership away.
 */
#include <getopt.h>
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
	    "usage: pharos remove BOX [--config COLLECTOR.YAML]\n"
	    "\n"
	    "Refuses BOX from now on, whatever certificate it has, and ends "
	    "what\n"
	    "it has open. Its history stays. A new token lets it in again.\n");
}

static void
print(const char *box, json_object *answer)
{
	bool in_fleet = false;

	member_flag(answer, "in_fleet", &in_fleet, NULL);
	printf("%s is removed\n", box);
	if (in_fleet)
		fprintf(stderr,
		    "others go on measuring it: take it out of the fleet file "
		    "and say \"pharos reload\"\n");
}

static int
remove_box(const char *config, const char *box)
{
	json_object *question = json_object_new_object(), *answer;
	struct error err;
	int status, result = 0;

	member_add_text(question, "box", box);
	answer =
	    control_post(config, "/control/v1/remove", question, &status, &err);
	json_object_put(question);
	if (answer == NULL) {
		result = output_fail(control_failure(status), &err);
	} else if (status != 200) {
		error_set(&err, "%s",
		    member_text_or(answer, "detail", "the collector refused"));
		result = output_fail(control_failure(status), &err);
	} else {
		print(box, answer);
	}
	json_object_put(answer);
	return (result);
}

int
command_remove(int argc, char **argv)
{
	char *fallback = place_config("collector.yaml");
	const char *config = fallback;
	const struct argument table[] = {{"config", &config}, {NULL}};
	int status = arguments_read(argc, argv, table, 1, usage);

	if (status == -1)
		status = remove_box(config, argv[optind]);
	free(fallback);
	return (status);
}
