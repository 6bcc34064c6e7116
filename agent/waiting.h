/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * waiting.h - what the spool has taken in and not yet put on disk.
 *
 * Records, and marks of runs that were noted or have ended; one that ends
 * before its note was written leaves no mark; and what happens once. For
 * spool.c.
 */
#ifndef PHAROS_AGENT_WAITING_H
#define PHAROS_AGENT_WAITING_H

#include <stdbool.h>
#include <sys/queue.h>

#include "agent/shelf.h"

struct overflow;
struct waiting_mark;
struct waiting_once;
struct waiting_row;

struct waiting {
	TAILQ_HEAD(waiting_rows, waiting_row) rows;
	TAILQ_HEAD(waiting_marks, waiting_mark) marks;
	TAILQ_HEAD(waiting_onces, waiting_once) onces;
	struct shelf_tally tally; /* of rows */
};

void waiting_init(struct waiting *waiting);
void waiting_clear(struct waiting *waiting);
/* Behind or before what is there; takes row->line over, for free(). */
void waiting_append(struct waiting *waiting, const struct shelf_row *row);
void waiting_prepend(struct waiting *waiting, const struct shelf_row *row);
/* note: taken over */
void waiting_note(struct waiting *waiting, int64_t run, char *note);
void waiting_ended(struct waiting *waiting, int64_t run);
/* What was to happen at that time, once, has been seen to. */
void waiting_once(struct waiting *waiting, const char *what, nanoseconds at);
bool waiting_was(const struct waiting *waiting, const char *what);

/* Rows that have no date yet were added now. */
void waiting_date(struct waiting *waiting, nanoseconds now);
/* All of it, within the caller's transaction; it stays here, too. */
int waiting_write(const struct waiting *waiting, struct shelf *shelf,
    struct shelf_tally *tally, struct error *err);
/* Drops the oldest rows as far as overflow wants it, and counts them there. */
void waiting_cut(struct waiting *waiting, struct overflow *overflow);
/* The last row's n; 0: there is none. */
int64_t waiting_last(const struct waiting *waiting);

#endif
