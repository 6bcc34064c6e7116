/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * course.h - one direction of a link: what happens to a packet on it, and when.
 *
 * No clock and no descriptors here; time is handed in.
 */
#ifndef PHAROS_LAB_EMULATOR_COURSE_H
#define PHAROS_LAB_EMULATOR_COURSE_H

#include "lab/emulator/due.h"
#include "lab/emulator/fate.h"
#include "lab/emulator/late.h"
#include "lab/emulator/serial.h"

#define COURSE_QUEUE 1000000 /* packets that can wait for a rate */

struct course_counts {
	uint64_t in, out; /* read and written, copies included in out */
	uint64_t lost, queue, duplicated, corrupted, failed, overflow;
};

struct course {
	struct way way;
	struct fate fate;
	struct serial serial;
	struct due due;
	struct late late;
	struct course_counts counts;
	nanoseconds hello; /* when the last OSPF hello left; 0: none */
};

void course_start(struct course *course, uint64_t seed);
void course_free(struct course *course, struct pool *pool);
/* False: no memory for its queue, nothing changed. Packets on the way stay. */
bool course_set(struct course *course, const struct way *way);
/* A packet comes. True: it is on its way, and a copy of it if need be. False: it
 * is gone and still the caller's. Either way its number and verdict are set. */
bool course_enter(struct course *course, struct pool *pool,
    struct packet *packet, nanoseconds now);
nanoseconds course_next(const struct course *course); /* or DUE_NEVER */
/* The next one that is due by now, NULL: none. The caller's. */
struct packet *course_leave(struct course *course, nanoseconds now);
/* After all that is on the way was taken: the line is idle. */
void course_idle(struct course *course);
void course_count(struct course *course, uint8_t verdict); /* of one gone */

#endif
