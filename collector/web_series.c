/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GET /api/v1/series/{test}/{src}/{dst}: the history of a pair up to now, as
 * series.h has it. A row of which nothing is known is null.
 */
#include <event2/buffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/bins.h"
#include "collector/fleet.h"
#include "collector/series.h"
#include "collector/settings.h"
#include "collector/web.h"
#include "collector/web_etag.h"
#include "collector/web_series_rows.h"
#include "collector/web_span.h"
#include "common/hash.h"
#include "common/manifest.h"
#include "common/member.h"
#include "common/memory.h"

#define USUAL (86400 * NS_PER_S)
#define POINTS_MOST 10000
#define POINTS_USUAL 1500
#define METRICS_MOST 8

struct question {
	struct web *web;
	const struct fleet_test *test;
	struct fleet_test departed; /* it may be this one */
	struct bins_key key;
	nanoseconds from, to;
	size_t points;
	const struct metric *metrics[METRICS_MOST];
	size_t metric_count;
	enum table_format format;
};

/* The destination, with or without an end that says the format. */
static const char *
ask_dst(struct http_request *request, struct question *q,
    char bare[static NAME_TEXT])
{
	const char *dst = http_param(request, "dst");

	q->format = web_format_accepted(request);
	return (!web_is_destination(q->web, q->test, dst) &&
			web_format_strip(dst, bare, NAME_TEXT, &q->format)
		    ? bare
		    : dst);
}

static int
ask_pair(struct http_request *request, struct question *q)
{
	char bare[NAME_TEXT];
	const char *dst = ask_dst(request, q, bare);

	return (web_pair_key(q->web, request, q->test,
	    http_param(request, "src"), dst, &q->key));
}

static int
ask_span(struct http_request *request, struct question *q)
{
	const char *points = http_query(request, "points");
	char *end = NULL;

	if (web_ask_span(request, USUAL, &q->from, &q->to) == -1)
		return (-1);
	q->points = POINTS_USUAL;
	if (points != NULL)
		q->points = strtoul(points, &end, 10);
	if ((end != NULL && (end == points || *end != '\0')) || q->points < 1 ||
	    q->points > POINTS_MOST) {
		http_problem(request, 400, "No such number of points",
		    "points: \"%s\", expected 1 to %d", points, POINTS_MOST);
		return (-1);
	}
	return (0);
}

/* Without a choice all graded metrics. */
static void
usual_metrics(struct question *q)
{
	for (const struct metric *m = q->test->manifest->metrics;
	     m->name != NULL && q->metric_count < METRICS_MOST; m++)
		if (m->graded)
			q->metrics[q->metric_count++] = m;
}

static int
ask_metrics(struct http_request *request, struct question *q)
{
	const struct manifest *manifest = q->test->manifest;
	const char *text = http_query(request, "metric");
	char *copy, *rest, *name;
	int rc = 0;

	if (text == NULL) {
		usual_metrics(q);
		return (0);
	}
	rest = copy = memory_text(text);
	while (rc == 0 && (name = strsep(&rest, ",")) != NULL) {
		const struct metric *m = metric_find(manifest->metrics, name);

		if (m != NULL && bundle_stats(manifest, name)[0] != NULL &&
		    q->metric_count < METRICS_MOST) {
			q->metrics[q->metric_count++] = m;
			continue;
		}
		http_problem(request, 400, "No such metric",
		    "probe %s has no metric \"%s\" with a number, or more than "
		    "%d were asked for",
		    manifest->name, name, METRICS_MOST);
		rc = -1;
	}
	free(copy);
	return (rc);
}

static json_object *
head_json(const struct question *q)
{
	json_object *json = json_object_new_object();

	member_add_text(json, "test", q->test->name);
	member_add_text(json, "probe", q->test->manifest->name);
	member_add_text(json, "src", q->key.src);
	member_add_text(json, "dst", q->key.dst);
	member_add_whole(json, "family", q->key.family);
	member_add_number(json, "from", clock_seconds(q->from));
	member_add_number(json, "to", clock_seconds(q->to));
	if (q->test == &q->departed)
		json_object_object_add(json, "stale_after", NULL);
	else
		member_add_number(json, "stale_after",
		    clock_seconds(fleet_stale_after(q->test)));
	return (json);
}

static void
answer_rows(struct http_request *request, const struct question *q,
    const struct series *series)
{
	struct evbuffer *rows = web_series_rows(series, q->format);
	char *name =
	    memory_print("%s-%s-%s", q->key.test, q->key.src, q->key.dst);

	web_format_reply(request, q->format, name, rows);
	evbuffer_free(rows);
	free(name);
}

static void
answer_json(struct http_request *request, const struct question *q,
    const struct series *series)
{
	json_object *json = head_json(q);

	web_series_add(json, series);
	member_add_number(json, "generated", clock_seconds(clock_wall()));
	http_reply_json(request, 200, json);
}

/* Is it what the client has? The ends of a span that goes along with time are not
 * looked at, its rows are. */
static bool
is_known(struct http_request *request, const struct question *q,
    const struct series *series)
{
	struct hash *told = hash_new();
	const nanoseconds rows[] = {series->start, series->step,
	    (nanoseconds)series->count, (nanoseconds)q->format};

	hash_add(told, rows, sizeof(rows));
	hash_add(told, &q->key, sizeof(q->key));
	hash_add(told, series->consolidation, strlen(series->consolidation));
	for (size_t i = 0; i < series->metric_count; i++) {
		const struct series_metric *m = &series->metrics[i];

		hash_add(told, m->metric->name, strlen(m->metric->name) + 1);
		for (size_t c = 0; c < m->column_count; c++)
			web_etag_add_numbers(
			    told, m->columns[c].values, series->count);
		web_etag_add_numbers(told, &m->part, 1);
		web_etag_add_numbers(told, &m->of, 1);
	}
	if (series->unanswered != NULL)
		hash_add(told, series->unanswered,
		    series->count * sizeof(*series->unanswered));
	if (series->why != NULL)
		hash_add(told, series->why, strlen(series->why));
	http_set_header(request, "Vary", "Accept");
	return (web_etag_is_known(request, told));
}

static void
answer(struct http_request *request, const struct question *q)
{
	char *dir = collector_settings_path(q->web->settings, "rrd");
	const struct series_question asked = {.bins = web_bins(q->web),
	    .history = dir,
	    .key = &q->key,
	    .manifest = q->test->manifest,
	    .step = timing_step(&q->test->timing),
	    .from = q->from,
	    .to = q->to,
	    .points = q->points,
	    .metrics = q->metrics,
	    .metric_count = q->metric_count};
	struct series series;
	struct error err;

	if (series_read(&asked, &series, &err) == -1)
		http_problem(request, 503, "Not now", "%s", err.text);
	else if (is_known(request, q, &series))
		; /* it has been told so */
	else if (q->format == TABLE_JSON)
		answer_json(request, q, &series);
	else
		answer_rows(request, q, &series);
	series_clear(&series);
	free(dir);
}

static bool
ask_test(struct http_request *request, struct question *q)
{
	const char *name = http_param(request, "test");
	struct error err;

	if (web_fleet(q->web, request) == NULL)
		return (false);
	if (fleet_test(q->web->fleet, name) == NULL &&
	    web_find_departed_test(q->web, name, &q->departed, &err))
		q->test = &q->departed;
	else
		q->test = web_find_test(q->web, request, name);
	return (q->test != NULL);
}

void
web_get_series(struct http_request *request, void *arg)
{
	struct question q = {.web = arg};

	if (!ask_test(request, &q))
		return;
	if (ask_pair(request, &q) == -1 || ask_span(request, &q) == -1 ||
	    ask_metrics(request, &q) == -1)
		return;
	answer(request, &q);
}
