/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/harvest.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/draft.h"
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
	struct summary merged; /* what came as one, beside the samples */
};

struct harvest {
	const struct metric *table;
	struct finding *rows; /* NULL: nothing was found */
};

struct harvest *
harvest_new(const struct metric *table)
{
	struct harvest *harvest = memory_new(1, sizeof(*harvest));

	harvest->table = table;
	return (harvest);
}

static void
make_rows(struct harvest *harvest)
{
	size_t n = 0;

	while (harvest->table[n].name != NULL)
		n++;
	harvest->rows = memory_new(n, sizeof(*harvest->rows));
}

/* Thousands of streams have nothing in hand most of the time. */
static void
free_rows(struct harvest *harvest)
{
	if (harvest->rows == NULL)
		return;
	for (size_t i = 0; harvest->table[i].name != NULL; i++) {
		free(harvest->rows[i].text);
		free(harvest->rows[i].samples);
		summary_clear(&harvest->rows[i].merged);
	}
	free(harvest->rows);
	harvest->rows = NULL;
}

void
harvest_free(struct harvest *harvest)
{
	if (harvest == NULL)
		return;
	free_rows(harvest);
	free(harvest);
}

static struct finding *
find(struct harvest *harvest, const char *name)
{
	const struct metric *metric = metric_find(harvest->table, name);

	if (metric == NULL)
		return (NULL);
	if (harvest->rows == NULL)
		make_rows(harvest);
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
harvest_merge(
    struct harvest *harvest, const char *metric, const struct summary *summary)
{
	struct finding *row = find_kind(harvest, metric, METRIC_DISTRIBUTION);

	summary_merge(&row->merged, summary);
}

void
harvest_value(struct harvest *harvest, const char *metric, double value)
{
	struct finding *row = find_kind(harvest, metric, METRIC_VALUE);

	row->found = isfinite(value);
	row->value = value;
}

static void
bound_row(struct harvest *harvest, size_t i, double seconds)
{
	const struct metric *metric = &harvest->table[i];
	const struct finding *row = &harvest->rows[i];
	int64_t n = (int64_t)(row->n + row->merged.n);

	if (metric->bound == NULL || n == 0)
		return;
	harvest_value(harvest, metric->bound, seconds);
	harvest_count(harvest, metric->unbounded, isnan(seconds) ? n : 0);
}

void
harvest_bound(struct harvest *harvest, double seconds)
{
	for (size_t i = 0;
	     harvest->rows != NULL && harvest->table[i].name != NULL; i++)
		bound_row(harvest, i, seconds);
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

	if (kind != METRIC_ROUTE && kind != METRIC_SERIES &&
	    kind != METRIC_SIDES)
		kind = METRIC_DETAIL;
	row = find_kind(harvest, metric, kind);
	free(row->text);
	row->text = memory_text(json);
}

static void
write_distribution(struct finding *row, struct draft *draft)
{
	struct summary summary = {0};

	summary_fill(&summary, row->samples, row->n);
	if (row->merged.n > 0)
		summary_merge(&summary, &row->merged);
	summary_write(&summary, draft, draft_measure);
	summary_clear(&summary);
}

static void
write_ratio(
    struct harvest *harvest, const struct metric *metric, struct draft *draft)
{
	const struct finding *part = find(harvest, metric->part);
	const struct finding *whole = find(harvest, metric->whole);

	if (part == NULL || whole == NULL || !part->found || !whole->found ||
	    whole->count == 0)
		return;
	draft_member(draft, metric->name);
	draft_measure(draft, (double)part->count / (double)whole->count);
}

/* Checked, and on one line. */
static void
write_detail(const char *name, const char *text, struct draft *draft)
{
	struct error err;
	json_object *json = member_parse(text, strlen(text), &err);

	if (json == NULL)
		log_fatal("bug of the plug-in: %s: %s", name, err.text);
	draft_add(draft,
	    json_object_to_json_string_ext(
		json, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(json);
}

static void
write_finding(struct harvest *harvest, size_t i, struct draft *draft)
{
	const struct metric *metric = &harvest->table[i];
	struct finding *row = &harvest->rows[i];

	if (metric->kind == METRIC_RATIO)
		write_ratio(harvest, metric, draft);
	if (!row->found)
		return;
	draft_member(draft, metric->name);
	switch (metric->kind) {
	case METRIC_COUNT:
		draft_whole(draft, row->count);
		break;
	case METRIC_VALUE:
		draft_measure(draft, row->value);
		break;
	case METRIC_DISTRIBUTION:
		write_distribution(row, draft);
		break;
	case METRIC_TEXT_KIND:
		draft_quoted(draft, row->text);
		break;
	default:
		write_detail(metric->name, row->text, draft);
		break;
	}
}

void
harvest_take(struct harvest *harvest, struct draft *draft)
{
	draft_add(draft, "{");
	for (size_t i = 0;
	     harvest->rows != NULL && harvest->table[i].name != NULL; i++)
		write_finding(harvest, i, draft);
	free_rows(harvest);
	draft_add(draft, "}");
}
