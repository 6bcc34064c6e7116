/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rolled.h - the hours and days that bins of binned.h are rolled up into.
 *
 * Whatever fails fails the test.
 */
#ifndef PHAROS_TESTS_UNIT_ROLLED_H
#define PHAROS_TESTS_UNIT_ROLLED_H

#include "collector/rollup.h"
#include "tests/unit/binned.h"

/* Rows are made of bins up to then. */
void rolled_upto(struct binned *binned, nanoseconds upto);
/* Bins before this are forgotten, and nothing is left in memory. */
void rolled_expire(struct binned *binned, nanoseconds before);

/* What rows of a kind come to: ROLLUP_HOUR or ROLLUP_DAY. */
struct rolled {
	int rows;
	nanoseconds first, last;
	uint64_t bins;
	double sent, lost, max, n; /* max and n of "rtt" */
	double worst;              /* "loss" of a bin */
	nanoseconds worst_start;
};
struct rolled rolled_rows(
    struct binned *binned, nanoseconds row, nanoseconds from, nanoseconds to);
struct rolled rolled_all(struct binned *binned, nanoseconds row);

#endif
