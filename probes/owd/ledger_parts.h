/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ledger_parts.h - what the files of ledger share.
 *
 * A page is an interval. Pages are made as packets or cuts reach them, by walking
 * the timetable, so that each knows its first packet; the last one's border is
 * where the walk has not come to. One timetable serves all who walk it: whoever
 * comes puts it where he was, and it is told where the one before left it.
 */
#ifndef PHAROS_PROBES_OWD_LEDGER_PARTS_H
#define PHAROS_PROBES_OWD_LEDGER_PARTS_H

#include <sys/queue.h>

#include "probes/owamp/gaps.h"
#include "probes/owamp/reorder.h"
#include "probes/owd/ledger.h"

struct ledger_ranges {
	struct message_skip *range;
	uint32_t count, room;
};

struct ledger_page {
	TAILQ_ENTRY(ledger_page) next;
	nanoseconds from, to;
	uint32_t first, border; /* border: void for the last one */
	bool bordered;
	struct timetable_mark mark; /* before its first packet */
	struct account *account;
	/* When each packet left: 0 not known, by its own stamp, or negative, the
	 * kernel's as it was stated. */
	int64_t *left;
	size_t room;  /* of left */
	uint32_t top; /* packets up to the highest that was heard of */
	struct ledger_ranges unsent, stuck;
	struct message_record *arrivals; /* in their order; NULL: not wanted */
	uint32_t arrival_count, arrival_room;
	bool heard;
	enum probe_stamp received_by; /* the weakest */
	bool far_synchronised;        /* in all that was heard */
	nanoseconds far_error;        /* the largest */
	/* While it is closed: what was known when that began stands. */
	bool closing, stated;
	uint32_t at, end; /* packets whose samples are still to be given */
	uint32_t last;    /* the first that was due in its last third */
};

TAILQ_HEAD(ledger_pages, ledger_page);

struct ledger {
	uint8_t sid[KEYS_SID];
	uint32_t packets;
	nanoseconds timeout, interval;
	double mean; /* seconds; 0: not exponential */
	struct timetable *timetable;
	struct timetable_mark *visitor; /* whose place the timetable is at */
	struct timetable_mark walk, told, asked;
	uint32_t walked;              /* packets before it are of a page */
	nanoseconds due;              /* of that one */
	struct timetable_mark before; /* that one's place */
	nanoseconds over;             /* the last cut */
	struct ledger_pages pages;    /* none: all is over */
	struct reorder order;
	struct gaps gaps;
	uint32_t stated; /* packets before it */
	bool stopped;    /* there are none behind stated */
	uint32_t stray;
	bool labelled, samples;
	bool timely; /* packets were received, in what has been closed */
};

/* Puts the timetable where mark says, and has it follow. */
struct timetable *ledger_visit(
    struct ledger *ledger, struct timetable_mark *mark);
/* Makes pages up to the packet's. False: it is too far ahead. */
bool ledger_reach(struct ledger *ledger, uint32_t sequence);
struct ledger_page *ledger_last(const struct ledger *ledger);
/* Room for when the packet left: its cell. */
int64_t *ledger_cell(struct ledger_page *page, uint32_t sequence);
void ledger_drop_oldest(struct ledger *ledger);
/* ledger_samples.c: keeps it; gives all that are kept, and those that are lost. */
void ledger_keep(
    struct ledger_page *page, const struct ledger_arrival *arrival);
void ledger_give(
    struct ledger *ledger, struct ledger_page *page, struct samples *samples);

#endif
