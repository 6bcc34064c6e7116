/* SPDX-License-Identifier: BSD-2-Clause */
/* What was found in an interval that is over. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "probes/owamp/ntp.h"
#include "probes/owd/ledger_parts.h"

#define LAST 3 /* the last part of an interval in so many */

static bool
is_cut(const struct ledger *ledger, const struct ledger_page *page)
{
	return (page->from < ledger->over);
}

static bool
is_stated(const struct ledger *ledger, const struct ledger_page *page)
{
	return (ledger->stopped || ledger->stated == ledger->packets ||
		(page->bordered && (ledger->stated >= page->border ||
				       page->border == page->first)));
}

bool
ledger_settled(const struct ledger *ledger)
{
	const struct ledger_page *page = TAILQ_FIRST(&ledger->pages);

	return (
	    page != NULL && is_cut(ledger, page) && is_stated(ledger, page));
}

unsigned
ledger_cuts(const struct ledger *ledger)
{
	const struct ledger_page *page;
	unsigned cuts = 0;

	TAILQ_FOREACH (page, &ledger->pages, next)
		cuts += is_cut(ledger, page);
	return (cuts);
}

nanoseconds
ledger_end(const struct ledger *ledger)
{
	return (TAILQ_FIRST(&ledger->pages)->to);
}

/* Where the page's packets end: those that were stated, or were heard of. */
static uint32_t
end_of(const struct ledger *ledger, const struct ledger_page *page)
{
	uint32_t end = page->first + page->top;

	if (!is_stated(ledger, page))
		return (end);
	end = page->bordered && page->border < ledger->stated ? page->border
							      : ledger->stated;
	return (end > page->first ? end : page->first);
}

/* Of what came it is known which packets they were. */
static void
add_lack(const struct ledger *ledger, const struct ledger_page *page,
    struct findings *findings)
{
	struct numbers received = {0};

	if (ledger->labelled)
		account_received(page->account, &received);
	findings_lack(findings, ledger->labelled ? ledger->sid : NULL,
	    ledger->interval > 0 ? page->to : 0, &received);
	numbers_clear(&received);
}

static void
add_totals(struct ledger *ledger, const struct ledger_page *page,
    struct findings *findings)
{
	const struct account_statement statement = {
	    .first = page->first,
	    .next = page->end,
	    .unsent = page->unsent.range,
	    .unsent_count = page->unsent.count,
	    .stuck = page->stuck.range,
	    .stuck_count = page->stuck.count,
	};
	struct account_totals totals;

	account_close(page->account, page->stated ? &statement : NULL, &totals);
	findings_add(findings, &totals);
	if (!page->stated)
		add_lack(ledger, page, findings);
	findings->timely = findings->timely || ledger->timely;
	ledger->timely = ledger->timely || totals.received > totals.early;
}

static void
begin(
    struct ledger *ledger, struct ledger_page *page, struct findings *findings)
{
	page->closing = true;
	page->stated = is_stated(ledger, page);
	page->at = page->first;
	page->end = page->last = end_of(ledger, page);
	add_totals(ledger, page, findings);
	if (ledger->samples) {
		findings->samples_wanted = true;
		ledger_give(ledger, page, &findings->samples);
	}
	findings->stray += ledger->stray;
	ledger->stray = 0;
	if (!page->heard)
		return;
	findings->far_synchronised =
	    page->far_synchronised &&
	    (!findings->heard || findings->far_synchronised);
	if (page->far_error > findings->far_error)
		findings->far_error = page->far_error;
	findings->heard = true;
	if (page->received_by < findings->received_by)
		findings->received_by = page->received_by;
}

static void
add_sample(void *context, nanoseconds sample)
{
	distribution_add(context, sample);
}

static void
add_last(void *context, nanoseconds sample)
{
	struct findings *findings = context;

	distribution_add(&findings->delay, sample);
	findings_add_last(findings, sample);
}

/* The first one of the slice varies from the one before. */
static void
add_delays(const struct ledger_page *page, uint32_t first, uint32_t next,
    struct findings *findings)
{
	uint32_t border = page->last < next ? page->last : next;
	struct account_statement slice = {.first = first, .next = border};
	struct account_statement last = {.first = first, .next = next};

	if (first < border) {
		account_delays(
		    page->account, &slice, add_sample, &findings->delay);
		last.first = border;
	}
	account_delays(page->account, &last, add_last, findings);
	slice.next = next;
	if (first > page->first)
		slice.first--;
	account_variations(
	    page->account, &slice, add_sample, &findings->variation);
}

static bool
in_ranges(const struct ledger_ranges *ranges, uint32_t *behind, uint32_t at)
{
	while (*behind < ranges->count && ranges->range[*behind].last < at)
		++*behind;
	return (*behind < ranges->count && ranges->range[*behind].first <= at);
}

static void
add_sending(struct ledger *ledger, int64_t left, nanoseconds due,
    struct findings *findings)
{
	nanoseconds when = left < 0 ? -left : left;

	gaps_sent(&ledger->gaps, when);
	distribution_add(&findings->lateness, when - due);
	findings->unstamped += left > 0;
	if (left < 0 && findings->sent_by > STAMP_KERNEL)
		findings->sent_by = STAMP_KERNEL;
	if (left > 0)
		findings->sent_by = STAMP_USER;
}

/* A packet that was skipped leaves a long gap behind: that is how they were sent. */
static void
add_sendings(struct ledger *ledger, struct ledger_page *page, uint32_t first,
    uint32_t next, struct findings *findings)
{
	struct timetable *timetable = ledger_visit(ledger, &page->mark);
	uint32_t behind = 0;

	for (uint32_t i = first; i < next; i++) {
		nanoseconds due = ntp_wall(timetable_next(timetable));
		size_t at = i - page->first;
		int64_t left = at < page->room ? page->left[at] : 0;
		bool unsent = in_ranges(&page->unsent, &behind, i);

		if (i < page->last && ledger->interval > 0 &&
		    due >= page->to - ledger->interval / LAST)
			page->last = i;
		if (left != 0)
			add_sending(ledger, left, due, findings);
		else if (!unsent)
			gaps_unknown(&ledger->gaps);
	}
}

bool
ledger_close(struct ledger *ledger, struct findings *findings)
{
	struct ledger_page *page = TAILQ_FIRST(&ledger->pages);
	uint32_t first, next;

	assert(is_cut(ledger, page));
	if (!page->closing)
		begin(ledger, page, findings);
	first = page->at;
	next =
	    page->end - first > LEDGER_SLICE ? first + LEDGER_SLICE : page->end;
	add_sendings(ledger, page, first, next, findings);
	add_delays(page, first, next, findings);
	page->at = next;
	if (next < page->end)
		return (false);
	if (ledger->mean == 0 ||
	    !gaps_misfit(&ledger->gaps, ledger->mean, &findings->a2))
		findings->a2 = NAN;
	ledger_drop_oldest(ledger);
	return (true);
}
