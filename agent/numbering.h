/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * numbering.h - numbers on the shelf and ids in records; for spool.c.
 *
 * Every record ever added has a number n, one higher than the one before. Its id
 * is BOX/EPOCH/SEQUENCE: epochs follow each other, one for each life of the
 * daemon, and the sequence counts from where its epoch began.
 */
#ifndef PHAROS_AGENT_NUMBERING_H
#define PHAROS_AGENT_NUMBERING_H

#include <stdbool.h>

#include "agent/shelf.h"

struct error;
struct json_object;

struct numbering {
	char box[NAME_TEXT];
	struct shelf_epoch *epochs; /* the last is ours */
	size_t epoch_count;
	uint64_t sequence; /* the last given */
};

/* A new epoch begins, and is on disk. */
int numbering_begin(struct numbering *numbering, const char *box,
    struct shelf *shelf, struct error *err);
void numbering_clear(struct numbering *numbering);
const char *numbering_epoch(const struct numbering *numbering); /* ours */
int64_t numbering_next(const struct numbering *numbering); /* n to be given */

void numbering_id(
    const struct numbering *numbering, int64_t n, struct record_id *id);
bool numbering_same_epoch(
    const struct numbering *numbering, int64_t n, int64_t other);
/* The n of that id, which is `committed` or less in our epoch; -1 with err set
 * when there was none. */
int64_t numbering_find(const struct numbering *numbering,
    const struct record_id *id, int64_t committed, struct error *err);

/* Gives the record the id of row->n, and agent if it does not say, and sets the
 * row's line; free() that. A run that a former name of the box began is still of
 * that one. */
void numbering_line(const struct numbering *numbering, struct shelf_row *row,
    struct json_object *record);

#endif
