/* SPDX-License-Identifier: BSD-2-Clause */
/* Each packet of an interval: arrivals in their order, copies included, and a lost
 * one where its loss was certain, as trace.h has them of a session that ends. */
#include "common/memory.h"
#include "probes/owamp/ntp.h"
#include "probes/owd/ledger_parts.h"

#define ROOM 16 /* at first, arrivals */

void
ledger_keep(struct ledger_page *page, const struct ledger_arrival *arrival)
{
	if (page->arrival_count > SAMPLES_MOST)
		return; /* one more than there is room for: so it is cut */
	if (page->arrival_count == page->arrival_room) {
		page->arrival_room = 2 * page->arrival_room + ROOM;
		page->arrivals = memory_resize(page->arrivals,
		    page->arrival_room, sizeof(*page->arrivals));
	}
	page->arrivals[page->arrival_count++] = (struct message_record){
	    .sequence = arrival->sequence,
	    .sent = ntp_of_wall(arrival->sent),
	    .received = ntp_of_wall(arrival->received),
	    .ttl = arrival->ttl == ACCOUNT_NO_TTL ? MESSAGE_TTL_UNKNOWN
						  : (uint8_t)arrival->ttl,
	};
}

/* Through the numbers of a page, as the sender has stated them. */
struct losses {
	const struct ledger_page *page;
	struct timetable *timetable; /* stands behind number `next` */
	nanoseconds timeout, due;    /* due: of that one */
	uint32_t next, unsent;       /* unsent: ranges that lie behind */
};

static void
move_on(struct losses *losses)
{
	losses->next++;
	if (losses->next < losses->page->end)
		losses->due = ntp_wall(timetable_next(losses->timetable));
}

static bool
is_lost(struct losses *losses)
{
	const struct ledger_ranges *unsent = &losses->page->unsent;

	while (losses->unsent < unsent->count &&
	       unsent->range[losses->unsent].last < losses->next)
		losses->unsent++;
	return (!account_has(losses->page->account, losses->next) &&
		(losses->unsent == unsent->count ||
		    unsent->range[losses->unsent].first > losses->next));
}

/* Those that were certain by then. False: there is no room for more. */
static bool
give_losses(struct losses *losses, nanoseconds until, struct samples *samples)
{
	for (; losses->next < losses->page->end &&
	       losses->due + losses->timeout <= until;
	     move_on(losses)) {
		struct message_record record = {
		    .sequence = losses->next,
		    .sent = ntp_of_wall(losses->due),
		};

		if (is_lost(losses) && !samples_add(samples, &record))
			return (false);
	}
	return (true);
}

/* It left when its sender says, if he does. */
static bool
give_arrival(const struct ledger_page *page,
    const struct message_record *arrival, struct samples *samples)
{
	struct message_record record = *arrival;
	uint32_t at = record.sequence - page->first;

	if (at < page->room && page->left[at] < 0)
		record.sent = ntp_of_wall(-page->left[at]);
	return (samples_add(samples, &record));
}

void
ledger_give(
    struct ledger *ledger, struct ledger_page *page, struct samples *samples)
{
	struct timetable_mark mark = page->mark;
	struct losses losses = {
	    .page = page,
	    .timetable = ledger_visit(ledger, &mark),
	    .timeout = ledger->timeout,
	    .next = page->stated ? page->first : page->end,
	};
	bool room = true;

	if (losses.next < page->end)
		losses.due = ntp_wall(timetable_next(losses.timetable));
	for (uint32_t i = 0; i < page->arrival_count && room; i++) {
		const struct message_record *arrival = &page->arrivals[i];

		room = give_losses(
			   &losses, ntp_wall(arrival->received), samples) &&
		       give_arrival(page, arrival, samples);
	}
	if (room)
		give_losses(&losses, INT64_MAX, samples);
	ledger->visitor = NULL; /* the mark is no more */
}
