/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GET /api/v1/spark/{test}?metric=&pairs=nyc:lon,lon:nyc&since=poor: a day of
 * several pairs in some 48 points each, for small lines; and since when they are
 * poor or worse.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/fleet.h"
#include "collector/series.h"
#include "collector/settings.h"
#include "collector/since.h"
#include "collector/states.h"
#include "collector/web.h"
#include "common/error.h"
#include "common/manifest.h"
#include "common/member.h"
#include "common/memory.h"

#define DAY (24 * 3600 * NS_PER_S)
#define POINTS 48
#define PAIRS_MOST 64

struct spark {
	struct web *web;
	const struct fleet_test *test;
	const struct metric *metric;
	nanoseconds to;
	struct since_limit limit; /* metric NULL: not asked for */
	char *dir;
	json_object *json, *points, *since;
};

/* Where the axis has this name; count: nowhere. */
static size_t
place_of(const struct fleet *fleet, const size_t *ends, size_t count,
    const char *name)
{
	size_t i = 0;

	while (i < count && strcmp(fleet->ends[ends[i]].name, name) != 0)
		i++;
	return (i);
}

static void
fill_key(const struct spark *spark, const char *src, const char *dst,
    int family, struct bins_key *key)
{
	snprintf(key->test, sizeof(key->test), "%s", spark->test->name);
	snprintf(key->src, sizeof(key->src), "%s", src);
	snprintf(key->dst, sizeof(key->dst), "%s", dst);
	key->family = family != 0 ? family : web_known_family(spark->web, key);
}

static void
add_head(struct spark *spark, const struct series *series)
{
	if (json_object_array_length(spark->points) > 0)
		return;
	member_add_text(
	    spark->json, "stat", series_usual(&series->metrics[0])->name);
	member_add_number(spark->json, "start", clock_seconds(series->start));
	member_add_number(spark->json, "step", clock_seconds(series->step));
}

static json_object *
since_json(const struct since *since)
{
	json_object *json;

	if (since->from == 0)
		return (NULL);
	json = json_object_new_object();
	member_add_number(json, "from", clock_seconds(since->from));
	member_add_number(
	    json, "share", (double)since->bad / (double)since->known);
	json_object_object_add(
	    json, "open", json_object_new_boolean(since->open));
	return (json);
}

static int
add_since(struct spark *spark, const struct series_question *question,
    struct error *err)
{
	struct since since;

	if (spark->limit.metric == NULL)
		return (0);
	if (since_find(question, spark->to, &spark->limit, &since, err) == -1)
		return (-1);
	json_object_array_add(spark->since, since_json(&since));
	return (0);
}

static int
read_pair(struct spark *spark, const struct bins_key *key, struct error *err)
{
	const struct series_question question = {.bins = web_bins(spark->web),
	    .history = spark->dir,
	    .key = key,
	    .manifest = spark->test->manifest,
	    .step = timing_step(&spark->test->timing),
	    .from = spark->to - DAY,
	    .to = spark->to,
	    .points = POINTS,
	    .metrics = &spark->metric,
	    .metric_count = 1,
	    .rough = true};
	struct series series;

	if (series_read(&question, &series, err) == -1)
		return (-1);
	add_head(spark, &series);
	json_object_array_add(spark->points,
	    web_column_json(
		series_usual(&series.metrics[0])->values, series.count));
	series_clear(&series);
	return (add_since(spark, &question, err));
}

/* One "src:dst"; a status and its reason, or 0. */
static int
add_pair(struct spark *spark, char *dst, struct error *err)
{
	const struct fleet *fleet = spark->web->fleet;
	const struct fleet_test *t = spark->test;
	const char *src = strsep(&dst, ":");
	size_t row = place_of(fleet, t->sources, t->source_count, src);
	size_t column = dst == NULL ? t->destination_count
				    : place_of(fleet, t->destinations,
					  t->destination_count, dst);
	struct fleet_pair pair;
	struct bins_key key;

	if (row == t->source_count || column == t->destination_count) {
		error_set(err, "test %s has no pair \"%s:%s\"", t->name, src,
		    dst == NULL ? "" : dst);
		return (404);
	}
	fleet_pair(fleet, t, row, column, &pair);
	fill_key(spark, src, dst, pair.family, &key);
	return (read_pair(spark, &key, err) == 0 ? 0 : 503);
}

static int
add_pairs(struct spark *spark, const char *text, struct error *err)
{
	char *copy = memory_text(text), *rest = copy, *pair;
	int status = 0;

	for (int i = 0; status == 0 && (pair = strsep(&rest, ",")) != NULL; i++)
		if (i == PAIRS_MOST) {
			error_set(
			    err, "\"pairs\" names more than %d", PAIRS_MOST);
			status = 400;
		} else
			status = add_pair(spark, pair, err);
	free(copy);
	return (status);
}

static const struct metric *
ask_metric(struct http_request *request, const struct manifest *manifest)
{
	const char *name = http_query(request, "metric");
	const struct metric *metric =
	    name == NULL ? NULL : metric_find(manifest->metrics, name);

	if (metric != NULL && bundle_stats(manifest, name)[0] != NULL)
		return (metric);
	http_problem(request, 400, "No such metric",
	    "probe %s has no metric \"%s\" with a number; /api/v1/fleet lists "
	    "its metrics",
	    manifest->name, name == NULL ? "" : name);
	return (NULL);
}

/* "poor": that or worse; "unanswered". */
static int
ask_since(struct http_request *request, struct spark *spark)
{
	const char *name = http_query(request, "since");
	bool lost = spark->metric->kind == METRIC_RATIO &&
		    spark->metric->better == BETTER_LESS;
	int grade = 0;

	if (name == NULL)
		return (0);
	while (grade <= METRIC_EDGES && strcmp(name, states_grade(grade)) != 0)
		grade++;
	if (strcmp(name, "unanswered") == 0
		? lost
		: grade <= METRIC_EDGES && spark->metric->graded) {
		spark->limit = (struct since_limit){spark->metric, grade};
		return (0);
	}
	http_problem(request, 400, "No such trouble",
	    "since: \"%.40s\", expected a grade of a graded metric, or "
	    "unanswered of a share of losses; %s is %s",
	    name, spark->metric->name,
	    spark->metric->graded ? "graded" : "not graded");
	return (-1);
}

static void
answer(struct http_request *request, struct spark *spark, const char *pairs)
{
	struct error err;
	int status;

	spark->to = clock_wall();
	spark->dir = collector_settings_path(spark->web->settings, "rrd");
	spark->json = json_object_new_object();
	spark->points = json_object_new_array();
	spark->since = json_object_new_array();
	member_add_text(spark->json, "test", spark->test->name);
	member_add_text(spark->json, "metric", spark->metric->name);
	status = add_pairs(spark, pairs, &err);
	json_object_object_add(spark->json, "points", spark->points);
	if (spark->limit.metric != NULL)
		json_object_object_add(spark->json, "since", spark->since);
	else
		json_object_put(spark->since);
	if (status == 0) {
		web_reply(request, spark->json);
	} else {
		json_object_put(spark->json);
		http_problem(request, status, "No such lines", "%s", err.text);
	}
	free(spark->dir);
}

void
web_get_spark(struct http_request *request, void *arg)
{
	struct spark spark = {.web = arg};
	const char *pairs = http_query(request, "pairs");

	if ((spark.test = web_test(arg, request)) == NULL ||
	    (spark.metric = ask_metric(request, spark.test->manifest)) ==
		NULL ||
	    ask_since(request, &spark) == -1)
		return;
	if (pairs != NULL)
		answer(request, &spark, pairs);
	else
		http_problem(request, 400, "No pairs",
		    "\"pairs\" is missing, as in pairs=nyc:lon,lon:nyc");
}
