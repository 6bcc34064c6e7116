/* SPDX-License-Identifier: BSD-2-Clause */
#include <math.h>

#include "collector/series.h"
#include "collector/web.h"
#include "collector/web_series_rows.h"
#include "common/member.h"
#include "common/metric.h"

static json_object *
worst_json(const struct series_metric *m, size_t count)
{
	json_object *json = json_object_new_object();

	json_object_object_add(json, "value", web_column_json(m->worst, count));
	json_object_object_add(json, "at", web_column_json(m->worst_at, count));
	return (json);
}

static json_object *
metric_json(const struct series_metric *m, size_t count)
{
	json_object *json = json_object_new_object();
	json_object *columns = json_object_new_object();

	for (size_t i = 0; i < m->column_count; i++)
		if (web_series_is_shown(&m->columns[i], count))
			json_object_object_add(columns, m->columns[i].name,
			    web_column_json(m->columns[i].values, count));
	member_add_text(json, "kind", metric_kind_names[m->metric->kind]);
	member_add_text(json, "unit", unit_name(m->metric->unit));
	json_object_object_add(json, "columns", columns);
	if (m->judged)
		json_object_object_add(json, "worst", worst_json(m, count));
	return (json);
}

static void
add_known(json_object *json, const char *name, double value)
{
	if (!isnan(value))
		member_add_number(json, name, value);
}

/* The span as one row. */
static json_object *
whole_json(const struct series *series)
{
	json_object *json = json_object_new_object();
	json_object *metrics = json_object_new_object();

	if (series->whole_rows > 0)
		member_add_number(
		    json, "from", clock_seconds(series->whole_from));
	member_add_whole(json, "rows", (int64_t)series->whole_rows);
	for (size_t i = 0; i < series->metric_count; i++) {
		const struct series_metric *m = &series->metrics[i];
		json_object *values = json_object_new_object();

		for (size_t c = 0; c < m->column_count; c++)
			add_known(
			    values, m->columns[c].name, m->columns[c].whole);
		add_known(values, "part", m->part);
		add_known(values, "of", m->of);
		json_object_object_add(metrics, m->metric->name, values);
	}
	json_object_object_add(json, "metrics", metrics);
	return (json);
}

/* Runs of rows, each by its first and its last. */
static json_object *
unanswered_json(const struct series *series)
{
	json_object *runs = json_object_new_array(), *run;

	for (size_t i = 0, last;
	     series->unanswered != NULL && i < series->count; i = last + 1) {
		last = i;
		if (!series->unanswered[i])
			continue;
		while (last + 1 < series->count && series->unanswered[last + 1])
			last++;
		run = json_object_new_array();
		json_object_array_add(run, json_object_new_int64((int64_t)i));
		json_object_array_add(
		    run, json_object_new_int64((int64_t)last));
		json_object_array_add(runs, run);
	}
	return (runs);
}

void
web_series_add(json_object *json, const struct series *series)
{
	json_object *metrics = json_object_new_object();

	for (size_t i = 0; i < series->metric_count; i++)
		json_object_object_add(metrics, series->metrics[i].metric->name,
		    metric_json(&series->metrics[i], series->count));
	member_add_number(json, "start", clock_seconds(series->start));
	member_add_number(json, "step", clock_seconds(series->step));
	member_add_whole(json, "count", (int64_t)series->count);
	member_add_text(json, "consolidation", series->consolidation);
	json_object_object_add(json, "metrics", metrics);
	json_object_object_add(json, "whole", whole_json(series));
	json_object_object_add(json, "unanswered", unanswered_json(series));
	if (series->why != NULL)
		member_add_text(json, "why", series->why);
}
