/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * discredit.h - records that were dated by a clock of days to come; for spool.c.
 *
 * Nothing spoke against it when they were made, but no collector takes them. They
 * go, and a gap record says how many they were and when.
 */
#ifndef PHAROS_AGENT_DISCREDIT_H
#define PHAROS_AGENT_DISCREDIT_H

#include <stddef.h>
#include <stdint.h>

#include "agent/shelf.h"

struct error;
struct json_object;

struct discredit {
	nanoseconds latest; /* what ends later goes ... */
	nanoseconds ahead;  /* ... for the clock was so far ahead */
	/* What was found; free() the ranges, also on error. */
	struct shelf_range *ranges;
	size_t count;
	int64_t before; /* the row before the one that is looked at */
	uint64_t records;
	nanoseconds first, last; /* when they began and ended, by that clock */
};

/* Looks for them on the shelf: between them there may be others, as statements by
 * the clocks of peers. */
int discredit_find(
    struct discredit *found, struct shelf *shelf, struct error *err);
/* The gap record; new reference. */
struct json_object *discredit_gap(const struct discredit *found);

#endif
