/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * binned.h - the bins of one pair of test "core" in a test's folder, filled and
 * looked into.
 *
 * Whatever fails fails the test.
 */
#ifndef PHAROS_TESTS_UNIT_BINNED_H
#define PHAROS_TESTS_UNIT_BINNED_H

#include "collector/bins.h"

#define MIDNIGHT (20778 * 86400 * NS_PER_S) /* 2026-11-21 */
#define MINUTE (60 * NS_PER_S)

struct binned {
	char *dir, *path; /* of the test, and of the bins in it */
	struct bins *bins;
	int64_t pair; /* nyc to lon */
};
extern const struct bins_key binned_nyc_lon;

/* cmocka setup and teardown; *state is a struct binned. */
int binned_make(void **state);
int binned_remove(void **state);
/* What was not committed is lost. bins may be NULL: closed before. */
void binned_reopen(struct binned *binned, bool read_only);

/* A run of a second that got `received` of ten packets back, after 1, 2, ...
 * units, in a bin of this step. */
void binned_add_step(struct binned *binned, nanoseconds step, nanoseconds start,
    int received, nanoseconds unit);
/* The same in a bin of a minute, and in milliseconds. */
void binned_add(struct binned *binned, nanoseconds start, int received);
void binned_commit(struct binned *binned, uint64_t checkpoint);
/* Forgets what is older, to the end; returns the calls that had more to do. */
int binned_expire(struct binned *binned, nanoseconds before);

/* What all bins of a step come to. */
struct binned_seen {
	int bins;
	nanoseconds first, last;
	double sent, lost, measured, failed;
};
struct binned_seen binned_read(struct binned *binned, nanoseconds step);
struct bins_standing binned_standing(struct binned *binned);

#endif
