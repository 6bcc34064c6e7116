/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos matrix: the pairs of a test, as /api/v1/matrix has them.
 */
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/api.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/table.h"

#define CELL_WIDTH 12 /* "38.2 ms *" and the gap */

struct request {
	struct api api;
	const char *test, *metric, *stat, *window;
	enum table_format format;
};

static void
usage(FILE *out)
{
	fprintf(out,
	    "usage: pharos matrix TEST [OPTION...]\n"
	    "\n"
	    "  --metric M     such as rtt or loss (default: the probe's first)\n"
	    "  --stat S       such as min, p50, p95, max, sum, ratio\n"
	    "  --window W     last, 5m or 1h (default: last)\n"
	    "  --format F     text, csv, tsv or json (default: text)\n"
	    "  --url URL      the collector, such as http://127.0.0.1:8640\n"
	    "  --config FILE  or its collector.yaml\n"
	    "\n"
	    "Rows are sources, columns destinations. A missing value is \"-\",\n"
	    "never 0; the marks behind values are explained below the table.\n");
}

/* A cell's state as a mark in text; the legend has the words. */
static const char *
mark_of(const char *state)
{
	static const char *const marks[][2] = {{"stale", "*"}, {"no-data", "."},
	    {"unreachable", "x"}, {"untested", " "}, {"maint", "m"},
	    {"disabled", "d"}, {"clock", "c"}};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (strcmp(state, marks[i][0]) == 0)
			return (marks[i][1]);
	return (NULL);
}

struct cells {
	json_object *reply, *src, *dst, *value, *state, *states;
	size_t columns;
};

static const char *
name_at(json_object *array, size_t i)
{
	return (json_object_get_string(json_object_array_get_idx(array, i)));
}

static double
number_at(json_object *array, size_t i)
{
	json_object *item = json_object_array_get_idx(array, i);

	return (item == NULL ? NAN : json_object_get_double(item));
}

static const char *
state_at(const struct cells *cells, size_t i)
{
	size_t state = (size_t)number_at(cells->state, i);
	const char *name = name_at(cells->states, state);

	return (name == NULL ? "?" : name);
}

static int
find_cells(json_object *reply, struct cells *cells, struct error *err)
{
	size_t count;

	cells->reply = reply;
	if (member_array(reply, "src", &cells->src, err) == -1 ||
	    member_array(reply, "dst", &cells->dst, err) == -1 ||
	    member_array(reply, "value", &cells->value, err) == -1 ||
	    member_array(reply, "state", &cells->state, err) == -1 ||
	    member_array(reply, "states", &cells->states, err) == -1)
		return (-1);
	cells->columns = json_object_array_length(cells->dst);
	count = cells->columns * json_object_array_length(cells->src);
	if (json_object_array_length(cells->value) != count ||
	    json_object_array_length(cells->state) != count)
		return (error_set(err, "the planes are of unequal size"));
	return (0);
}

static enum unit
unit_of(const struct cells *cells)
{
	enum unit unit = UNIT_NONE;

	unit_find(member_text_or(cells->reply, "unit", ""), &unit);
	return (unit);
}

/* Some columns of the matrix, so many as fit beside each other. */
static void
print_block(const struct cells *cells, size_t first, size_t behind)
{
	struct table *table = table_new();

	table_column(table, "from \\ to", UNIT_NONE);
	for (size_t j = first; j < behind; j++)
		table_column(table, name_at(cells->dst, j), unit_of(cells));
	for (size_t i = 0; i < json_object_array_length(cells->src); i++) {
		table_row(table);
		table_text(table, name_at(cells->src, i));
		for (size_t j = first; j < behind; j++) {
			size_t cell = i * cells->columns + j;
			const char *state = state_at(cells, cell);

			if (strcmp(state, "self") == 0)
				table_text(table, "\\");
			else if (strcmp(state, "untested") == 0)
				table_text(table, "");
			else
				table_marked(table,
				    number_at(cells->value, cell),
				    mark_of(state));
		}
	}
	table_write(table, TABLE_TEXT_FORMAT, 0, stdout);
	table_free(table);
}

/* "* stale 2   x unreachable 1": only what is in the table. */
static void
print_legend(const struct cells *cells)
{
	json_object *counts =
	    member_get(member_get(cells->reply, "summary"), "states");
	json_object *silent = member_get(cells->reply, "silent");
	bool any = false;

	for (size_t i = 0; i < json_object_array_length(cells->states); i++) {
		const char *state = name_at(cells->states, i);
		const char *mark = mark_of(state);
		int64_t count = member_whole_or(counts, state, 0);

		if (mark == NULL || *mark == ' ' || count == 0)
			continue;
		printf("%s%s %s: %lld", any ? "   " : "", mark, state,
		    (long long)count);
		any = true;
	}
	if (any)
		printf("\n");
	for (size_t i = 0;
	     silent != NULL && i < json_object_array_length(silent); i++)
		printf("box %s is silent\n", name_at(silent, i));
}

static void
print_text(const struct cells *cells)
{
	int width = output_width();
	size_t step = cells->columns;

	if (width > 0) {
		size_t names = 12;

		for (size_t i = 0; i < json_object_array_length(cells->src);
		     i++)
			if (strlen(name_at(cells->src, i)) + 2 > names)
				names = strlen(name_at(cells->src, i)) + 2;
		step = (size_t)width > names + CELL_WIDTH
			   ? ((size_t)width - names) / CELL_WIDTH
			   : 1;
	}
	printf("%s: %s %s, window %s\n\n",
	    member_text_or(cells->reply, "test", "?"),
	    member_text_or(cells->reply, "metric", "?"),
	    member_text_or(cells->reply, "stat", "?"),
	    member_text_or(cells->reply, "window", "?"));
	for (size_t first = 0; first < cells->columns; first += step) {
		size_t behind = first + step;

		print_block(cells, first,
		    behind < cells->columns ? behind : cells->columns);
		printf("\n");
	}
	print_legend(cells);
}

/* One row a pair, for spreadsheets and scripts. */
static void
print_rows(const struct cells *cells, enum table_format format)
{
	json_object *grade = member_get(cells->reply, "grade");
	json_object *age = member_get(cells->reply, "age");
	json_object *count = member_get(cells->reply, "count");
	struct table *table = table_new();

	table_column(table, "src", UNIT_NONE);
	table_column(table, "dst", UNIT_NONE);
	table_column(table, "value", unit_of(cells));
	table_column(table, "state", UNIT_NONE);
	table_column(table, "grade", UNIT_COUNT);
	table_column(table, "age", UNIT_SECONDS);
	table_column(table, "count", UNIT_COUNT);
	for (size_t i = 0; i < json_object_array_length(cells->value); i++) {
		table_row(table);
		table_text(table, name_at(cells->src, i / cells->columns));
		table_text(table, name_at(cells->dst, i % cells->columns));
		table_number(table, number_at(cells->value, i));
		table_text(table, state_at(cells, i));
		table_number(table, number_at(grade, i));
		table_number(table, number_at(age, i));
		table_number(table, number_at(count, i));
	}
	table_write(table, format, 0, stdout);
	table_free(table);
}

/* The path with its query; free() it. */
static char *
path_of(const struct request *request)
{
	char *test = api_escape(request->test);
	char *path = memory_print("/api/v1/matrix/%s", test);

	path = api_add_query(path, "metric", request->metric);
	path = api_add_query(path, "stat", request->stat);
	path = api_add_query(path, "window", request->window);
	free(test);
	return (path);
}

static int
show(struct request *request)
{
	char *path = path_of(request);
	struct cells cells = {0};
	struct error err;
	json_object *reply = api_get(&request->api, path, &err);
	int status = 0;

	if (reply == NULL || find_cells(reply, &cells, &err) == -1)
		status = output_fail(request->api.failure, &err);
	else if (request->format == TABLE_TEXT_FORMAT)
		print_text(&cells);
	else
		print_rows(&cells, request->format);
	json_object_put(reply);
	free(path);
	return (status);
}

int
command_matrix(int argc, char **argv)
{
	struct request request = {.format = TABLE_TEXT_FORMAT};
	const char *format = "text";
	const struct argument arguments[] = {
	    {"metric", &request.metric},
	    {"stat", &request.stat},
	    {"window", &request.window},
	    {"format", &format},
	    {"url", &request.api.url},
	    {"config", &request.api.config},
	    {NULL, NULL},
	};
	int status = arguments_read(argc, argv, arguments, 1, usage);
	struct error err;

	if (status != -1)
		return (status);
	if (table_find_format(format, &request.format, &err) == -1)
		return (output_fail(2, &err));
	request.test = argv[optind];
	return (show(&request));
}
