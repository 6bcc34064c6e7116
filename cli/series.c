/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos series: the history of a pair, as /api/v1/series has it.
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
#include "cli/series_skew.h"
#include "common/clock.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/table.h"

struct request {
	struct api api;
	const char *test, *src, *dst;
	const char *metric, *from, *to, *points;
	bool deskew;
	enum table_format format;
};

static void
usage(FILE *out)
{
	fprintf(out,
	    "usage: pharos series TEST SRC DST [OPTION...]\n"
	    "\n"
	    "  --metric M,..  such as rtt,loss (default: the graded ones)\n"
	    "  --from TIME    2026-11-21T10:00Z, Unix seconds or -6h\n"
	    "                 (default: a day before --to)\n"
	    "  --to TIME      (default: now)\n"
	    "  --points N     at most about so many rows (default: 1500)\n"
	    "  --deskew       one-way delays also without what their clocks part "
	    "by\n"
	    "  --format F     text, csv, tsv or json (default: text)\n"
	    "  --url URL      the collector, such as http://127.0.0.1:8640\n"
	    "  --config FILE  or its collector.yaml\n"
	    "\n"
	    "A row without a value is a gap: nothing was measured then. Where "
	    "a row holds\n"
	    "several bins, worst is the worst of them, and worst_at when it "
	    "began.\n");
}

static void
add_title(
    struct table *table, const char *name, const char *column, enum unit unit)
{
	char *title = memory_print("%s_%s", name, column);

	table_column(table, title, unit);
	free(title);
}

/* One column of the answer: "rtt p50", or "loss" where there is but one. Then
 * the worst bin of each row, and when that was. */
static void
add_columns(struct table *table, const char *name, json_object *metric)
{
	json_object *columns = member_get(metric, "columns");
	enum unit unit = UNIT_NONE;

	unit_find(member_text_or(metric, "unit", ""), &unit);
	json_object_object_foreach (columns, column, values) {
		(void)values;
		if (json_object_object_length(columns) == 1)
			table_column(table, name, unit);
		else
			add_title(table, name, column, unit);
	}
	if (member_get(metric, "worst") != NULL) {
		add_title(table, name, "worst", unit);
		add_title(table, name, "worst_at", UNIT_NONE);
	}
}

/* NULL: missing. */
static json_object *
row_of(json_object *values, size_t row)
{
	return (json_object_array_get_idx(values, row));
}

static void
add_worst(struct table *table, json_object *worst, size_t row)
{
	json_object *value = row_of(member_get(worst, "value"), row);
	json_object *at = row_of(member_get(worst, "at"), row);
	char time[40];

	if (value == NULL || at == NULL) {
		table_number(table, NAN);
		table_text(table, NULL);
		return;
	}
	table_number(table, json_object_get_double(value));
	table_text(
	    table, clock_format(
		       clock_of_seconds(json_object_get_double(at)), 0, time));
}

static void
add_values(struct table *table, json_object *metric, size_t row)
{
	json_object_object_foreach (
	    member_get(metric, "columns"), column, values) {
		json_object *value = row_of(values, row);

		(void)column;
		table_number(
		    table, value == NULL ? NAN : json_object_get_double(value));
	}
	if (member_get(metric, "worst") != NULL)
		add_worst(table, member_get(metric, "worst"), row);
}

static void
print_rows(json_object *reply, json_object *metrics, enum table_format format)
{
	double start = member_number_or(reply, "start", 0);
	double step = member_number_or(reply, "step", 0);
	int64_t count = member_whole_or(reply, "count", 0);
	struct table *table = table_new();
	char time[40];

	table_column(table, "time", UNIT_NONE);
	json_object_object_foreach (metrics, name, metric)
		add_columns(table, name, metric);
	for (int64_t i = 0; i < count; i++) {
		table_row(table);
		table_text(table,
		    clock_format(
			clock_of_seconds(start + (double)i * step), 0, time));
		json_object_object_foreach (metrics, key, values) {
			(void)key;
			add_values(table, values, (size_t)i);
		}
	}
	table_write(table, format, output_width(), stdout);
	table_free(table);
}

/* skew: NULL: nobody asked for it. What is said of it does not get between the
 * rows of programs. */
static void
print_answer(json_object *reply, json_object *metrics, json_object *skew,
    enum table_format format)
{
	bool text = format == TABLE_TEXT_FORMAT;
	char *words;

	if (text)
		printf("%s: %s to %s, IPv%d, %s\n",
		    member_text_or(reply, "test", "?"),
		    member_text_or(reply, "src", "?"),
		    member_text_or(reply, "dst", "?"),
		    (int)member_whole_or(reply, "family", 0),
		    member_text_or(reply, "consolidation", ""));
	if (skew != NULL) {
		words = series_skew_words(skew);
		fprintf(text ? stdout : stderr, "%s\n", words);
		free(words);
		series_deskew(metrics, reply, skew);
	}
	if (text)
		printf("\n");
	print_rows(reply, metrics, format);
}

static char *
path_of(const struct request *request, const char *pair)
{
	char *path = memory_print("/api/v1/series/%s", pair);

	path = api_add_query(path, "metric", request->metric);
	path = api_add_query(path, "from", request->from);
	path = api_add_query(path, "to", request->to);
	path = api_add_query(path, "points", request->points);
	return (path);
}

static int
show(struct request *request)
{
	char *pair = api_pair(request->test, request->src, request->dst);
	char *path = path_of(request, pair);
	struct error err;
	json_object *reply = api_get(&request->api, path, &err), *metrics;
	json_object *skew = NULL;
	int status = 0;

	if (reply != NULL && request->deskew)
		skew = series_skew(
		    &request->api, pair, request->from, request->to, &err);
	if (reply == NULL || (request->deskew && skew == NULL) ||
	    member_object(reply, "metrics", &metrics, &err) == -1)
		status = output_fail(request->api.failure, &err);
	else
		print_answer(reply, metrics, skew, request->format);
	json_object_put(skew);
	json_object_put(reply);
	free(path);
	free(pair);
	return (status);
}

int
command_series(int argc, char **argv)
{
	struct request request = {.format = TABLE_TEXT_FORMAT};
	const char *format = "text";
	const struct argument arguments[] = {
	    {"metric", &request.metric},
	    {"from", &request.from},
	    {"to", &request.to},
	    {"points", &request.points},
	    {"format", &format},
	    {"deskew", .flag = &request.deskew},
	    {"url", &request.api.url},
	    {"config", &request.api.config},
	    {NULL},
	};
	int status = arguments_read(argc, argv, arguments, 3, usage);
	struct error err;

	if (status != -1)
		return (status);
	if (table_find_format(format, &request.format, &err) == -1)
		return (output_fail(2, &err));
	request.test = argv[optind];
	request.src = argv[optind + 1];
	request.dst = argv[optind + 2];
	return (show(&request));
}
