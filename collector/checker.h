/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * checker.h - the lines of a batch, checked by two threads at once.
 *
 * Whether a record is a good one is said by its line and the time alone, so that
 * any number may look. In which order lines came, whose they are and what
 * becomes of them is for who asks, and so is why one is not good.
 */
#ifndef PHAROS_COLLECTOR_CHECKER_H
#define PHAROS_COLLECTOR_CHECKER_H

#include <stdbool.h>
#include <stddef.h>

#include "common/record.h"

struct checker;
struct error;
struct tree_node;

struct checker_line {
	char *text; /* ends with NUL */
	size_t length;
	bool good; /* all that record.h asks of a record; only then: */
	struct record_id id;
	double end; /* Unix seconds */
};

/* The second thread begins with the first batch that is worth it, where there is
 * a second processor. */
struct checker *checker_new(void);
void checker_free(struct checker *checker); /* NULL is fine */
/* A batch of so many bytes has come and is about to be unpacked: the second thread
 * wakes up meanwhile, for a moment only if nothing follows. */
void checker_ready(struct checker *checker, size_t bytes);
/* Cuts text, which a NUL ends, into its lines; they are there until the next call.
 * How many; of more than most none is cut. The second thread looks at all but the
 * first one from here on. now in Unix seconds. */
size_t checker_begin(struct checker *checker, char *text, size_t length,
    size_t most, double now);
/* Helps with what is left. All lines but the first one have been looked at. */
void checker_finish(struct checker *checker);
const struct checker_line *checker_line(
    const struct checker *checker, size_t i);
/* What the line says, valid until the next call of any; NULL: it is no JSON. */
const struct tree_node *checker_read(struct checker *checker,
    const struct checker_line *line, struct error *err);

#endif
