/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * overflow.h - which records go when there are too many; for spool.c.
 *
 * Rows are shown oldest first until it has enough; those of a batch that was handed
 * out stay, for the collector may have them, and a gap would call them dropped.
 * Those that go leave one gap record, which takes the place, and so the id, of the
 * last of them; a gap that stands at the head already grows instead of getting a
 * neighbour.
 */
#ifndef PHAROS_AGENT_OVERFLOW_H
#define PHAROS_AGENT_OVERFLOW_H

#include "agent/shelf.h"
#include "agent/spool.h"

struct error;
struct numbering;

struct overflow {
	const struct spool_limits *limits;
	nanoseconds now;
	int64_t after;  /* rows up to this n stay ... */
	int64_t held;   /* ... and their bytes, which count for nothing */
	int64_t excess; /* bytes that must go */

	int64_t upto;  /* the last that goes */
	int64_t fresh; /* how many go now; 0: none */
	int64_t lost;  /* how many the gap stands for */
	nanoseconds from, until;
};

/* SHELF_STOP when this row and those behind it may stay; arg is the struct. */
int overflow_row(void *arg, const struct shelf_row *row);
/* The gap record as a row, line included; free() that. */
void overflow_gap(const struct overflow *overflow,
    const struct numbering *numbering, struct shelf_row *row);
/* Takes off the shelf what exceeds the limits, and puts the gap there, within the
 * caller's transaction. */
int overflow_apply(struct overflow *overflow, const struct numbering *numbering,
    struct shelf *shelf, struct shelf_tally *tally, struct error *err);

#endif
