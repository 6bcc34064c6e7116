/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aftermath.h - what the last life of the daemon left behind; for spool.c.
 */
#ifndef PHAROS_AGENT_AFTERMATH_H
#define PHAROS_AGENT_AFTERMATH_H

#include "common/clock.h"

struct error;
struct shelf;
struct spool;

/* Adds a failed record for each run that was open. *committed: when the last
 * commit was; 0: this is the very first start. */
int aftermath(struct spool *spool, struct shelf *shelf, nanoseconds *committed,
    struct error *err);

#endif
