/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * series_rows.h - rows made by merging; for series*.c alone.
 */
#ifndef PHAROS_COLLECTOR_SERIES_ROWS_H
#define PHAROS_COLLECTOR_SERIES_ROWS_H

#include "collector/series.h"

/* Gives the series its columns, all unknown; start, step and count are set. */
void series_add_columns(
    struct series *series, const struct series_question *question);

/* Where rows come from: bins (the step), hours or days. */
struct series_source {
	nanoseconds unit; /* the bins' step, ROLLUP_HOUR, ROLLUP_DAY */
	bool rolled;      /* it is hours or days */
	nanoseconds from; /* nothing before this */
};
/* Merges what the source has into the rows, which then are as it says. *first is
 * the start of the first such row; BINS_NONE. */
int series_fill(struct series *series, const struct series_question *question,
    const struct series_source *source, nanoseconds *first, struct error *err);

#endif
