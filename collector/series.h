/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * series.h - the past of one pair up to now, from the store that knows best.
 *
 * A span of the last days is made of bins, rows of an hour and more of hours or
 * days (rollup.h), with what is not in those yet from bins. Bins of one row are
 * merged, so its quantiles are those of all its records. The history's file
 * (history.h) has the finer rows of before and what is older than the hours. A
 * row that nobody knows is unknown, never interpolated. All rows merged are the
 * whole: its quantiles are those of the span. A rough series is of the
 * file, cheaply, and of bins where that ends: the last row or two.
 */
#ifndef PHAROS_COLLECTOR_SERIES_H
#define PHAROS_COLLECTOR_SERIES_H

#include <stdbool.h>
#include <stddef.h>

#include "collector/bins.h"

struct error;
struct manifest;
struct metric;

struct series_question {
	struct bins *bins;   /* NULL: there are none yet */
	const char *history; /* the histories' folder */
	const struct bins_key *key;
	const struct manifest *manifest;
	nanoseconds step; /* of the bins */
	nanoseconds from, to;
	size_t points; /* rows at most, from 1 */
	const struct metric *const *metrics;
	size_t metric_count;
	bool rough;
};

/* By the metric's kind: count: sum, the average of the row's bins; ratio: ratio;
 * value: its usual statistic, then mean, min, max, last; distribution: min, p5,
 * p25, p50, p75, p95, p99, max. NAN: unknown. */
struct series_column {
	const char *name;
	double *values;
	bool always;  /* else only where one of them is known is it shown */
	double whole; /* of all rows together; a count's sum */
};

struct series_metric {
	const struct metric *metric;
	struct series_column *columns;
	size_t column_count;
	/* The worst bin of each row, and its start (seconds), where rows hold
	 * several and the metric is a ratio or graded. */
	double *worst, *worst_at;
	bool judged;     /* one of them is known */
	double part, of; /* a ratio's counts of all rows together */
};

struct series {
	nanoseconds start, step; /* of the first row; between rows */
	size_t count;
	struct series_metric *metrics;
	size_t metric_count;
	char consolidation[200]; /* "bins of 60 s", "days of bins of 60 s" */
	/* Of how many rows "whole" is merged, the first of which begins then;
	 * what the history's file alone knows is not in it. */
	size_t whole_rows;
	nanoseconds whole_from;
	/* In which rows somebody was asked and nobody answered, whether or not
	 * a count says so; the history's file does not know. NULL: in none. */
	bool *unanswered;
	char *why; /* what the last of them says of it; NULL: nothing */
};

int series_read(const struct series_question *question, struct series *series,
    struct error *err);
void series_clear(struct series *series);
/* The column of its usual statistic: the median where there is one. */
const struct series_column *series_usual(const struct series_metric *metric);

#endif
