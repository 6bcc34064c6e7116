/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * since.h - since when a pair is as bad as it is.
 *
 * Looked back from now, a trouble goes on through rows that are as bad, through
 * rows of which nothing is known, and through a few fine ones: what comes and
 * goes is one trouble. Ten minutes of fine rows in a row, and three at least, are
 * its end. One of a pair that did not answer at all ends with the first answer.
 */
#ifndef PHAROS_COLLECTOR_SINCE_H
#define PHAROS_COLLECTOR_SINCE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/clock.h"
#include "common/metric.h"

struct error;
struct series_question;

#define SINCE_UNANSWERED (METRIC_EDGES + 1)

struct since_limit {
	const struct metric *metric; /* graded; or the share of what was lost */
	int grade; /* this one or worse; SINCE_UNANSWERED: all was lost */
};

struct since {
	nanoseconds from;  /* start of its first row; 0: it is over, or new */
	nanoseconds row;   /* how long rows are, so how exact that is */
	size_t bad, known; /* of the rows since: as bad; known */
	bool open;         /* nothing fine is known before it */
};

/* Rows of a metric's usual statistic from `start` on; NAN: unknown. True when
 * what ends it is in them. */
bool since_rows(const double *values, size_t count, nanoseconds start,
    nanoseconds step, const struct since_limit *limit, struct since *since);
/* In a pair's history, rows of its step as far as there are, then 14 days. The
 * question says whose; its span, points and metrics are chosen here. */
int since_find(const struct series_question *question, nanoseconds now,
    const struct since_limit *limit, struct since *since, struct error *err);

#endif
