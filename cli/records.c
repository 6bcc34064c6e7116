/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos records: single records, as /api/v1/records has them, however many.
 */
#include "cli/records.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli/api.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "common/clock.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/name.h"

struct request {
	struct api api;
	const char *test, *src, *dst, *agent; /* NULL: any */
	const char *from, *to, *limit, *format;
};

static void
usage(FILE *out)
{
	fprintf(out,
	    "usage: pharos records [TEST SRC DST] [OPTION...]\n"
	    "\n"
	    "  --from TIME    2026-11-21T10:00Z, Unix seconds or -6h (default:\n"
	    "                 a day before --to; without TEST SRC DST, the\n"
	    "                 beginning)\n"
	    "  --to TIME      (default: now, and what comes meanwhile)\n"
	    "  --agent BOX    only what this box has reported\n"
	    "  --limit N      at most so many\n"
	    "  --format F     text, ndjson, csv or tsv (default: text)\n"
	    "  --url URL      the collector, such as http://127.0.0.1:8640\n"
	    "  --config FILE  or its collector.yaml\n"
	    "\n"
	    "Without TEST SRC DST: all there are, pair by pair. ndjson is each\n"
	    "record as it was reported; the other formats leave details out.\n");
}

/* What comes: as it is, or whole lines of it for people. */
struct lines {
	struct records_text *text; /* NULL: as it is */
	size_t count;
	int cause;  /* why stdout takes no more; 0: it does */
	char *rest; /* of a line that has not ended */
	size_t length, room;
};

static void
keep(struct lines *lines, const char *data, size_t length)
{
	if (lines->length + length > lines->room) {
		lines->room = 2 * (lines->length + length);
		lines->rest = memory_resize(lines->rest, lines->room, 1);
	}
	memcpy(lines->rest + lines->length, data, length);
	lines->length += length;
}

static void
take_lines(struct lines *lines, const char *data, size_t length)
{
	const char *end;

	while ((end = memchr(data, '\n', length)) != NULL) {
		keep(lines, data, (size_t)(end - data));
		records_text_add(lines->text, lines->rest, lines->length);
		lines->length = 0;
		length -= (size_t)(end + 1 - data);
		data = end + 1;
	}
	if (length > 0)
		keep(lines, data, length);
}

static size_t
count_lines(const char *data, size_t length)
{
	const char *end;
	size_t count = 0;

	while ((end = memchr(data, '\n', length)) != NULL) {
		count++;
		length -= (size_t)(end + 1 - data);
		data = end + 1;
	}
	return (count);
}

static bool
take(void *arg, const char *data, size_t length)
{
	struct lines *lines = arg;

	lines->count += count_lines(data, length);
	if (lines->text != NULL)
		take_lines(lines, data, length);
	else
		fwrite(data, 1, length, stdout);
	if (ferror(stdout))
		lines->cause = errno;
	return (lines->cause == 0);
}

static char *
path_of(const struct request *request, const char *format)
{
	char *path = memory_text("/api/v1/records");

	path = api_add_query(path, "test", request->test);
	path = api_add_query(path, "src", request->src);
	path = api_add_query(path, "dst", request->dst);
	path = api_add_query(path, "agent", request->agent);
	path = api_add_query(path, "from", request->from);
	path = api_add_query(path, "to", request->to);
	path = api_add_query(path, "limit", request->limit);
	return (api_add_query(path, "format", format));
}

static int
fetch_text(struct request *request, const char *path, struct lines *lines,
    struct error *err)
{
	json_object *fleet = api_get(&request->api, "/api/v1/fleet", err);
	int result;

	if (fleet == NULL)
		return (-1);
	lines->text = records_text_new(
	    member_get(fleet, "manifests"), output_width(), stdout);
	result = api_get_parts(&request->api, path, take, lines, err);
	records_text_end(lines->text);
	free(lines->rest);
	json_object_put(fleet);
	return (result);
}

/* Nothing at all may be the answer, or come of a name that is none: the series
 * of such a pair is refused with the reason. */
static int
explain_nothing(struct request *request)
{
	struct error err;
	json_object *series;
	char *pair, *path;

	if (request->test != NULL) {
		pair = api_pair(request->test, request->src, request->dst);
		path = memory_print("/api/v1/series/%s?points=1", pair);
		series = api_get(&request->api, path, &err);
		free(path);
		free(pair);
		if (series == NULL)
			return (output_fail(request->api.failure, &err));
		json_object_put(series);
	}
	fprintf(stderr, "pharos: there are no such records\n");
	return (0);
}

static int
show(struct request *request)
{
	bool text = strcmp(request->format, "text") == 0;
	bool titled = request->format[0] != 'n' && !text;
	char *path = path_of(request, text ? "ndjson" : request->format);
	struct lines lines = {0};
	struct error err;
	int result =
	    text ? fetch_text(request, path, &lines, &err)
		 : api_get_parts(&request->api, path, take, &lines, &err);

	free(path);
	if (lines.cause != 0) {
		output_broken(lines.cause);
		return (0);
	}
	if (result == -1)
		return (output_fail(request->api.failure, &err));
	return (lines.count > titled ? 0 : explain_nothing(request));
}

static int
check_format(const char *format)
{
	static const char *const formats[] = {
	    "text", "ndjson", "csv", "tsv", NULL};
	struct error err;

	if (name_index(formats, format) != -1)
		return (0);
	error_set(
	    &err, "\"%s\": expected one of: text, ndjson, csv, tsv", format);
	return (output_fail(2, &err));
}

/* What a pair's records are usually from; of a time that is none, any. */
static const char *
day_before(const char *to, char text[static 40])
{
	nanoseconds wall;

	if (to == NULL)
		return ("-24h");
	if (clock_parse(to, clock_wall(), &wall, NULL) == -1)
		return (NULL);
	return (clock_format(wall - 86400 * NS_PER_S, 9, text));
}

int
command_records(int argc, char **argv)
{
	struct request request = {.format = "text"};
	const struct argument arguments[] = {
	    {"agent", &request.agent},
	    {"from", &request.from},
	    {"to", &request.to},
	    {"limit", &request.limit},
	    {"format", &request.format},
	    {"url", &request.api.url},
	    {"config", &request.api.config},
	    {NULL, NULL},
	};
	char from[40];
	int status =
	    arguments_read(argc, argv, arguments, ARGUMENTS_ANY, usage);

	if (status != -1)
		return (status);
	if (argc != optind && argc != optind + 3) {
		usage(stderr);
		return (2);
	}
	if ((status = check_format(request.format)) != 0)
		return (status);
	if (argc != optind) {
		request.test = argv[optind];
		request.src = argv[optind + 1];
		request.dst = argv[optind + 2];
	}
	if (request.test != NULL && request.from == NULL)
		request.from = day_before(request.to, from);
	return (show(&request));
}
