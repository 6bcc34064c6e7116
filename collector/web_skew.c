/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GET /api/v1/skew/{test}/{src}/{dst}?from=-2h&to=: how two clocks part, by the
 * lower envelopes of what they measure with each other (envelope.h). Of bins, so
 * of the last two days.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/bins.h"
#include "collector/envelope.h"
#include "collector/fleet.h"
#include "collector/web.h"
#include "collector/web_span.h"
#include "common/error.h"
#include "common/member.h"
#include "common/memory.h"

#define USUAL (7200 * NS_PER_S)
#define POINTS_MOST 20000 /* two days of the shortest bins */

struct question {
	const struct fleet_test *test;
	const struct metric *metric; /* between two clocks */
	struct bins_key key;
	nanoseconds from, to, step;
};

struct gathering {
	const struct question *q;
	struct envelope_point *points;
	size_t count;
};

static int
add_bin(void *arg, nanoseconds start, const struct bundle *bundle,
    struct error *err)
{
	struct gathering *g = arg;
	nanoseconds middle = start - g->q->from + g->q->step / 2;
	double least;

	if (g->count < POINTS_MOST &&
	    bundle_get_metric(
		bundle, g->q->test->manifest, g->q->metric, "min", &least))
		g->points[g->count++] =
		    (struct envelope_point){clock_seconds(middle), least};
	return (0);
}

/* One direction. */
static int
fit(struct bins *bins, const struct question *q, const struct bins_key *key,
    struct envelope *envelope, struct error *err)
{
	struct gathering g = {
	    .q = q, .points = memory_new(POINTS_MOST, sizeof(*g.points))};
	int64_t pair = bins == NULL ? 0 : bins_find_pair(bins, key, err);
	int rc = pair == -1 ? -1 : 0;

	if (pair > 0)
		rc = bins_read(bins, pair, q->step, q->test->manifest, q->from,
		    q->to, add_bin, &g, err);
	if (rc == 0)
		envelope_fit(
		    g.points, g.count, clock_seconds(q->step), envelope);
	free(g.points);
	return (rc);
}

static json_object *
steps_json(const struct question *q, const struct envelope *envelope)
{
	json_object *array = json_object_new_array();

	for (size_t i = 0; i < envelope->step_count; i++) {
		json_object *step = json_object_new_object();

		member_add_number(
		    step, "at", clock_seconds(q->from) + envelope->steps[i].at);
		member_add_number(step, "by", envelope->steps[i].by);
		json_object_array_add(array, step);
	}
	return (array);
}

static json_object *
direction_json(const struct question *q, const struct envelope *envelope)
{
	json_object *json = json_object_new_object();

	member_add_whole(json, "points", (int64_t)envelope->points);
	member_add_text(json, "why", envelope->why);
	if (envelope->why != NULL)
		return (json);
	member_add_number(json, "skew", envelope->skew);
	member_add_number(json, "error", envelope->error);
	member_add_whole(json, "outliers", (int64_t)envelope->outliers);
	json_object_object_add(json, "steps", steps_json(q, envelope));
	return (json);
}

static void
add_both(json_object *json, const struct question *q,
    const struct envelope_both *both)
{
	member_add_text(json, "why", both->why);
	if (both->why != NULL)
		return;
	member_add_number(json, "skew", both->skew);
	member_add_number(json, "error", both->error);
	member_add_number(json, "at", clock_seconds(q->from) + both->at);
	member_add_number(json, "offset", both->offset);
	member_add_number(json, "bound", both->bound);
	json_object_object_add(
	    json, "impossible", json_object_new_boolean(both->impossible));
	json_object_object_add(
	    json, "crooked", json_object_new_boolean(both->crooked));
}

static void
answer(struct web *web, struct http_request *request, const struct question *q)
{
	struct bins_key reverse = q->key;
	struct envelope there, back;
	struct envelope_both both;
	json_object *json;
	struct error err;

	memcpy(reverse.src, q->key.dst, sizeof(reverse.src));
	memcpy(reverse.dst, q->key.src, sizeof(reverse.dst));
	if (fit(web_bins(web), q, &q->key, &there, &err) == -1 ||
	    fit(web_bins(web), q, &reverse, &back, &err) == -1) {
		http_problem(request, 503, "Not now", "%s", err.text);
		return;
	}
	envelope_join(&there, &back, &both);
	json = json_object_new_object();
	member_add_text(json, "test", q->test->name);
	member_add_text(json, "src", q->key.src);
	member_add_text(json, "dst", q->key.dst);
	member_add_text(json, "metric", q->metric->name);
	member_add_number(json, "from", clock_seconds(q->from));
	member_add_number(json, "to", clock_seconds(q->to));
	add_both(json, q, &both);
	json_object_object_add(json, "there", direction_json(q, &there));
	json_object_object_add(json, "back", direction_json(q, &back));
	web_reply(request, json);
}

void
web_get_skew(struct http_request *request, void *arg)
{
	struct question q = {.test = web_test(arg, request)};

	if (q.test == NULL ||
	    web_pair_key(arg, request, q.test, http_param(request, "src"),
		http_param(request, "dst"), &q.key) == -1 ||
	    web_ask_span(request, USUAL, &q.from, &q.to) == -1)
		return;
	q.step = timing_step(&q.test->timing);
	q.metric = metric_bounded(q.test->manifest->metrics);
	if (q.metric == NULL)
		http_problem(request, 404, "No such metric",
		    "test %s measures nothing between two clocks",
		    q.test->name);
	else
		answer(arg, request, &q);
}
