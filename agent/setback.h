/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * setback.h - a host that was set back while it ran, as a guest by a snapshot.
 *
 * Its pharosd goes on with the epoch that it had and gives sequences a second
 * time. The collector has the first ones, and would take the others for them.
 * So a new epoch begins, and what was recorded since gets ids of that one. Dates stay,
 * and how many a gap stands for.
 */
#ifndef PHAROS_AGENT_SETBACK_H
#define PHAROS_AGENT_SETBACK_H

#include <stddef.h>

#include "agent/shelf.h"

struct error;
struct spool;

/* The mark of an epoch that was set back, for spool_mark_once; its time is that
 * up to which its records may be the collector's already. free() it. */
char *setback_mark(const char *epoch);
/* For spool_new: of the epochs before the last one, adds the records that are
 * younger than their mark anew; their old rows, (*from, *upto], are to be
 * removed with the same commit (equal: there are none). */
int setback(struct spool *spool, struct shelf *shelf,
    const struct shelf_epoch *epochs, size_t count, int64_t *from,
    int64_t *upto, struct error *err);

#endif
