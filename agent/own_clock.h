/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own_clock.h - the stream of this host's clock, as a worker would yield it.
 *
 * It needs no worker: who owns this is told of the clock all the time. Whatever
 * crew.h says of a stream holds: records follow one another without a hole and
 * end at the multiples of their length; one whose clock is set ends, and says so.
 */
#ifndef PHAROS_AGENT_OWN_CLOCK_H
#define PHAROS_AGENT_OWN_CLOCK_H

#include <stddef.h>

#include "agent/crew.h"

struct own_clock;

struct own_clock *own_clock_new(
    struct event_base *base, crew_record record, void *arg);
void own_clock_free(struct own_clock *own); /* no records; NULL is fine */
/* There is a new word of it; copied. */
void own_clock_look(struct own_clock *own, const struct discipline *clock);

/* As crew_start and its like; a number that is not its own: nothing. */
void own_clock_start(
    struct own_clock *own, uint64_t number, const struct crew_run *order);
void own_clock_stop(struct own_clock *own, uint64_t number);
void own_clock_finish(struct own_clock *own, uint64_t number);

#endif
