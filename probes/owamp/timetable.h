/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * timetable.h - when each packet of a session is to be sent.
 *
 * RFC 4656 section 3.6: a list of slots, gone through again and again. A slot
 * is a delay: its length itself, or its length times an exponential deviate of
 * mean 1. The delay of a packet lies before it: packet 0 is due one delay
 * behind the start. Sender and receiver come to the same to the last bit.
 */
#ifndef PHAROS_PROBES_OWAMP_TIMETABLE_H
#define PHAROS_PROBES_OWAMP_TIMETABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/owamp/keys.h"

enum slot_kind { SLOT_EXPONENTIAL = 0, SLOT_FIXED = 1 }; /* as on the wire */

struct slot {
	enum slot_kind kind;
	uint64_t length; /* 32.32 seconds; EXPONENTIAL: the mean */
};

/* slots are copied; there is at least one. start: NTP. */
struct timetable;
struct timetable *timetable_new(const uint8_t sid[static KEYS_SID],
    uint64_t start, const struct slot *slots, size_t count);
void timetable_free(struct timetable *timetable); /* NULL is fine */

/* When the next packet is due (NTP); the first call is of packet 0. */
uint64_t timetable_next(struct timetable *timetable);

/* A place between two packets, to come back to at once. */
struct timetable_mark {
	uint32_t packet; /* the next one */
	uint64_t used;   /* random numbers */
	uint64_t due;    /* of the packet before; the start: of packet 0 */
};
struct timetable_mark timetable_tell(const struct timetable *timetable);
void timetable_return(
    struct timetable *timetable, const struct timetable_mark *mark);

/* Makes this packet the next one: at once where all slots are fixed, else by
 * going there, from the beginning if it lies behind. */
void timetable_seek(struct timetable *timetable, uint32_t packet);

/* When another one with these slots has to start (NTP), so that its first packet is
 * due where this one has the first that is due at `border` or later. False: times
 * that are not all fixed have no memory; or no number is left for that. */
bool timetable_follow(
    const struct timetable *timetable, uint64_t border, uint64_t *start);

/* Seconds between packets in the long run, 32.32. */
uint64_t timetable_mean(const struct timetable *timetable);

#endif
