/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos lab status: how a lab is.
 */
#include <getopt.h>
#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/lab.h"
#include "cli/output.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/table.h"
#include "common/unit.h"
#include "lab/run.h"

static void
usage(FILE *out)
{
	fprintf(out, "usage: pharos lab status [NAME] [--format FORMAT]\n"
		     "\n"
		     "  --format FORMAT  text (default) or json\n");
}

/* "bird, pharosd (restarted 2 times)" */
static char *
daemons_text(json_object *daemons)
{
	char *all = memory_text("");

	for (size_t i = 0; i < json_object_array_length(daemons); i++) {
		json_object *one = json_object_array_get_idx(daemons, i);
		int restarts = (int)member_whole_or(one, "restarts", 0);
		char *again = restarts == 0
				  ? memory_text("")
				  : memory_print(" (restarts: %d)", restarts);
		char *longer = memory_print("%s%s%s%s%s", all,
		    i == 0 ? "" : ", ", member_text_or(one, "name", "?"),
		    member_get(one, "pid") == NULL ? " (down)" : "", again);

		free(again);
		free(all);
		all = longer;
	}
	return (all);
}

static void
print_nodes(json_object *nodes)
{
	struct table *table = table_new();

	table_column(table, "NODE", UNIT_NONE);
	table_column(table, "KIND", UNIT_NONE);
	table_column(table, "ADDRESS", UNIT_NONE);
	table_column(table, "DAEMONS", UNIT_NONE);
	for (size_t i = 0; i < json_object_array_length(nodes); i++) {
		json_object *node = json_object_array_get_idx(nodes, i);
		char *daemons = daemons_text(member_get(node, "daemons"));

		table_row(table);
		table_text(table, member_text_or(node, "name", NULL));
		table_text(table, member_text_or(node, "kind", NULL));
		table_text(table, member_text_or(node, "address",
				      member_text_or(node, "address6", NULL)));
		table_text(table, daemons[0] == '\0' ? NULL : daemons);
		free(daemons);
	}
	table_write(table, TABLE_TEXT_FORMAT, output_width(), stdout);
	table_free(table);
}

/* What both ways have, "10 ms" or "10 ms / 12 ms". */
static void
both_ways(
    struct table *table, json_object *ways, const char *name, enum unit unit)
{
	char text[2][UNIT_TEXT], *both;

	for (size_t i = 0; i < 2; i++)
		unit_format(unit,
		    member_number_or(
			json_object_array_get_idx(ways, i), name, 0),
		    text[i]);
	if (strcmp(text[0], text[1]) == 0) {
		table_text(table, text[0]);
		return;
	}
	both = memory_print("%s / %s", text[0], text[1]);
	table_text(table, both);
	free(both);
}

/* 0 is no limit. */
static void
rates(struct table *table, json_object *ways)
{
	for (size_t i = 0; i < 2; i++)
		if (member_number_or(
			json_object_array_get_idx(ways, i), "rate", 0) > 0) {
			both_ways(table, ways, "rate", UNIT_BITRATE);
			return;
		}
	table_text(table, NULL);
}

static void
print_link(struct table *table, json_object *link)
{
	json_object *ends = member_get(link, "ends"),
		    *ways = member_get(link, "ways");

	table_row(table);
	table_text(table, member_text_or(link, "name", NULL));
	for (size_t i = 0; i < 2; i++)
		table_text(
		    table, member_text_or(json_object_array_get_idx(ends, i),
			       "node", NULL));
	table_text(table, member_text_or(link, "state", NULL));
	table_text(table, member_text_or(link, "backend", NULL));
	both_ways(table, ways, "delay", UNIT_SECONDS);
	both_ways(table, ways, "loss", UNIT_RATIO);
	rates(table, ways);
}

static void
print_links(json_object *links)
{
	static const char *const titles[] = {
	    "LINK", "FROM", "TO", "STATE", "BY", "DELAY", "LOSS", "RATE", NULL};
	struct table *table = table_new();

	for (size_t i = 0; titles[i] != NULL; i++)
		table_column(table, titles[i], UNIT_NONE);
	for (size_t i = 0; i < json_object_array_length(links); i++)
		print_link(table, json_object_array_get_idx(links, i));
	table_write(table, TABLE_TEXT_FORMAT, output_width(), stdout);
	table_free(table);
}

static bool
any_by(json_object *links, const char *backend)
{
	for (size_t i = 0; i < json_object_array_length(links); i++)
		if (strcmp(member_text_or(json_object_array_get_idx(links, i),
			       "backend", ""),
			backend) == 0)
			return (true);
	return (false);
}

static const char *
backends_text(json_object *links)
{
	if (any_by(links, "netem"))
		return (
		    any_by(links, "emulator") ? "netem and emulator" : "netem");
	return (any_by(links, "emulator") ? "emulator" : "nothing");
}

static void
print(const char *name, json_object *lab)
{
	bool converged = json_object_get_boolean(member_get(lab, "converged"));
	char *daemons = daemons_text(member_get(lab, "daemons"));
	const char *page = member_text_or(lab, "page", NULL);

	printf("lab %s: up for %.0f s, %s, links by %s\n", name,
	    member_number_or(lab, "up", 0),
	    converged ? "converged" : "routes are not there yet",
	    backends_text(member_get(lab, "links")));
	if (daemons[0] != '\0')
		printf("its own daemons: %s\n", daemons);
	if (page != NULL)
		printf("the collector's pages: %s\n", page);
	printf("\n");
	print_nodes(member_get(lab, "nodes"));
	printf("\n");
	print_links(member_get(lab, "links"));
	free(daemons);
}

static int
show(const char *given, bool json)
{
	struct error err;
	char *name = lab_choose(given, &err);
	json_object *lab =
	    name == NULL ? NULL : lab_ask(name, "/v1/lab", NULL, &err);

	if (lab != NULL && json)
		printf("%s\n", json_object_to_json_string_ext(
				   lab, JSON_C_TO_STRING_PLAIN));
	else if (lab != NULL)
		print(name, lab);
	free(name);
	if (lab == NULL)
		return (output_fail(2, &err));
	json_object_put(lab);
	return (0);
}

int
command_lab_status(int argc, char **argv)
{
	const char *format = "text";
	const struct argument arguments[] = {{"format", &format}, {NULL}};
	int status =
	    arguments_read(argc, argv, arguments, ARGUMENTS_ONE, usage);
	bool json = strcmp(format, "json") == 0;
	struct error err;

	if (status == -1 && !json && strcmp(format, "text") != 0) {
		error_set(&err, "--format %s: expected text or json", format);
		status = output_fail(2, &err);
	}
	return (status == -1 ? show(argv[optind], json) : status);
}
