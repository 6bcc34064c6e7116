/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/harvest.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/summary.h"

#define TEXT_MOST 255

struct finding {
	bool found;
	int64_t count;
	double value;
	char *text; /* of a text or a detail */
	int64_t *samples;
	size_t n, room;
};

struct harvest {
	const struct metric *table;
	struct finding *rows;
};

struct harvest *
harvest_new(const struct metric *table)
{
	struct harvest *harvest = memory_new(1, sizeof(*harvest));
	size_t n = 0;

	while (table[n].name != NULL)
		n++;
	harvest->table = table;
	harvest->rows = memory_new(n, sizeof(*harvest->rows));
	return (harvest);
}

static void
clear(struct finding *row)
{
	free(row->text);
	free(row->samples);
	*row = (struct finding){0};
}

void
harvest_free(struct harvest *harvest)
{
	if (harvest == NULL)
		return;
	for (size_t i = 0; harvest->table[i].name != NULL; i++)
		clear(&harvest->rows[i]);
	free(harvest->rows);
	free(harvest);
}

static struct finding *
find(struct harvest *harvest, const char *name)
{
	const struct metric *metric = metric_find(harvest->table, name);

	if (metric == NULL)
		return (NULL);
	return (&harvest->rows[metric - harvest->table]);
}

/* The row, now marked as found. */
static struct finding *
find_kind(struct harvest *harvest, const char *name, enum metric_kind kind)
{
	struct finding *row = find(harvest, name);

	if (row == NULL || harvest->table[row - harvest->rows].kind != kind)
		log_fatal("bug of the plug-in: %s is not a metric of the kind "
			  "it reported",
		    name);
	row->found = true;
	return (row);
}

void
harvest_count(struct harvest *harvest, const char *metric, int64_t n)
{
	find_kind(harvest, metric, METRIC_COUNT)->count += n;
}

void
harvest_sample(struct harvest *harvest, const char *metric, nanoseconds value)
{
	struct finding *row = find_kind(harvest, metric, METRIC_DISTRIBUTION);

	if (row->n == row->room) {
		row->room = row->room > 0 ? row->room * 2 : 16;
		row->samples = memory_resize(
		    row->samples, row->room, sizeof(*row->samples));
	}
	row->samples[row->n++] = value;
}

void
harvest_value(struct harvest *harvest, const char *metric, double value)
{
	struct finding *row = find_kind(harvest, metric, METRIC_VALUE);

	row->found = isfinite(value);
	row->value = value;
}

void
harvest_text(struct harvest *harvest, const char *metric, const char *text)
{
	struct finding *row = find_kind(harvest, metric, METRIC_TEXT_KIND);

	free(row->text);
	row->text = memory_print("%.*s", TEXT_MOST, text);
}

void
harvest_detail(struct harvest *harvest, const char *metric, const char *json)
{
	struct finding *row = find(harvest, metric);
	enum metric_kind kind = row == NULL
				    ? METRIC_DETAIL
				    : harvest->table[row - harvest->rows].kind;

	if (kind != METRIC_ROUTE && kind != METRIC_SERIES)
		kind = METRIC_DETAIL;
	row = find_kind(harvest, metric, kind);
	free(row->text);
	row->text = memory_text(json);
}

static json_object *
distribution_json(struct finding *row)
{
	struct summary summary = {0};
	json_object *json;

	summary_fill(&summary, row->samples, row->n);
	json = summary_json(&summary);
	summary_clear(&summary);
	return (json);
}

static json_object *
ratio_json(struct harvest *harvest, const struct metric *metric)
{
	const struct finding *part = find(harvest, metric->part);
	const struct finding *whole = find(harvest, metric->whole);

	if (part == NULL || whole == NULL || !part->found || !whole->found ||
	    whole->count == 0)
		return (NULL);
	return (member_new_number((double)part->count / (double)whole->count));
}

static json_object *
detail_json(const char *name, const char *text)
{
	struct error err;
	json_object *json = member_parse(text, strlen(text), &err);

	if (json == NULL)
		log_fatal("bug of the plug-in: %s: %s", name, err.text);
	return (json);
}

static json_object *
finding_json(struct harvest *harvest, size_t i)
{
	const struct metric *metric = &harvest->table[i];
	struct finding *row = &harvest->rows[i];

	if (metric->kind == METRIC_RATIO)
		return (ratio_json(harvest, metric));
	if (!row->found)
		return (NULL);
	switch (metric->kind) {
	case METRIC_COUNT:
		return (json_object_new_int64(row->count));
	case METRIC_VALUE:
		return (member_new_number(row->value));
	case METRIC_DISTRIBUTION:
		return (distribution_json(row));
	case METRIC_TEXT_KIND:
		return (member_new_text(row->text));
	default:
		return (detail_json(metric->name, row->text));
	}
}

json_object *
harvest_take(struct harvest *harvest)
{
	json_object *metrics = json_object_new_object();

	for (size_t i = 0; harvest->table[i].name != NULL; i++) {
		json_object *json = finding_json(harvest, i);

		if (json != NULL)
			json_object_object_add(
			    metrics, harvest->table[i].name, json);
	}
	for (size_t i = 0; harvest->table[i].name != NULL; i++)
		clear(&harvest->rows[i]);
	return (metrics);
}
