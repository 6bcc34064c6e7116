/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * discredit.h - records that were dated by a clock of days to come; for spool.c.
 *
 * Nothing spoke against it when they were made, but no collector takes them. They
 * go, and a gap record says how many they were and when.
 */
#ifndef PHAROS_AGENT_DISCREDIT_H
#define PHAROS_AGENT_DISCREDIT_H

#include <stdint.h>

#include "common/clock.h"

struct error;
struct json_object;
struct shelf;

struct discredit {
	nanoseconds latest; /* what ends later goes ... */
	nanoseconds ahead;  /* ... for the clock was so far ahead */
	/* What was found: rows of (from, upto], equal: none. */
	int64_t from, upto;
	uint64_t records;
	nanoseconds first, last; /* when they began and ended, by that clock */
};

/* Looks for them at the end of the shelf. */
int discredit_find(
    struct discredit *found, struct shelf *shelf, struct error *err);
/* The gap record; new reference. */
struct json_object *discredit_gap(const struct discredit *found);

#endif
