/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * board.h - the fleet as the store works on it: tests, and their cells.
 *
 * A cell is a pair of one test. It comes to be with its first record, or with
 * what the bins hold of it.
 */
#ifndef PHAROS_COLLECTOR_BOARD_H
#define PHAROS_COLLECTOR_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "collector/latest.h"
#include "common/clock.h"
#include "common/record.h"
#include "scheduler/heap.h"

struct bundle;
struct cell;
struct error;
struct fleet;
struct fleet_test;

/* A window of a cell, waiting for its numbers to be made again. */
struct cell_window {
	struct heap_node node; /* wall-clock */
	struct cell *cell;
	enum latest_window window;
	bool waiting;     /* it is in the heap */
	nanoseconds made; /* when it was last done, wall-clock */
};

/* What a cell's records of one transaction amount to. */
struct cell_news {
	nanoseconds finding; /* of the last finding; 0: none */
	enum outcome outcome;
	struct bundle *last; /* its numbers */
};

struct cell {
	struct board_test *test;
	size_t source, destination;
	bool tested;
	int only;     /* family: 4, 6; 0: whatever the name gives */
	int family;   /* of the pair; 0: not known yet */
	int64_t pair; /* in the bins; 0: none yet */
	size_t box;   /* the end that reports; FLEET_NOWHERE */
	struct cell_window windows[LATEST_WINDOWS];
	struct cell_news news;
	bool touched;
	TAILQ_ENTRY(cell) link; /* of those with news */
	bool fits;              /* the history's file has been looked at */
	nanoseconds not_before; /* monotonic: next try with the history */
	nanoseconds expired;    /* the horizon when old rows went last */
};

struct board_test {
	const struct fleet_test *fleet;
	struct latest *latest;
	bool made; /* latest is new */
	nanoseconds step, lasts;
	size_t *source_of, *destination_of; /* by end; FLEET_NOWHERE */
	struct cell **cells;                /* row-major; NULL: not yet */
	TAILQ_HEAD(, cell) touched;
};

struct board {
	struct fleet *fleet;
	size_t *by_name; /* ends in the order of their names */
	struct board_test *tests;
	struct cell **cells; /* all there are */
	size_t cell_count, room;
	struct heap windows;
	nanoseconds *heard; /* by end: how far its records have come */
};

/* Takes the fleet over, also when it fails. dir is of the latest files. */
struct board *board_new(
    struct fleet *fleet, const char *dir, struct error *err);
void board_free(struct board *board); /* NULL is fine */

/* FLEET_NOWHERE when the fleet has no such end. */
size_t board_end(const struct board *board, const char *name);
/* The cell, made if need be. NULL when the fleet does not test this pair. */
struct cell *board_cell(
    struct board *board, const char *test, const char *src, const char *dst);

/* When a window is to be made again: at the given instant or sooner. */
void board_wake(
    struct board *board, struct cell_window *window, nanoseconds when);
void board_touch(struct cell *cell);

#endif
