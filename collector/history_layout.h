/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * history_layout.h - how a manifest shapes an RRD file; for history*.c alone.
 */
#ifndef PHAROS_COLLECTOR_HISTORY_LAYOUT_H
#define PHAROS_COLLECTOR_HISTORY_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/clock.h"

#define HISTORY_NAME 20     /* a data source's name with the final NUL */
#define HISTORY_ARCHIVES 10 /* 1 + 3 x AVERAGE, MIN, MAX */

struct error;
struct manifest;
struct metric;
struct rrd_info_t;

/* A data source and the figure of a bin that goes into it. */
struct history_source {
	char name[HISTORY_NAME];
	const struct metric *metric; /* borrowed, as is all here */
	const char *stat;
	const char *cf; /* what speaks for several bins */
};

struct history_archive {
	const char *cf;
	long row; /* seconds; a multiple of the step */
	long rows;
};

struct history_layout {
	const struct manifest *manifest; /* borrowed; of all sources */
	long step;                       /* seconds */
	struct history_source *sources;
	size_t source_count;
	struct history_archive archives[HISTORY_ARCHIVES];
	size_t archive_count;
};

void history_layout_fill(struct history_layout *layout,
    const struct manifest *manifest, nanoseconds step);
void history_layout_clear(struct history_layout *layout);
/* Adds the data sources of one metric: none, one or four. */
void history_layout_add(
    struct history_layout *layout, const struct metric *metric);

/* Rows of one archive as librrd reads them: that of time start + (i + 1) * row
 * has its figures from values[i * source_count] on. */
struct history_rows {
	long start, row, count;
	char **names;
	size_t source_count;
	double *values;
};
/* Rows that end in (start, end]; both are multiples of row and inside the
 * archive. */
int history_rows_read(struct history_rows *rows, const char *path,
    const char *cf, long row, long start, long end, struct error *err);
void history_rows_clear(struct history_rows *rows);
/* Position of a data source; -1: not in the file. */
int history_rows_find(const struct history_rows *rows, const char *name);

/* Puts the rows that end at `keep` or before from one file into another, which
 * has just been created with this layout to start at keep. Fails when librrd
 * does not read them back. */
int history_copy(const char *from, const char *into,
    const struct history_layout *layout, long keep, struct error *err);

/* librrd does not wait for the process that has the file open. Was that why a
 * call failed? Then it is to be made again, for a fifth of a second or so. */
bool history_busy(int *tries);
/* rrd_info_r, with that patience. */
struct rrd_info_t *history_info(const char *path);
/* What librrd last said; always -1. */
int history_failed(const char *path, struct error *err);
/* A whole number of rrd_info; 0: not there. */
long history_number(const struct rrd_info_t *info, const char *key);

#endif
