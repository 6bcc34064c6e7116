/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * batch.h - the records that one box sent at once, taken one by one.
 *
 * A bad record is kept aside with the reason and does not block the rest; one
 * that was accepted before is recognised. Nothing here is on disk before
 * journal_commit and, if anything was refused, registry_commit.
 */
#ifndef PHAROS_COLLECTOR_BATCH_H
#define PHAROS_COLLECTOR_BATCH_H

#include <stddef.h>
#include <stdint.h>

#include "common/clock.h"
#include "common/record.h"

struct checker;
struct error;
struct journal;
struct registry;
struct renames;

/* Lines of a batch; and how many of them are kept aside, one by one, when they
 * are no good: beyond that they are only counted. So that no box can keep intake
 * from the others. An agent sends 1000 at a time. */
#define BATCH_LINES 32768
#define BATCH_ASIDE 1000

#define BATCH_LATE (60 * NS_PER_S)

struct batch {
	char epoch[EPOCH_TEXT];
	uint64_t last; /* the highest sequence: what an answer acknowledges */
	unsigned taken, again, refused;
	uint64_t before; /* the highest sequence accepted before this batch */
	unsigned late;   /* of those taken: BATCH_LATE behind their end */
};

enum batch_verdict {
	BATCH_TAKEN,
	BATCH_BAD,   /* not one readable id: there is nothing to acknowledge */
	BATCH_LARGE, /* too many lines: nothing was looked at */
	BATCH_BROKEN /* journal or registry: roll both back */
};

/* Whom the certificate speaks for: the name of now, the mark that the journal
 * knows it by for life, and what boxes were called when records were made. */
struct batch_sender {
	const char *box, *mark;
	const struct renames *renames;
};

/* text: NDJSON of one epoch, in order; it is cut into lines. err is set unless
 * BATCH_TAKEN. */
enum batch_verdict batch_take(struct journal *journal,
    struct registry *registry, struct checker *checker,
    const struct batch_sender *sender, char *text, size_t length,
    nanoseconds now, struct batch *batch, struct error *err);

#endif
