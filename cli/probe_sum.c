/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "cli/probe.h"
#include "common/error.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/summary.h"

struct row {
	bool found;
	int64_t count;
	struct summary summary;
};

struct probe_sum {
	const struct metric *metrics;
	struct row *rows;
};

struct probe_sum *
probe_sum_new(const struct manifest *manifest)
{
	struct probe_sum *sum = memory_new(1, sizeof(*sum));
	size_t n = 0;

	while (manifest->metrics[n].name != NULL)
		n++;
	sum->metrics = manifest->metrics;
	sum->rows = memory_new(n, sizeof(*sum->rows));
	return (sum);
}

void
probe_sum_free(struct probe_sum *sum)
{
	if (sum == NULL)
		return;
	for (size_t i = 0; sum->metrics[i].name != NULL; i++)
		summary_clear(&sum->rows[i].summary);
	free(sum->rows);
	free(sum);
}

static void
merge(struct row *row, json_object *json)
{
	struct summary summary = {0};
	struct error err;

	if (summary_parse(&summary, json, &err) == 0)
		summary_merge(&row->summary, &summary);
	summary_clear(&summary);
}

void
probe_sum_add(struct probe_sum *sum, json_object *metrics)
{
	for (size_t i = 0; sum->metrics[i].name != NULL; i++) {
		const struct metric *metric = &sum->metrics[i];
		json_object *json = member_get(metrics, metric->name);
		struct row *row = &sum->rows[i];

		if (json == NULL)
			continue;
		row->found = true;
		if (metric->kind == METRIC_COUNT)
			row->count += json_object_get_int64(json);
		else if (metric->kind == METRIC_DISTRIBUTION && metric->graded)
			merge(row, json);
	}
}

static const struct row *
find(const struct probe_sum *sum, const char *name)
{
	return (&sum->rows[metric_find(sum->metrics, name) - sum->metrics]);
}

static json_object *
row_json(const struct probe_sum *sum, size_t i)
{
	const struct metric *metric = &sum->metrics[i];
	const struct row *row = &sum->rows[i], *whole;

	if (metric->kind == METRIC_RATIO) {
		whole = find(sum, metric->whole);
		return (whole->count == 0
			    ? NULL
			    : member_new_number(
				  (double)find(sum, metric->part)->count /
				  (double)whole->count));
	}
	if (metric->kind == METRIC_COUNT && row->found)
		return (json_object_new_int64(row->count));
	return (row->summary.n > 0 ? summary_json(&row->summary) : NULL);
}

json_object *
probe_sum_json(const struct probe_sum *sum)
{
	json_object *metrics = json_object_new_object(), *json;

	for (size_t i = 0; sum->metrics[i].name != NULL; i++)
		if ((json = row_json(sum, i)) != NULL)
			json_object_object_add(
			    metrics, sum->metrics[i].name, json);
	return (metrics);
}
