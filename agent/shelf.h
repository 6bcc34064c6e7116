/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * shelf.h - the tables of spool.db; for spool.c and its parts.
 *
 *   record  one line each; n rises by one with every record ever added
 *   epoch   from record base + 1 on (until the next epoch's base) the ids are
 *           of this epoch, and the sequence is n - base
 *   run     what has been handed to a worker and has not ended
 *   once    what was to happen once and has been seen to
 *   life    one row: when the last commit was
 *
 * A row with lost > 0 is a gap record that stands for that many others.
 */
#ifndef PHAROS_AGENT_SHELF_H
#define PHAROS_AGENT_SHELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/clock.h"
#include "common/record.h"

struct error;
struct shelf;

struct shelf_row {
	int64_t n;
	nanoseconds added; /* of a gap: when the first of the lost was */
	int64_t lost;
	const char *line; /* no newline, not terminated */
	size_t length;
};

struct shelf_epoch {
	int64_t base;
	char name[EPOCH_TEXT];
};

struct shelf_tally {
	int64_t records, bytes;
};

/* The rows with from < n <= upto. */
struct shelf_range {
	int64_t from, upto;
};

/* Returned by a visitor. */
enum { SHELF_STOP = 0, SHELF_MORE = 1 };

struct shelf *shelf_new(const char *path, struct error *err);
void shelf_free(struct shelf *shelf); /* NULL is fine */

int shelf_begin(struct shelf *shelf, struct error *err);
int shelf_commit(struct shelf *shelf, struct error *err);
void shelf_rollback(struct shelf *shelf); /* nothing to undo is fine */

int shelf_put(
    struct shelf *shelf, const struct shelf_row *row, struct error *err);
/* Those with from < n <= upto. What went is taken off the tally. */
int shelf_remove(struct shelf *shelf, int64_t from, int64_t upto,
    struct shelf_tally *tally, struct error *err);
/* Rows with n > after in order, until the visitor has enough. The row is
 * borrowed for the call. */
int shelf_visit(struct shelf *shelf, int64_t after,
    int (*visit)(void *arg, const struct shelf_row *row), void *arg,
    struct error *err);
int shelf_count(
    struct shelf *shelf, struct shelf_tally *tally, struct error *err);

/* note NULL: it has ended. */
int shelf_run(
    struct shelf *shelf, int64_t run, const char *note, struct error *err);
int shelf_runs(struct shelf *shelf,
    void (*visit)(void *arg, int64_t run, const char *note), void *arg,
    struct error *err);

/* Marks: at is its time, by which old ones go. */
int shelf_once(
    struct shelf *shelf, const char *what, nanoseconds at, struct error *err);
int shelf_was(
    struct shelf *shelf, const char *what, bool *was, struct error *err);
/* 1 and the time of the mark, 0: there is none, -1 */
int shelf_marked(
    struct shelf *shelf, const char *what, nanoseconds *at, struct error *err);
int shelf_forget(struct shelf *shelf, nanoseconds before, struct error *err);

/* Epochs in order, those without records left out; free() the array. */
int shelf_epochs(struct shelf *shelf, struct shelf_epoch **epochs,
    size_t *count, struct error *err);
/* Begins a new one behind everything that ever was. */
int shelf_add_epoch(
    struct shelf *shelf, struct shelf_epoch *epoch, struct error *err);

/* 0: never. */
int shelf_life(struct shelf *shelf, nanoseconds *committed, struct error *err);
int shelf_live(struct shelf *shelf, nanoseconds now, struct error *err);

#endif
