/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * latest.h - what a matrix needs, in memory shared with whoever serves it.
 *
 * One mapped file a test, STATE/latest/TEST: for each window a plane of each
 * metric's statistics, row-major over the test's axes. The store writes, web
 * reads; a reader that meets a write under way tries again. The file is a
 * cache: of another shape, or missing, it is made anew from what it was before,
 * bins and, for who has been silent for longer, the archive.
 *
 *   header   magic, version, digest of axes and columns, sequence number
 *            (odd: a write is under way)
 *   planes   end of the last finding (int64, ns), its outcome (int64); for each
 *            window the weight, then each column (doubles; void where the weight
 *            is 0)
 */
#ifndef PHAROS_COLLECTOR_LATEST_H
#define PHAROS_COLLECTOR_LATEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/bundle.h"
#include "common/clock.h"

struct error;
struct fleet;
struct fleet_test;
struct latest;

enum latest_window {
	LATEST_LAST, /* the last finding */
	LATEST_5M,   /* bins that reach into the last five minutes, at least
	                into the last step */
	LATEST_1H,
	LATEST_WINDOWS
};
extern const char *const latest_window_names[LATEST_WINDOWS];
extern const nanoseconds latest_window_spans[LATEST_WINDOWS];

/* The writer. *made tells that the file is new and empty: there was none of this
 * shape, or one whose writer died at it. The fleet is borrowed. */
struct latest *latest_create(const char *dir, const struct fleet *fleet,
    const struct fleet_test *test, bool *made, struct error *err);
/* A reader; NULL also when the file has another shape than the fleet's. The
 * fleet is borrowed. */
struct latest *latest_open(const char *dir, const struct fleet *fleet,
    const struct fleet_test *test, struct error *err);
void latest_free(struct latest *latest); /* NULL is fine */
/* Removes what is in the folder of tests that the fleet does not have. */
void latest_forget(const char *dir, const struct fleet *fleet);
/* Has the writer put a new file in its place? */
bool latest_is_replaced(const struct latest *latest);

/* Writers bracket their changes; may be nested in nothing. */
void latest_begin(struct latest *latest);
void latest_end(struct latest *latest);
/* A record came: any outcome; end is its end. Findings (measured, no-answer)
 * set the cell's age, others do nothing. True when it is a finding and none newer
 * is known, so that its numbers are LATEST_LAST's. */
bool latest_finding(struct latest *latest, size_t source, size_t destination,
    enum outcome outcome, nanoseconds end);
/* The numbers of one window of a cell. NULL, or a bundle without findings:
 * unmeasured. */
void latest_set(struct latest *latest, enum latest_window window, size_t source,
    size_t destination, const struct bundle *bundle);

/* The end of the last finding; 0: none. For the writer. */
nanoseconds latest_found(
    const struct latest *latest, size_t source, size_t destination);
/* The last finding of a cell is what another matrix has of it, in those numbers
 * that both have. */
struct latest_cell {
	struct latest *latest;
	size_t source, destination;
};
void latest_take_over(
    const struct latest_cell *into, const struct latest_cell *from);

/* Copies of planes for a reader, consistent with each other; all free()d by
 * latest_view_clear. */
struct latest_view {
	size_t sources, destinations;
	double *value;        /* NAN: unmeasured */
	double *weight;       /* how many findings (runs) are in it */
	nanoseconds *finding; /* end of the last finding; 0: none */
	uint8_t *outcome;     /* of the last finding */
};
/* -1 when the test has no such metric or statistic, or when the writer left no
 * quiet moment (it is dead or starved): never planes of two moments. */
int latest_view(struct latest *latest, enum latest_window window,
    const char *metric, const char *stat, struct latest_view *view,
    struct error *err);
/* Rises with each write: views between which it stands still are of one
 * moment. */
uint64_t latest_writes(const struct latest *latest);
void latest_view_clear(struct latest_view *view);

#endif
