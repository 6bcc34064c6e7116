/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * history.h - the past of one pair, in an RRD file (librrd does the work).
 *
 * STATE/rrd/TEST/FAMILY/SRC/DST.rrd. Data sources by the metrics' kinds: a
 * count or a value one of its name; a distribution NAME_min, NAME_p50,
 * NAME_p95, NAME_max; ratios are formed from their counts when read. Rows of
 * 1 step x 2880, 5 min x 14 days, 1 h x 1 year, 1 day x 20 years; where rows
 * hold several steps there are MIN and MAX beside AVERAGE. Rows finer than the
 * step are left out. Heartbeat one step, so a missing bin is unknown and never
 * interpolated; a row is known when one of its bins is. One process writes.
 *
 * With steps of a minute that is 505 kB a data source, however many bins there are:
 * 9.6 MB for the 19 of ping. No source can be spared, for between bins and hours
 * (from two days to two weeks ago) only the file has it; MIN and MAX of hours and
 * days are half of it, and answer where rollup.h has no rows, or not any more.
 *
 * An RRD's row bears the time of its end; here a bin bears that of its start.
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

/* Can bins of this manifest and step be appended? *last is the end of the last
 * bin in it (0: none). A missing file fits; one that lacks a metric, has
 * another step or cannot be read does not, and is to be rebuilt. */
bool history_fits(const char *path, const struct manifest *manifest,
    nanoseconds step, nanoseconds *last);

struct history_update; /* several bins for one file, one call of librrd */
struct history_update *history_update_new(
    const char *path, const struct manifest *manifest, nanoseconds step);
/* In order. Between bins that do not touch the history becomes unknown. */
void history_update_add(struct history_update *update, nanoseconds start,
    const struct bundle *bundle);
void history_update_free(struct history_update *update); /* NULL is fine */
/* Creates the file when missing: its first bin decides its start. Bins not
 * newer than the file's last are left out. Frees the update. */
int history_update_append(struct history_update *update, struct error *err);
/* Makes the file anew: rows up to the instant `keep` from the old file as they
 * are, what was added from there on. Of a row that lies across keep only what
 * was added is in it; a multiple of a day has no such rows. The new file replaces the old one when it is complete; an
 * old one that cannot be read is put aside as PATH.damaged. Frees the
 * update. */
int history_update_rebuild(
    struct history_update *update, nanoseconds keep, struct error *err);

/* What a picture needs: columns of equal length. */
struct history_span {
	nanoseconds start, step; /* of the first point; between points */
	size_t count;
	size_t columns;
	char (*names)[32]; /* "p50", "min", ..., "sum", "mean", "ratio" */
	double *values;    /* [column * count + i]; NAN: unknown */
	char
	    consolidation[80]; /* "bins of 60 s", "AVERAGE over 300 s of ..." */
};
void history_span_clear(struct history_span *span);
/* One metric from before `from` to behind `to`, in at most `points` points: of
 * the coarsest archive that is fine enough, else its rows taken together. What
 * is not in the file is unknown; one that is not there yet is all unknown, as
 * if it had this step. A count's points are per bin of one step, however many
 * of them the rows hold. */
int history_read(const char *path, const struct manifest *manifest,
    const char *metric, nanoseconds step, nanoseconds from, nanoseconds to,
    size_t points, struct history_span *span, struct error *err);

#endif
