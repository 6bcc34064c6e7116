/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * behind.h - is the collector's own clock clearly behind?
 *
 * Then honest records seem to come from the future. What the kernel says is
 * synchronised is believed. Else the clock is behind when more than half of those
 * who are asked say so: boxes that said hello in the last BEHIND_HEARD what time
 * it is with them, and one voice more, the time that the collector itself has
 * kept on disk, which decides when they are divided. A box whose clock nothing
 * keeps right can speak for the collector's, but not against it; that of one whose
 * certificate was made at a time to come is at that time, at least. The memory is
 * given up when it has stood for BEHIND_PATIENCE without the boxes' majority.
 * Time is handed in.
 */
#ifndef PHAROS_COLLECTOR_BEHIND_H
#define PHAROS_COLLECTOR_BEHIND_H

#include <stdbool.h>

#include "common/clock.h"

struct behind;
struct error;

#define BEHIND_LEAST (3600 * NS_PER_S)    /* what is called clearly */
#define BEHIND_HEARD (300 * NS_PER_S)     /* a box's word counts so long */
#define BEHIND_PATIENCE (3600 * NS_PER_S) /* with a memory nobody shares */

struct behind *behind_new(void);
void behind_free(struct behind *behind); /* NULL is fine */
/* A wall-clock time that this collector has seen, with a clock that nobody
 * doubted; the last one counts. 0: none. */
void behind_seen(struct behind *behind, nanoseconds wall);
/* The box said hello: its clock is at theirs; kept: something keeps it right. */
void behind_told(struct behind *behind, const char *box, nanoseconds theirs,
    bool kept, nanoseconds monotonic);
/* It said hello; without behind_told nothing of its clock that counts. */
void behind_met(struct behind *behind, const char *box);
/* Has it said hello? Until then its records may tell of a time that it has not. */
bool behind_knows(const struct behind *behind, const char *box);
/* True with why set, which names cause and cure. synchronised: something keeps
 * the clock right, whatever speaks against it. */
bool behind_judge(struct behind *behind, nanoseconds wall,
    nanoseconds monotonic, bool synchronised, struct error *why);
/* After behind_judge: do boxes speak for the clock, and most of them so? */
bool behind_undoubted(const struct behind *behind);

#endif
