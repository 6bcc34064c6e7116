/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * truth.h - what happened to every packet on a link.
 *
 * Joined from what pharos-truth saw at its ends and, where the emulator made the
 * link, from what that did to the packets. Without its verdicts packets are
 * known by their content alone: those that are the same bit by bit are taken to
 * have kept their order, a corrupted one is lost and what came of it a stray.
 * Start pharos-truth before the verdicts and end it after them.
 */
#ifndef PHAROS_LAB_TRUTH_H
#define PHAROS_LAB_TRUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/clock.h"
#include "common/table.h"

struct error;
struct truth;

#define TRUTH_ABSENT INT64_MIN

enum truth_outcome {
	TRUTH_DELIVERED,
	TRUTH_LOST,      /* by chance, or, without verdicts, somehow */
	TRUTH_QUEUE,     /* the queue of the rate was full */
	TRUTH_FAILED,    /* the link was, or the interface was down */
	TRUTH_OVERFLOW,  /* the emulator had no memory: nobody asked for it */
	TRUTH_DUPLICATE, /* it left twice */
	TRUTH_CORRUPT,   /* it left with one bit inverted */
	TRUTH_UNKNOWN,   /* not seen to leave, yet not everything was seen */
	TRUTH_STRAY      /* left, but was not seen to enter */
};

struct truth_packet {
	nanoseconds entered, left, again; /* CLOCK_REALTIME or TRUTH_ABSENT;
	                                     again: its duplicate left */
	uint64_t hash;
	enum truth_outcome outcome;
	uint16_t length;
	uint8_t way;         /* 0: from end 0 to end 1 */
	bool judged;         /* by the emulator's verdict, not by sight */
	uint8_t kept;        /* bytes of head */
	const uint8_t *head; /* the frame's; the truth's */
};

/* verdicts may be NULL: there are none. What was cut off at the end of either
 * file is left out. NULL with err. */
struct truth *truth_read(
    const char *path, const char *verdicts, struct error *err);
void truth_free(struct truth *truth); /* NULL is fine */
/* In the order of entering; strays by when they left. */
const struct truth_packet *truth_packets(
    const struct truth *truth, size_t *count);
/* Frames at an end that the recorder missed. */
uint64_t truth_drops(const struct truth *truth, unsigned end);
const char *truth_outcome_name(enum truth_outcome outcome);
/* One row a packet: way, entered, left, again (seconds since 1970, text, to the
 * nanosecond), delay, outcome, by ("verdict" of the emulator, or "sight" of both
 * ends), length, protocol, addresses, ports, ICMP and the beginning of a UDP
 * payload. */
void truth_write(
    const struct truth *truth, enum table_format format, FILE *out);

#endif
