/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store_found.h - what the store of a stage has made of the records.
 */
#ifndef PHAROS_TESTS_UNIT_STORE_FOUND_H
#define PHAROS_TESTS_UNIT_STORE_FOUND_H

#include "collector/latest.h"
#include "tests/unit/store_stage.h"

/* In the matrix of "core", which has lon, nyc and par; stat "sum" is of "sent",
 * any other of "rtt". NAN: it has none. */
double found_latest(struct stage *stage, enum latest_window window,
    const char *stat, size_t source, size_t destination);

struct found {
	int bins;
	double sent, lost, findings, others; /* others: failed, skipped */
};
/* All bins of a pair. */
struct found found_bins(struct stage *stage, const struct bins_key *key);
/* All of a pair's rows: ROLLUP_HOUR or ROLLUP_DAY. */
struct found found_rows(
    struct stage *stage, const struct bins_key *key, nanoseconds row);
struct found found_days(struct stage *stage, const struct bins_key *key);
/* How far the bins on disk are; 0 before there are any. */
uint64_t found_checkpoint(struct stage *stage);
/* A number that bins.db has, or 0; the store is away where it is changed. */
int64_t found_number(struct stage *stage, const char *sql);

/* "sent" in the history of a pair's n-th bin of this step since the start. */
double found_history(
    struct stage *stage, const struct bins_key *key, nanoseconds step, int n);
bool found_has_history(struct stage *stage, const struct bins_key *key);
/* Where the history of nyc to lon ends; 0: there is none. */
nanoseconds found_end(struct stage *stage);
/* How many records the archive has; each is another one. */
size_t found_archived(struct stage *stage);
bool found_file(struct stage *stage, const char *name);

#endif
