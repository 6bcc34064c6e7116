/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/series.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/history.h"
#include "collector/rollup.h"
#include "collector/series_rows.h"
#include "common/error.h"
#include "common/manifest.h"

#define BINS_MOST 20000 /* that a row's store is read of for one answer */
#define HOURS_MOST 4000
#define ROUGH_MOST 3 /* rows of a rough series that are made of bins */

static nanoseconds
up_to_multiple(nanoseconds value, nanoseconds of)
{
	return ((value + of - 1) / of * of);
}

/* Rows of whole units, at most so many. */
static void
plan(struct series *series, nanoseconds unit, nanoseconds from, nanoseconds to,
    size_t points)
{
	nanoseconds units = up_to_multiple(to - from, unit) / unit;
	nanoseconds together =
	    up_to_multiple(units, (nanoseconds)points) / (nanoseconds)points;

	for (;; together++) {
		nanoseconds end;

		series->step = unit * together;
		series->start = from - from % series->step;
		end = up_to_multiple(to, series->step);
		series->count = (size_t)((end - series->start) / series->step);
		if (series->count <= points || together >= units)
			return;
	}
}

/* Days where there would be too many hours. */
static size_t
points_of(const struct series_question *q)
{
	size_t days = (size_t)((q->to - q->from) / ROLLUP_DAY) + 2;
	bool many = (q->to - q->from) / ROLLUP_HOUR > HOURS_MOST;

	return (many && q->points > days ? days : q->points);
}

static double *
column_of(struct series_metric *m, const char *name)
{
	for (size_t i = 0; i < m->column_count; i++)
		if (strcmp(m->columns[i].name, name) == 0)
			return (m->columns[i].values);
	return (NULL);
}

static void
copy_span(struct series_metric *m, const struct history_span *span)
{
	for (size_t i = 0; i < span->columns; i++) {
		double *into = column_of(m, span->names[i]);

		if (into != NULL)
			memcpy(into, span->values + i * span->count,
			    span->count * sizeof(double));
	}
}

/* One metric's rows out of the file; the first decides what rows there are. */
static int
read_metric(struct series *series, const struct series_question *q, size_t i,
    const char *path, struct error *err)
{
	struct history_span span;
	int result = 0;

	if (history_read(path, q->manifest, q->metrics[i]->name, q->step,
		q->from, q->to, points_of(q), &span, err) == -1)
		return (-1);
	if (i == 0) {
		series->start = span.start;
		series->step = span.step;
		series->count = span.count;
		snprintf(series->consolidation, sizeof(series->consolidation),
		    "%s", span.consolidation);
		series_add_columns(series, q);
	}
	if (span.start == series->start && span.step == series->step &&
	    span.count == series->count)
		copy_span(&series->metrics[i], &span);
	else
		result = error_set(
		    err, "the history is being changed; ask again in a moment");
	history_span_clear(&span);
	return (result);
}

static int
read_history(
    struct series *series, const struct series_question *q, struct error *err)
{
	char *path = history_path(q->history, q->key);
	int result = 0;

	for (size_t i = 0; i < q->metric_count && result == 0; i++)
		result = read_metric(series, q, i, path, err);
	free(path);
	return (result);
}

/* Is anything known of the rows before an instant? */
static bool
is_known(const struct series *series, nanoseconds before)
{
	for (size_t i = 0; i < series->metric_count; i++) {
		const struct series_metric *m = &series->metrics[i];

		for (size_t c = 0; c < m->column_count; c++)
			for (size_t row = 0; row < series->count; row++)
				if (series->start +
					    (nanoseconds)row * series->step <
					before &&
				    !isnan(m->columns[c].values[row]))
					return (true);
	}
	return (false);
}

/* "bins of 60 s", "hours of bins of 60 s merged over 21600 s", and what speaks
 * for the rows before these. */
static void
name_consolidation(struct series *series, const struct series_question *q,
    const struct series_source *source, nanoseconds first)
{
	char before[sizeof(series->consolidation)], time[40];
	const char *rows = !source->rolled              ? ""
			   : source->unit == ROLLUP_DAY ? "days of "
							: "hours of ";
	int used;

	if (first == BINS_NONE)
		return;
	memcpy(before, series->consolidation, sizeof(before));
	used = snprintf(series->consolidation, sizeof(series->consolidation),
	    "%sbins of %lld s", rows, (long long)(q->step / NS_PER_S));
	if (series->step != source->unit)
		used += snprintf(series->consolidation + used,
		    sizeof(series->consolidation) - (size_t)used,
		    " merged over %lld s",
		    (long long)(series->step / NS_PER_S));
	if (before[0] != '\0' && is_known(series, first) &&
	    strcmp(before, series->consolidation) != 0)
		snprintf(series->consolidation + used,
		    sizeof(series->consolidation) - (size_t)used,
		    "; before %s %.80s", clock_format(first, 0, time), before);
}

/* What rows of this length are merged of. */
static struct series_source
source_of(const struct series *series, const struct series_question *q,
    nanoseconds horizon)
{
	if (series->step % ROLLUP_DAY == 0 && q->step <= ROLLUP_DAY)
		return ((struct series_source){ROLLUP_DAY, true, 0});
	if (series->step % ROLLUP_HOUR == 0 && q->step <= ROLLUP_HOUR)
		return ((struct series_source){ROLLUP_HOUR, true, 0});
	return ((struct series_source){q->step, false, horizon});
}

/* Do the bins alone have all of the span? 1, 0, -1. */
static int
is_recent(
    const struct series_question *q, nanoseconds *horizon, struct error *err)
{
	int64_t pair;

	*horizon = BINS_NONE;
	if (q->bins == NULL)
		return (0);
	if (bins_find_horizon(q->bins, horizon, err) == -1)
		return (-1);
	if (q->from < *horizon || (q->to - q->from) / q->step > BINS_MOST)
		return (0);
	pair = bins_pair(q->bins, q->key, err);
	return (pair > 0 ? bins_has_one_step(q->bins, pair, err) : (int)pair);
}

/* Where the last rows begin: of more, bins would cost too much. */
static nanoseconds
latest_rows(const struct series *series)
{
	size_t before =
	    series->count > ROUGH_MOST ? series->count - ROUGH_MOST : 0;

	return (series->start + (nanoseconds)before * series->step);
}

/* The file's rows, and from the row on in which it ends those of bins. */
static int
read_roughly(
    struct series *series, const struct series_question *q, struct error *err)
{
	struct series_source source = {q->step, false, 0};
	nanoseconds first;

	if (read_history(series, q, err) == -1)
		return (-1);
	if (q->bins == NULL)
		return (0);
	if (bins_find_flushed(q->bins, q->key, &source.from, err) == -1)
		return (-1);
	source.from -= source.from % series->step;
	if (source.from < latest_rows(series))
		source.from = latest_rows(series);
	return (series_fill(series, q, &source, &first, err));
}

static int
read_rows(
    struct series *series, const struct series_question *q, struct error *err)
{
	struct series_source source = {q->step, false, 0};
	nanoseconds horizon, first;
	int recent;

	if (q->rough)
		return (read_roughly(series, q, err));
	if ((recent = is_recent(q, &horizon, err)) == -1)
		return (-1);
	if (recent) {
		plan(series, q->step, q->from, q->to, q->points);
		series_add_columns(series, q);
	} else {
		if (read_history(series, q, err) == -1)
			return (-1);
		source = source_of(series, q, horizon);
	}
	if (q->bins == NULL || q->metric_count == 0)
		return (0);
	if (series_fill(series, q, &source, &first, err) == -1)
		return (-1);
	name_consolidation(series, q, &source, recent ? series->start : first);
	return (0);
}

int
series_read(const struct series_question *question, struct series *series,
    struct error *err)
{
	*series = (struct series){0};
	if (read_rows(series, question, err) == 0)
		return (0);
	series_clear(series);
	return (-1);
}

void
series_clear(struct series *series)
{
	for (size_t i = 0; i < series->metric_count; i++) {
		struct series_metric *m = &series->metrics[i];

		for (size_t c = 0; c < m->column_count; c++)
			free(m->columns[c].values);
		free(m->columns);
		free(m->worst);
		free(m->worst_at);
	}
	free(series->metrics);
	free(series->unanswered);
	free(series->why);
	*series = (struct series){0};
}

const struct series_column *
series_usual(const struct series_metric *metric)
{
	for (size_t i = 0; i < metric->column_count; i++)
		if (strcmp(metric->columns[i].name, "p50") == 0)
			return (&metric->columns[i]);
	return (&metric->columns[0]);
}
