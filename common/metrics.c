/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/metrics.h"

#include <math.h>
#include <stdlib.h>

#include "common/error.h"
#include "common/member.h"
#include "common/memory.h"

const char *const metric_kind_names[] = {
    [METRIC_COUNT] = "count",
    [METRIC_VALUE] = "value",
    [METRIC_RATIO] = "ratio",
    [METRIC_DISTRIBUTION] = "distribution",
    [METRIC_TEXT_KIND] = "text",
    [METRIC_SERIES] = "series",
    [METRIC_ROUTE] = "route",
    [METRIC_DETAIL] = "detail",
    [METRIC_SIDES] = "sides",
    NULL,
};
static const char *const merge_names[] = {
    [MERGE_MEAN] = "mean",
    [MERGE_MIN] = "min",
    [MERGE_MAX] = "max",
    [MERGE_LAST] = "last",
    NULL,
};
const char *const metric_better_names[] = {
    [BETTER_LESS] = "less",
    [BETTER_MORE] = "more",
    [BETTER_NEITHER] = "neither",
    NULL,
};

static bool
is_count(const struct metric *table, const char *name)
{
	const struct metric *found;

	return (name != NULL && (found = metric_find(table, name)) != NULL &&
		found->kind == METRIC_COUNT);
}

/* Neither, or both and right. */
static bool
has_good_bound(const struct metric *table, const struct metric *metric)
{
	const struct metric *found;

	if (metric->bound == NULL && metric->unbounded == NULL)
		return (true);
	return (metric->kind == METRIC_DISTRIBUTION && metric->bound != NULL &&
		(found = metric_find(table, metric->bound)) != NULL &&
		found->kind == METRIC_VALUE && found->merge == MERGE_MAX &&
		is_count(table, metric->unbounded));
}

static int
check_metric(
    const struct metric *table, const struct metric *metric, struct error *err)
{
	if (!metric_name_valid(metric->name))
		return (error_set(
		    err, "name is wrong, expected [a-z][a-z0-9_]{0,12}"));
	if (metric_find(table, metric->name) != metric)
		return (error_set(err, "declared twice"));
	if (metric->help == NULL)
		return (error_set(err, "has no help"));
	if (metric->kind == METRIC_RATIO &&
	    (!is_count(table, metric->part) || !is_count(table, metric->whole)))
		return (
		    error_set(err, "part and whole of a ratio must be counts"));
	if (!has_good_bound(table, metric))
		return (error_set(err,
		    "bound and unbounded are of a distribution, and must be a "
		    "value that is merged as max, and a count"));
	if (!metric->graded)
		return (0);
	if (metric->better == BETTER_NEITHER)
		return (error_set(err, "has edges but no better end"));
	for (int i = 0; i < METRIC_EDGES; i++)
		if (!isfinite(metric->edges[i]) ||
		    (i > 0 && metric->edges[i] <= metric->edges[i - 1]))
			return (error_set(err, "edges do not rise"));
	return (0);
}

int
metrics_check(const struct metric *table, struct error *err)
{
	for (const struct metric *row = table; row->name != NULL; row++)
		if (check_metric(table, row, err) == -1)
			return (error_place(err, "metric %s", row->name));
	return (0);
}

static json_object *
metric_json(const struct metric *metric)
{
	json_object *o = json_object_new_object(), *edges;

	member_add_text(o, "name", metric->name);
	member_add_text(o, "kind", metric_kind_names[metric->kind]);
	member_add_text(o, "unit", unit_name(metric->unit));
	member_add_text(o, "better", metric_better_names[metric->better]);
	if (metric->kind == METRIC_VALUE)
		member_add_text(o, "merge", merge_names[metric->merge]);
	if (metric->kind == METRIC_RATIO) {
		member_add_text(o, "part", metric->part);
		member_add_text(o, "whole", metric->whole);
	}
	member_add_text(o, "bound", metric->bound);
	member_add_text(o, "unbounded", metric->unbounded);
	if (metric->graded) {
		edges = json_object_new_array();
		for (int i = 0; i < METRIC_EDGES; i++)
			json_object_array_add(
			    edges, member_new_number(metric->edges[i]));
		json_object_object_add(o, "edges", edges);
	}
	member_add_text(o, "help", metric->help);
	return (o);
}

json_object *
metrics_json(const struct metric *table)
{
	json_object *array = json_object_new_array();

	for (; table->name != NULL; table++)
		json_object_array_add(array, metric_json(table));
	return (array);
}

static int
parse_edges(json_object *o, struct metric *row, struct error *err)
{
	json_object *edges = member_get(o, "edges");

	if (edges == NULL)
		return (0);
	if (!json_object_is_type(edges, json_type_array) ||
	    json_object_array_length(edges) != METRIC_EDGES)
		return (
		    error_set(err, "edges: expected %d numbers", METRIC_EDGES));
	for (size_t i = 0; i < METRIC_EDGES; i++) {
		json_object *edge = json_object_array_get_idx(edges, i);

		if (!json_object_is_type(edge, json_type_double) &&
		    !json_object_is_type(edge, json_type_int))
			return (error_set(
			    err, "edges: expected %d numbers", METRIC_EDGES));
		row->edges[i] = json_object_get_double(edge);
	}
	row->graded = true;
	return (0);
}

static int
parse_unit(json_object *o, struct metric *row, struct error *err)
{
	const char *unit = member_text_or(o, "unit", "");

	if (unit_find(unit, &row->unit) == -1)
		return (error_set(err,
		    "unit \"%.80s\" is not known here, expected one of s, B, "
		    "1/s, bit/s, ratio, 1",
		    unit));
	return (0);
}

static int
parse_words(json_object *o, struct metric *row, struct error *err)
{
	int kind, better = BETTER_NEITHER, merge = MERGE_MEAN;

	if (member_choice(o, "kind", metric_kind_names, &kind, err) == -1)
		return (-1);
	if (member_get(o, "better") != NULL &&
	    member_choice(o, "better", metric_better_names, &better, err) == -1)
		return (-1);
	if (kind == METRIC_VALUE &&
	    member_choice(o, "merge", merge_names, &merge, err) == -1)
		return (-1);
	row->kind = (enum metric_kind)kind;
	row->better = (enum metric_better)better;
	row->merge = (enum metric_merge)merge;
	return (0);
}

static int
parse_metric(json_object *o, struct metric *row, struct error *err)
{
	if (member_text(o, "name", &row->name, err) == -1)
		return (-1);
	if (parse_words(o, row, err) == -1 || parse_unit(o, row, err) == -1 ||
	    parse_edges(o, row, err) == -1 ||
	    member_text(o, "help", &row->help, err) == -1)
		return (error_place(err, "metric %s", row->name));
	row->part = member_text_or(o, "part", NULL);
	row->whole = member_text_or(o, "whole", NULL);
	row->bound = member_text_or(o, "bound", NULL);
	row->unbounded = member_text_or(o, "unbounded", NULL);
	return (0);
}

struct metric *
metrics_parse(json_object *json, struct error *err)
{
	struct metric *table;
	size_t count;

	if (!json_object_is_type(json, json_type_array) ||
	    (count = json_object_array_length(json)) > METRICS_MOST)
		return (
		    error_set(err, "metrics: expected an array of at most %d",
			METRICS_MOST),
		    NULL);
	table = memory_new(count + 1, sizeof(*table));
	for (size_t i = 0; i < count; i++)
		if (parse_metric(json_object_array_get_idx(json, i), &table[i],
			err) == -1)
			goto bad;
	if (metrics_check(table, err) == 0)
		return (table);
bad:
	free(table);
	return (NULL);
}
