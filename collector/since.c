/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/since.h"

#include <math.h>

#include "collector/series.h"

#define CALM (600 * NS_PER_S)
#define CALM_ROWS 3
#define FINE_ROWS 2880 /* rows of one step that a history has */
#define CLOSE_ROWS 720 /* that are made of bins */
#define LONG (14 * 24 * 3600 * NS_PER_S)
#define LONG_ROW (300 * NS_PER_S)
#define ALL_LOST (1 - 1e-9)

static bool
is_bad(const struct since_limit *limit, double value)
{
	if (limit->grade == SINCE_UNANSWERED)
		return (value >= ALL_LOST);
	return (metric_grade(limit->metric, value) >= limit->grade);
}

/* How many fine rows end it. */
static size_t
calm_rows(const struct since_limit *limit, nanoseconds step)
{
	size_t rows = (size_t)((CALM + step - 1) / step);

	if (limit->grade == SINCE_UNANSWERED)
		return (1);
	return (rows < CALM_ROWS ? CALM_ROWS : rows);
}

bool
since_rows(const double *values, size_t count, nanoseconds start,
    nanoseconds step, const struct since_limit *limit, struct since *since)
{
	size_t most = calm_rows(limit, step), calm = 0, known = 0;

	*since = (struct since){.open = true, .row = step};
	for (size_t i = count; i-- > 0 && calm < most;) {
		if (isnan(values[i]))
			continue;
		known++;
		if (!is_bad(limit, values[i])) {
			calm++;
			continue;
		}
		calm = 0;
		since->from = start + (nanoseconds)i * step;
		since->known = known;
		since->bad++;
	}
	since->open = calm == 0;
	return (calm == most);
}

/* Where nothing tells of a loss, for nothing was counted. */
static void
fill_unanswered(const struct series *series, double *values)
{
	for (size_t i = 0; series->unanswered != NULL && i < series->count; i++)
		if (series->unanswered[i] && isnan(values[i]))
			values[i] = 1;
}

/* 1: all of it is in these rows, 0: there may be more of it before, -1. A close
 * look is at bins, which know what was not answered without being counted. */
static int
look(const struct series_question *question, nanoseconds span, nanoseconds row,
    bool close, const struct since_limit *limit, struct since *since,
    struct error *err)
{
	struct series_question q = *question;
	struct series series;
	double *values;
	bool ended;

	q.from = q.to - span;
	q.points =
	    (size_t)(span / row) + 1; /* the first and the last in part */
	q.metrics = &limit->metric;
	q.metric_count = 1;
	q.rough = !close;
	if (series_read(&q, &series, err) == -1)
		return (-1);
	values = series_usual(&series.metrics[0])->values;
	if (close)
		fill_unanswered(&series, values);
	ended = since_rows(
	    values, series.count, series.start, series.step, limit, since);
	series_clear(&series);
	return (ended);
}

int
since_find(const struct series_question *question, nanoseconds now,
    const struct since_limit *limit, struct since *since, struct error *err)
{
	struct series_question q = *question;
	nanoseconds fine = question->step * FINE_ROWS;
	struct since older;
	int ended;

	q.to = now;
	ended = look(&q, fine, question->step, false, limit, since, err);
	if (ended != -1 && since->from == 0 && limit->grade == SINCE_UNANSWERED)
		return (look(&q, question->step * CLOSE_ROWS, question->step,
			    true, limit, since, err) == -1
			    ? -1
			    : 0);
	if (ended != 0 || since->from == 0 || fine >= LONG)
		return (ended == -1 ? -1 : 0);
	if (look(&q, LONG, LONG_ROW, false, limit, &older, err) == -1)
		return (-1);
	if (older.from != 0 && older.from + older.row <= since->from)
		*since = older;
	return (0);
}
