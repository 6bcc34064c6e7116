/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * metric.h - kinds of findings declared once, as rows of a table.
 *
 * The table gives the record's members, how records merge, the history's
 * layout, axis, colour and help. It ends with a row whose name is NULL. Names
 * match [a-z][a-z0-9_]{0,12}.
 */
#ifndef PHAROS_COMMON_METRIC_H
#define PHAROS_COMMON_METRIC_H

#include <stdbool.h>

#include "common/unit.h"

#define METRIC_TEXT 14 /* a metric's name with the final NUL */
#define METRIC_EDGES 5

enum metric_kind {
	METRIC_COUNT,        /* whole number; summed */
	METRIC_VALUE,        /* number; merged as "merge" says */
	METRIC_RATIO,        /* part / whole, always formed from their sums */
	METRIC_DISTRIBUTION, /* of nanosecond samples; merged as histograms */
	METRIC_TEXT_KIND,    /* a short text; the last one stands */
	METRIC_SERIES,       /* {"step":s,"values":[...]}; archive only */
	METRIC_ROUTE,        /* a path; archive only until paths are shown */
	METRIC_DETAIL,       /* any JSON; archive only */
	METRIC_SIDES         /* what only one end knows (sides.h): it becomes
	                        counts where both have said it */
};

enum metric_merge { MERGE_MEAN, MERGE_MIN, MERGE_MAX, MERGE_LAST };
enum metric_better { BETTER_LESS, BETTER_MORE, BETTER_NEITHER };

struct metric {
	const char *name;
	enum metric_kind kind;
	enum unit unit;
	enum metric_better better;
	enum metric_merge merge;  /* VALUE */
	const char *part, *whole; /* RATIO: names of two counts */
	/* DISTRIBUTION of times between two clocks: a VALUE, its largest, that
	 * says how far one of them may be off, and a COUNT of those of which
	 * nobody can say. The host finds both (agent/budget.h). */
	const char *bound, *unbounded;
	bool graded;                /* edges hold five rising limits */
	double edges[METRIC_EDGES]; /* a value on an edge has the grade above:
	                               grade = number of edges <= value */
	const char *help;           /* one sentence, no full stop */
};

/* As manifests write them, by the enum; NULL-ended. */
extern const char *const metric_kind_names[];   /* "count", "ratio", ... */
extern const char *const metric_better_names[]; /* "less", ... */

const struct metric *metric_find(const struct metric *table, const char *name);
/* The first distribution between two clocks, which has a bound; or NULL. */
const struct metric *metric_bounded(const struct metric *table);
/* 0 (best) to 5, by the edges; BETTER_MORE counts from the other end. -1 when
 * not graded. */
int metric_grade(const struct metric *metric, double value);
bool metric_name_valid(const char *name);

#endif
