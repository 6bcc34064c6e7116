/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "probes/owamp/ntp.h"
#include "probes/owd/ledger_parts.h"

#define LEAST_ROOM 64 /* packets */

struct timetable *
ledger_visit(struct ledger *ledger, struct timetable_mark *mark)
{
	if (ledger->visitor == mark)
		return (ledger->timetable);
	if (ledger->visitor != NULL)
		*ledger->visitor = timetable_tell(ledger->timetable);
	timetable_return(ledger->timetable, mark);
	ledger->visitor = mark;
	return (ledger->timetable);
}

struct ledger_page *
ledger_last(const struct ledger *ledger)
{
	return (TAILQ_LAST(&ledger->pages, ledger_pages));
}

/* When the packet that the walk has come to is due. */
static void
look_ahead(struct ledger *ledger)
{
	struct timetable *timetable = ledger_visit(ledger, &ledger->walk);

	ledger->before = timetable_tell(timetable);
	ledger->due = ledger->walked < ledger->packets
			  ? ntp_wall(timetable_next(timetable))
			  : INT64_MAX;
}

static void
add_page(struct ledger *ledger, nanoseconds from, nanoseconds to,
    const struct timetable_mark *mark)
{
	struct ledger_page *page = memory_new(1, sizeof(*page));

	page->from = from;
	page->to = to;
	page->first = mark->packet;
	page->mark = *mark;
	page->received_by = STAMP_HARDWARE;
	page->account = account_new(page->first, ledger->packets - page->first,
	    ledger->timeout, &ledger->order);
	TAILQ_INSERT_TAIL(&ledger->pages, page, next);
}

/* A single length for all of them? */
static double
find_mean(const struct ledger_about *about)
{
	for (uint32_t i = 0; i < about->slot_count; i++)
		if (about->slots[i].kind != SLOT_EXPONENTIAL ||
		    about->slots[i].length != about->slots[0].length)
			return (0);
	return ((double)about->slots[0].length / (double)NTP_S);
}

static nanoseconds
end_of(nanoseconds interval, nanoseconds from)
{
	return (interval > 0 ? from - from % interval + interval : INT64_MAX);
}

struct ledger *
ledger_new(const struct ledger_about *about)
{
	struct ledger *ledger = memory_new(1, sizeof(*ledger));
	nanoseconds from =
	    about->from != 0 ? about->from : ntp_wall(about->start);

	memcpy(ledger->sid, about->sid, sizeof(ledger->sid));
	ledger->packets = about->packets;
	ledger->timeout = about->timeout;
	ledger->interval = about->interval;
	ledger->labelled = about->labelled;
	ledger->samples = about->samples;
	ledger->mean = find_mean(about);
	ledger->timetable = timetable_new(
	    about->sid, about->start, about->slots, about->slot_count);
	ledger->walk = timetable_tell(ledger->timetable);
	ledger->told = ledger->asked = ledger->walk;
	ledger->over = from;
	TAILQ_INIT(&ledger->pages);
	add_page(ledger, from, end_of(about->interval, from), &ledger->walk);
	if (ledger->interval > 0)
		look_ahead(ledger);
	return (ledger);
}

static void
free_page(struct ledger *ledger, struct ledger_page *page)
{
	if (ledger->visitor == &page->mark)
		ledger->visitor = NULL;
	account_free(page->account);
	free(page->left);
	free(page->arrivals);
	free(page->unsent.range);
	free(page->stuck.range);
	free(page);
}

void
ledger_drop_oldest(struct ledger *ledger)
{
	struct ledger_page *page = TAILQ_FIRST(&ledger->pages);

	TAILQ_REMOVE(&ledger->pages, page, next);
	free_page(ledger, page);
}

void
ledger_free(struct ledger *ledger)
{
	if (ledger == NULL)
		return;
	while (!TAILQ_EMPTY(&ledger->pages))
		ledger_drop_oldest(ledger);
	timetable_free(ledger->timetable);
	free(ledger);
}

size_t
ledger_size(const struct ledger *ledger)
{
	size_t size = sizeof(*ledger);
	const struct ledger_page *page;

	TAILQ_FOREACH (page, &ledger->pages, next)
		size += sizeof(*page) + account_size(page->account) +
			page->room * sizeof(*page->left) +
			page->arrival_room * sizeof(*page->arrivals) +
			(page->unsent.room + page->stuck.room) *
			    sizeof(struct message_skip);
	return (size);
}

/* One packet more is of the last page, or one page more begins with it. */
static void
walk_on(struct ledger *ledger)
{
	struct ledger_page *page = ledger_last(ledger);

	if (ledger->due < page->to) {
		ledger->walked++;
		look_ahead(ledger);
		return;
	}
	page->border = ledger->walked;
	page->bordered = true;
	add_page(
	    ledger, page->to, page->to + ledger->interval, &ledger->before);
}

bool
ledger_reach(struct ledger *ledger, uint32_t sequence)
{
	if (TAILQ_EMPTY(&ledger->pages))
		return (false);
	while (ledger->interval > 0 && ledger->walked <= sequence) {
		if (ledger_last(ledger)->from >
		    ledger->over + LEDGER_AHEAD * ledger->interval)
			return (false);
		walk_on(ledger);
	}
	return (true);
}

int64_t *
ledger_cell(struct ledger_page *page, uint32_t sequence)
{
	uint32_t at = sequence - page->first;
	size_t old = page->room;

	if (at >= page->top)
		page->top = at + 1;
	if (at >= old) {
		page->room = old + old / 2;
		if (page->room <= at)
			page->room = (size_t)at + 1;
		if (page->room < LEAST_ROOM)
			page->room = LEAST_ROOM;
		page->left =
		    memory_resize(page->left, page->room, sizeof(*page->left));
		memset(page->left + old, 0,
		    (page->room - old) * sizeof(*page->left));
	}
	return (&page->left[at]);
}

/* NULL: its interval has been closed, or has not begun for long. */
static struct ledger_page *
find_page(struct ledger *ledger, uint32_t sequence)
{
	struct ledger_page *page;

	if (sequence >= ledger->packets || !ledger_reach(ledger, sequence))
		return (NULL);
	TAILQ_FOREACH (page, &ledger->pages, next)
		if (sequence >= page->first &&
		    (!page->bordered || sequence < page->border))
			return (page->closing ? NULL : page);
	return (NULL);
}

static void
hear(struct ledger_page *page, const struct ledger_arrival *arrival)
{
	page->far_synchronised =
	    arrival->synchronised && (!page->heard || page->far_synchronised);
	if (arrival->synchronised && arrival->error > page->far_error)
		page->far_error = arrival->error;
	page->heard = true;
	if (arrival->received_by < page->received_by)
		page->received_by = arrival->received_by;
}

void
ledger_arrived(struct ledger *ledger, const struct ledger_arrival *arrival)
{
	struct ledger_page *page = find_page(ledger, arrival->sequence);
	struct account_arrival first = {.sequence = arrival->sequence,
	    .sent = arrival->sent,
	    .received = arrival->received,
	    .ttl = arrival->ttl};
	int64_t *left;

	if (page == NULL) {
		ledger->stray++;
		return;
	}
	hear(page, arrival);
	if (ledger->samples)
		ledger_keep(page, arrival);
	left = ledger_cell(page, arrival->sequence);
	if (*left < 0)
		first.sent = -*left;
	first.stamped = first.sent > 0;
	if (account_arrived(page->account, &first) == ACCOUNT_FIRST &&
	    *left == 0 && first.stamped)
		*left = first.sent;
}

/* Packets of it were under way meanwhile. */
static bool
was_open(const struct ledger *ledger, const struct ledger_page *page,
    const struct ledger_drops *drops)
{
	return (page->from <= drops->now &&
		page->to > drops->since - ledger->timeout);
}

void
ledger_dropped(struct ledger *ledger, const struct ledger_drops *drops)
{
	struct tally_drops counted = {.most = drops->packets};
	struct ledger_page *page;
	unsigned pages = 0;

	if (drops->packets == 0)
		return;
	TAILQ_FOREACH (page, &ledger->pages, next)
		pages += was_open(ledger, page, drops);
	if (pages == 1 && !drops->shared)
		counted.least = drops->packets;
	TAILQ_FOREACH (page, &ledger->pages, next)
		if (was_open(ledger, page, drops))
			account_dropped(page->account, &counted);
}

void
ledger_cut(struct ledger *ledger, nanoseconds to)
{
	while (ledger->interval > 0 && !TAILQ_EMPTY(&ledger->pages) &&
	       ledger_last(ledger)->to <= to)
		walk_on(ledger);
	if (to > ledger->over)
		ledger->over = to;
}

nanoseconds
ledger_due(struct ledger *ledger, uint32_t sequence)
{
	struct timetable *timetable = ledger_visit(ledger, &ledger->asked);

	timetable_seek(timetable, sequence);
	return (ntp_wall(timetable_next(timetable)));
}

/* As a nanosecond has it, the first packet is not due before the border either. */
bool
ledger_follow(
    const struct ledger *ledger, nanoseconds border, nanoseconds *start)
{
	uint64_t wish = ntp_of_wall(border), ntp;

	if (!timetable_follow(ledger->timetable, wish, &ntp))
		return (false);
	*start = ntp_wall(ntp);
	if (ntp_of_wall(*start) < ntp)
		++*start;
	return (true);
}

uint32_t
ledger_stated(const struct ledger *ledger)
{
	return (ledger->stated);
}
