/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * history.h - the past of one pair, in an RRD file (librrd does the work).
 *
 * STATE/rrd/TEST/FAMILY/SRC/DST.rrd. Data sources by the metrics' kinds: a
 * count or a value one of its name; a distribution NAME_min, NAME_p50,
 * NAME_p95, NAME_max; ratios are formed from their counts when read. Rows of
 * 1 step x 2880, 5 min x 14 days, 1 h x 1 year, 1 day x 20 years, AVERAGE and
 * MAX (and MIN of NAME_min's), rows finer than the step left out; heartbeat one
 * step, so a missing bin is unknown and never interpolated. One process writes.
 */
#ifndef PHAROS_COLLECTOR_HISTORY_H
#define PHAROS_COLLECTOR_HISTORY_H

#include <stddef.h>

#include "collector/bins.h"

struct error;
struct json_object;
struct manifest;

/* DIR/TEST/FAMILY/SRC/DST.rrd; free() it */
char *history_path(const char *dir, const struct bins_key *key);

struct history_update; /* several bins for one file, one call of librrd */
struct history_update *history_update_new(
    const char *path, const struct manifest *manifest, nanoseconds step);
void history_update_add(struct history_update *update, nanoseconds start,
    const struct bundle *bundle);
/* Creates the file when missing (its first bin decides its start), adds data
 * sources for new metrics. rebuild: makes the file anew from what was added,
 * keeping rows older than the first added bin. Bins not newer than the file's
 * last are left out (unless rebuild). Frees the update. */
int history_update_write(
    struct history_update *update, bool rebuild, struct error *err);

/* What a picture needs: columns of equal length. */
struct history_span {
	nanoseconds start, step; /* of the first point; between points */
	size_t count;
	size_t columns;
	char (*names)[32]; /* "p50", "min", ..., "sum", "mean", "ratio" */
	double *values;    /* [column * count + i]; NAN: unknown */
	const char *consolidation; /* "AVERAGE", "AVERAGE and MAX" */
};
void history_span_clear(struct history_span *span);
/* One metric between two instants with at most `points` points where rows
 * allow it. A file that is not there yet is an empty span, no error. */
int history_read(const char *path, const struct manifest *manifest,
    const char *metric, nanoseconds step, nanoseconds from, nanoseconds to,
    size_t points, struct history_span *span, struct error *err);

#endif
