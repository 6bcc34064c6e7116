/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/web_graph_ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "collector/fleet.h"
#include "collector/history.h"
#include "collector/settings.h"
#include "collector/web.h"
#include "collector/web_matrix.h"
#include "collector/web_span.h"
#include "common/error.h"
#include "common/hash.h"
#include "common/manifest.h"
#include "common/member.h"
#include "common/memory.h"

#define DAY (86400 * NS_PER_S)
#define SETTLED (2 * DAY) /* hardly anything comes so late */
#define SETTLED_AGE 86400
#define LEAST_AGE 10
#define MOST_AGE 3600

void
web_graph_clear(struct web_graph *graph)
{
	manifest_free(graph->manifest);
	free(graph->path);
	free(graph->title);
	*graph = (struct web_graph){0};
}

/* A whole number of pixels. */
static int
ask_pixels(struct http_request *request, const char *name, int usual, int least,
    int most, int *value)
{
	const char *text = http_query(request, name);
	char *end;
	long found;

	*value = usual;
	if (text == NULL)
		return (0);
	found = strtol(text, &end, 10);
	if (end != text && *end == '\0' && found >= least && found <= most) {
		*value = (int)found;
		return (0);
	}
	http_problem(request, 400, "No such size",
	    "%s: \"%.20s\", expected %d to %d pixels", name, text, least, most);
	return (-1);
}

static int
ask_theme(struct http_request *request, bool *dark)
{
	const char *text = http_query(request, "theme");

	*dark = text != NULL && strcmp(text, "dark") == 0;
	if (text == NULL || *dark || strcmp(text, "light") == 0)
		return (0);
	http_problem(request, 400, "No such theme",
	    "theme: \"%.20s\", expected light or dark", text);
	return (-1);
}

static int
ask_language(struct http_request *request, bool *chinese)
{
	const char *text = http_query(request, "lang");

	*chinese = text != NULL && strcmp(text, "zh-CN") == 0;
	if (text == NULL || *chinese || strcmp(text, "en") == 0)
		return (0);
	http_problem(request, 400, "No such language",
	    "lang: \"%.20s\", expected en or zh-CN", text);
	return (-1);
}

/* Of whole steps, so that it is the same picture until another bin is there. */
static int
ask_span(
    struct http_request *request, nanoseconds step, struct web_graph *graph)
{
	struct graph_question *q = &graph->question;
	nanoseconds now = clock_wall();

	if (web_ask_span(request, DAY, &q->from, &q->to) == -1)
		return (-1);
	q->from -= q->from % step;
	q->to -= q->to % step;
	graph->age = (int)(step / NS_PER_S);
	if (graph->age < LEAST_AGE)
		graph->age = LEAST_AGE;
	if (graph->age > MOST_AGE)
		graph->age = MOST_AGE;
	if (q->to < now - SETTLED)
		graph->age = SETTLED_AGE;
	if (q->from > 0 && q->from < q->to)
		return (0);
	http_problem(request, 400, "No such span",
	    "\"from\" is not before \"to\" by a step of the test");
	return (-1);
}

/* Pictures are called "lon.png". */
static int
ask_dst(struct http_request *request, char dst[static NAME_TEXT])
{
	const char *name = http_param(request, "dst");
	const char *dot = strrchr(name, '.');

	if (dot != NULL && strcmp(dot, ".png") == 0 &&
	    (size_t)(dot - name) < NAME_TEXT) {
		snprintf(dst, NAME_TEXT, "%.*s", (int)(dot - name), name);
		return (0);
	}
	http_problem(request, 404, "No such picture",
	    "\"%.80s\": pictures end with .png, as in "
	    "/graph/core-ping/nyc/lon.png",
	    name);
	return (-1);
}

static int
find_file(struct web *web, struct http_request *request,
    const struct bins_key *key, struct web_graph *graph, struct stat *st)
{
	char *dir = collector_settings_path(web->settings, "rrd");

	graph->path = history_path(dir, key);
	free(dir);
	if (stat(graph->path, st) == 0)
		return (0);
	http_problem(request, 404, "No history yet",
	    "nothing of %s from %s to %s is in the history yet; it is, some "
	    "steps after the first record",
	    key->test, key->src, key->dst);
	return (-1);
}

/* What it is of, and whether any of that has changed. */
static void
make_etag(struct web_graph *graph, const struct stat *st)
{
	const struct graph_question *q = &graph->question;
	uint8_t digest[HASH_SIZE];
	char hex[33];
	char *all = memory_print("%s %s %lld %lld %d %d %d %d %lld.%09ld %lld",
	    graph->title, graph->path, (long long)q->from, (long long)q->to,
	    q->width, q->height, q->dark, q->chinese,
	    (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec,
	    (long long)st->st_ino);

	hash_sha256(all, strlen(all), digest);
	hash_hex(digest, 16, hex);
	snprintf(graph->etag, sizeof(graph->etag), "\"%s\"", hex);
	free(all);
}

void
web_graph_headers(struct http_request *request, const struct web_graph *graph)
{
	char control[48];

	snprintf(control, sizeof(control), "max-age=%d", graph->age);
	http_set_header(request, "Cache-Control", control);
	http_set_header(request, "ETag", graph->etag);
	http_set_header(request, "X-Content-Type-Options", "nosniff");
}

static bool
is_known(struct http_request *request, const struct web_graph *graph)
{
	const char *known = http_header(request, "If-None-Match");

	if (known == NULL || strstr(known, graph->etag) == NULL)
		return (false);
	web_graph_headers(request, graph);
	http_reply(request, 304, "image/png", NULL);
	return (true);
}

static void
fill(struct web_graph *graph, const struct matrix_question *matrix,
    const struct bins_key *key)
{
	json_object *json = manifest_json(matrix->test->manifest);
	const char *metric = matrix->main.metric->name;

	graph->manifest = manifest_parse(json, NULL);
	json_object_put(json);
	graph->title = memory_print(
	    "%s → %s   %s %s", key->src, key->dst, key->test, metric);
	graph->question.manifest = graph->manifest;
	graph->question.metric = metric_find(graph->manifest->metrics, metric);
	graph->question.path = graph->path;
	graph->question.title = graph->title;
}

static int
ask_rest(struct web *web, struct http_request *request, struct web_graph *graph)
{
	struct graph_question *q = &graph->question;
	struct matrix_question matrix;
	struct bins_key key;
	struct stat st;
	char dst[NAME_TEXT];

	if (ask_dst(request, dst) == -1 ||
	    matrix_ask(web, request, &matrix, NULL) == -1 ||
	    web_pair_key(web, request, matrix.test, http_param(request, "src"),
		dst, &key) == -1 ||
	    ask_span(request, timing_step(&matrix.test->timing), graph) == -1 ||
	    ask_pixels(request, "width", 800, 200, 4000, &q->width) == -1 ||
	    ask_pixels(request, "height", 280, 100, 2000, &q->height) == -1 ||
	    ask_theme(request, &q->dark) == -1 ||
	    ask_language(request, &q->chinese) == -1 ||
	    find_file(web, request, &key, graph, &st) == -1)
		return (-1);
	fill(graph, &matrix, &key);
	make_etag(graph, &st);
	return (is_known(request, graph) ? -1 : 0);
}

int
web_graph_ask(
    struct web *web, struct http_request *request, struct web_graph *graph)
{
	*graph = (struct web_graph){0};
	if (ask_rest(web, request, graph) == 0)
		return (0);
	web_graph_clear(graph);
	return (-1);
}
