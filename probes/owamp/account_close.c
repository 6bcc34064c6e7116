/* SPDX-License-Identifier: BSD-2-Clause */
/* What an account says when it is closed. */
#include <inttypes.h>

#include "common/error.h"
#include "common/numbers.h"
#include "probes/owamp/account_parts.h"

static int
check_ranges(const struct account_statement *statement,
    const struct message_skip *ranges, uint32_t count, struct error *err)
{
	uint64_t least = statement->first;

	for (uint32_t i = 0; i < count; i++) {
		if (ranges[i].first < least ||
		    ranges[i].last < ranges[i].first ||
		    ranges[i].last >= statement->next)
			return (error_set(err,
			    "statement: range %" PRIu32 " to %" PRIu32
			    ", expected rising ones from %" PRIu32
			    " to before %" PRIu32,
			    ranges[i].first, ranges[i].last, statement->first,
			    statement->next));
		least = (uint64_t)ranges[i].last + 1;
	}
	return (0);
}

int
account_check(const struct account *account,
    const struct account_statement *statement, struct error *err)
{
	uint64_t end = (uint64_t)account->first + account->most;

	if (statement->first < account->first ||
	    statement->next < statement->first || statement->next > end)
		return (error_set(err,
		    "statement: packets %" PRIu32 " to before %" PRIu32
		    ", expected some of %" PRIu32 " to before %" PRIu64,
		    statement->first, statement->next, account->first, end));
	if (check_ranges(statement, statement->unsent, statement->unsent_count,
		err) == -1)
		return (-1);
	return (check_ranges(
	    statement, statement->stuck, statement->stuck_count, err));
}

/* The packets that an account is about, one after the other. */
struct walk {
	const struct account *account;
	const struct account_statement *statement;
	uint64_t next, end;     /* numbers */
	uint32_t unsent, stuck; /* ranges that lie behind */
	uint32_t sequence;
	bool is_unsent, is_stuck;
	bool received, late, has_delay;
	nanoseconds delay;
};

static struct walk
begin(const struct account *account, const struct account_statement *statement)
{
	struct walk walk = {.account = account, .statement = statement};

	walk.next = account->first;
	walk.end = (uint64_t)account->first + account->room;
	if (statement != NULL) {
		walk.next = statement->first;
		walk.end = statement->next;
	}
	return (walk);
}

/* Is the number in one of the ranges? *behind goes on over those before it. */
static bool
in_ranges(const struct message_skip *ranges, uint32_t count, uint32_t *behind,
    uint32_t sequence)
{
	while (*behind < count && ranges[*behind].last < sequence)
		++*behind;
	return (*behind < count && ranges[*behind].first <= sequence);
}

static void
look_up(struct walk *walk)
{
	const struct account *account = walk->account;
	size_t at = (size_t)(walk->sequence - account->first);
	bool arrived = walk->sequence >= account->first &&
		       account_marked(account, ACCOUNT_ARRIVED, at);

	walk->has_delay =
	    arrived && delays_get(&account->delays, at, &walk->delay);
	walk->late = walk->has_delay && walk->delay > account->timeout;
	walk->received = arrived && !walk->late;
	walk->has_delay = walk->has_delay && walk->received;
}

static bool
step(struct walk *walk)
{
	const struct account_statement *s = walk->statement;

	if (walk->next >= walk->end)
		return (false);
	walk->sequence = (uint32_t)walk->next++;
	look_up(walk);
	if (s == NULL)
		return (true);
	walk->is_unsent = in_ranges(s->unsent, s->unsent_count, &walk->unsent,
			      walk->sequence) &&
			  !walk->received && !walk->late;
	walk->is_stuck =
	    in_ranges(s->stuck, s->stuck_count, &walk->stuck, walk->sequence);
	return (true);
}

static void
count_received(const struct walk *walk, struct account_totals *totals)
{
	size_t at = walk->sequence - walk->account->first;

	totals->received++;
	totals->early +=
	    walk->has_delay && walk->delay < -walk->account->timeout;
	totals->reordered +=
	    account_marked(walk->account, ACCOUNT_REORDERED, at);
	totals->replicated += account_marked(walk->account, ACCOUNT_COPIED, at);
}

static void
count_stated(const struct walk *walk, struct account_totals *totals)
{
	bool stuck = walk->is_stuck && !walk->received && !walk->late;

	if (walk->is_unsent) {
		totals->skipped++;
		return;
	}
	totals->sent++;
	totals->lost_locally += stuck;
	totals->lost += !walk->received && !stuck;
	if (!stuck)
		pattern_add(&totals->pattern, walk->sequence, !walk->received);
}

static uint32_t
lesser(uint32_t a, uint32_t b)
{
	return (a < b ? a : b);
}

/* What our own socket lost may have been any of those that are missing, but for
 * the late ones: they came. */
static void
blame_drops(const struct tally_drops *drops, struct account_totals *totals)
{
	uint32_t local = lesser(drops->most, totals->lost - totals->late);

	totals->lost -= local;
	totals->lost_locally += local;
	totals->unsure = local - lesser(drops->least, local);
}

/* Arrivals that the statement does not know of. */
static uint32_t
count_arrived(const struct account *account)
{
	uint32_t n = 0;

	for (size_t i = 0; i < account->room; i++)
		n += account_marked(account, ACCOUNT_ARRIVED, i);
	return (n);
}

void
account_close(const struct account *account,
    const struct account_statement *statement, struct account_totals *totals)
{
	struct walk walk = begin(account, statement);

	*totals = (struct account_totals){
	    .stated = statement != NULL,
	    .duplicates = account->duplicates,
	    .dropped = account->drops.most,
	    .dropped_surely = account->drops.least,
	    .pattern = {.delta = ACCOUNT_DELTA},
	    .hops_least = account->hops_least,
	    .hops_most = account->hops_most,
	    .hops_last = account->hops_last,
	};
	for (unsigned i = 0; i <= REORDER_DEPTH; i++)
		totals->reordered_by[i] = account->reordered_by[i];
	while (step(&walk)) {
		totals->late += walk.late;
		if (walk.received)
			count_received(&walk, totals);
		if (totals->stated)
			count_stated(&walk, totals);
	}
	totals->outside = account->outside + count_arrived(account) -
			  totals->received - totals->late;
	if (totals->stated)
		blame_drops(&account->drops, totals);
}

void
account_received(const struct account *account, struct numbers *numbers)
{
	struct walk walk = begin(account, NULL);

	while (step(&walk))
		if (walk.received)
			numbers_add(numbers, walk.sequence);
}

void
account_delays(const struct account *account,
    const struct account_statement *statement, account_sample *sample,
    void *context)
{
	struct walk walk = begin(account, statement);

	while (step(&walk))
		if (walk.has_delay)
			sample(context, walk.delay);
}

void
account_variations(const struct account *account,
    const struct account_statement *statement, account_sample *sample,
    void *context)
{
	struct walk walk = begin(account, statement);
	bool had_delay = false;
	nanoseconds before = 0;

	while (step(&walk)) {
		if (had_delay && walk.has_delay)
			sample(context, walk.delay - before);
		had_delay = walk.has_delay;
		before = walk.delay;
	}
}
