/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/series_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "collector/rollup.h"
#include "common/manifest.h"
#include "common/memory.h"

static double *
unknown(size_t count)
{
	double *values = memory_new(count, sizeof(*values));

	for (size_t i = 0; i < count; i++)
		values[i] = NAN;
	return (values);
}

static void
add_column(struct series_metric *m, const char *name, bool always, size_t count)
{
	for (size_t i = 0; i < m->column_count; i++)
		if (strcmp(m->columns[i].name, name) == 0)
			return;
	m->columns =
	    memory_resize(m->columns, m->column_count + 1, sizeof(*m->columns));
	m->columns[m->column_count++] =
	    (struct series_column){name, unknown(count), always, NAN};
}

static void
add_distribution(struct series_metric *m, size_t count)
{
	static const struct {
		const char *name;
		bool always;
	} columns[] = {{"min", true}, {"p5", false}, {"p25", false},
	    {"p50", true}, {"p75", false}, {"p95", true}, {"p99", false},
	    {"max", true}};

	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
		add_column(m, columns[i].name, columns[i].always, count);
}

void
series_add_columns(
    struct series *series, const struct series_question *question)
{
	series->metric_count = question->metric_count;
	series->metrics =
	    memory_new(series->metric_count + 1, sizeof(*series->metrics));
	for (size_t i = 0; i < series->metric_count; i++) {
		struct series_metric *m = &series->metrics[i];
		const char *const *stat;

		m->metric = question->metrics[i];
		m->part = m->of = NAN;
		m->worst = unknown(series->count);
		m->worst_at = unknown(series->count);
		if (m->metric->kind == METRIC_DISTRIBUTION) {
			add_distribution(m, series->count);
			continue;
		}
		stat = bundle_stats(question->manifest, m->metric->name);
		for (size_t k = 0; stat[k] != NULL; k++)
			add_column(m, stat[k], k == 0, series->count);
	}
}

/* The row that is being merged. */
struct merging {
	struct series *series;
	const struct series_question *question;
	nanoseconds from;      /* a row that starts before is left alone */
	struct rollup *rollup; /* NULL: no row begun */
	size_t row;
	nanoseconds first;
	struct rollup *whole; /* all rows; NULL: a rough one */
};

static void
set_columns(const struct merging *g, struct series_metric *m)
{
	const struct bundle *bundle = rollup_bundle(g->rollup);
	double bins = (double)rollup_bins(g->rollup), value;
	nanoseconds at;

	for (size_t i = 0; i < m->column_count; i++) {
		if (!bundle_get(
			bundle, m->metric->name, m->columns[i].name, &value))
			value = NAN;
		else if (m->metric->kind == METRIC_COUNT)
			value /= bins;
		m->columns[i].values[g->row] = value;
	}
	if (g->series->step == g->question->step ||
	    !rollup_worst(g->rollup, m->metric->name, &value, &at))
		return;
	m->worst[g->row] = value;
	m->worst_at[g->row] = clock_seconds(at);
	m->judged = true;
}

/* In words, by the first metric that has some. */
static const char *
text_of(const struct bundle *bundle, const struct manifest *manifest)
{
	const char *text = NULL;

	for (const struct metric *m = manifest->metrics;
	     m->name != NULL && text == NULL; m++)
		if (m->kind == METRIC_TEXT_KIND)
			text = bundle_text(bundle, m->name);
	return (text);
}

static void
note_unanswered(struct merging *g)
{
	const struct bundle *bundle = rollup_bundle(g->rollup);
	struct series *series = g->series;
	const char *why;

	if (bundle_outcomes(bundle, OUTCOME_NO_ANSWER) == 0 ||
	    bundle_outcomes(bundle, OUTCOME_MEASURED) > 0)
		return;
	if (series->unanswered == NULL)
		series->unanswered =
		    memory_new(series->count, sizeof(*series->unanswered));
	series->unanswered[g->row] = true;
	why = text_of(bundle, g->question->manifest);
	free(series->why);
	series->why = why != NULL ? memory_text(why) : NULL;
}

static void
end_row(struct merging *g)
{
	if (g->rollup == NULL)
		return;
	for (size_t i = 0; i < g->series->metric_count; i++)
		set_columns(g, &g->series->metrics[i]);
	note_unanswered(g);
	if (g->whole != NULL) {
		rollup_merge(g->whole, g->rollup);
		g->series->whole_rows++;
	}
	rollup_free(g->rollup);
	g->rollup = NULL;
}

static double
number_of(const struct bundle *bundle, const char *metric, const char *stat)
{
	double value;

	return (metric != NULL && bundle_get(bundle, metric, stat, &value)
		    ? value
		    : NAN);
}

static void
end_whole(struct merging *g)
{
	struct series *series = g->series;
	const struct bundle *bundle;

	if (g->whole == NULL)
		return;
	bundle = rollup_bundle(g->whole);
	series->whole_from = g->first;
	for (size_t i = 0; i < series->metric_count; i++) {
		struct series_metric *m = &series->metrics[i];
		const char *name = m->metric->name;

		for (size_t c = 0; c < m->column_count; c++)
			m->columns[c].whole =
			    number_of(bundle, name, m->columns[c].name);
		m->part = number_of(bundle, m->metric->part, "sum");
		m->of = number_of(bundle, m->metric->whole, "sum");
	}
	rollup_free(g->whole);
}

/* What the row that holds this instant is merged in; NULL: it is outside. */
static struct rollup *
row_of(struct merging *g, nanoseconds start)
{
	const struct series *series = g->series;
	nanoseconds begin;
	size_t row;

	if (start < series->start)
		return (NULL);
	row = (size_t)((start - series->start) / series->step);
	begin = series->start + (nanoseconds)row * series->step;
	if (row >= series->count || begin < g->from)
		return (NULL);
	if (g->rollup != NULL && g->row != row)
		end_row(g);
	if (g->rollup == NULL)
		g->rollup = rollup_new(g->question->manifest);
	g->row = row;
	if (g->first == BINS_NONE)
		g->first = begin;
	return (g->rollup);
}

static int
take_bin(void *arg, nanoseconds start, const struct bundle *bundle,
    struct error *err)
{
	struct rollup *into = row_of(arg, start);

	if (into != NULL)
		rollup_add(into, start, bundle);
	return (0);
}

static int
take_rollup(void *arg, nanoseconds start, const struct rollup *rollup,
    struct error *err)
{
	struct rollup *into = row_of(arg, start);

	if (into != NULL)
		rollup_merge(into, rollup);
	return (0);
}

int
series_fill(struct series *series, const struct series_question *q,
    const struct series_source *source, nanoseconds *first, struct error *err)
{
	struct merging merging = {series, q, source->from, NULL, 0, BINS_NONE,
	    q->rough ? NULL : rollup_new(q->manifest)};
	nanoseconds to =
	    series->start + (nanoseconds)series->count * series->step;
	nanoseconds from =
	    source->from > series->start ? source->from : series->start;
	int64_t pair = bins_pair(q->bins, q->key, err);
	int result = pair == -1 ? -1 : 0;

	if (pair > 0 && source->rolled)
		result = rollup_read(q->bins, pair, source->unit, q->manifest,
		    from, to, take_rollup, &merging, err);
	else if (pair > 0)
		result = bins_read(q->bins, pair, source->unit, q->manifest,
		    from, to, take_bin, &merging, err);
	end_row(&merging);
	end_whole(&merging);
	*first = merging.first;
	return (result);
}
