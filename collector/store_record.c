/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>

#include "collector/archive.h"
#include "collector/arrival.h"
#include "collector/fleet.h"
#include "collector/renames.h"
#include "collector/store.h"
#include "common/error.h"
#include "common/log.h"
#include "common/tree.h"

#define FAR (366 * 86400 * NS_PER_S) /* ahead of any restart */

/* The family of the pair that a record belongs to; 0: cannot be told, or it is
 * not measured any more. */
static int
family_of(const struct cell *cell, const struct arrival *a)
{
	if (cell->only != 0)
		return (
		    a->family == 0 || a->family == cell->only ? cell->only : 0);
	return (a->family != 0 ? a->family : cell->family);
}

void
store_key(
    const struct store *store, const struct cell *cell, struct bins_key *key)
{
	const struct fleet *fleet = store->board->fleet;
	const struct fleet_test *test = cell->test->fleet;

	snprintf(key->test, sizeof(key->test), "%s", test->name);
	snprintf(key->src, sizeof(key->src), "%s",
	    fleet->ends[test->sources[cell->source]].name);
	snprintf(key->dst, sizeof(key->dst), "%s",
	    fleet->ends[test->destinations[cell->destination]].name);
	key->family = cell->family;
}

static int
join_pair(struct store *store, struct cell *cell, int family, struct error *err)
{
	struct bins_key key;
	int64_t pair;

	if (cell->pair != 0 && cell->family == family)
		return (0);
	store_key(store, cell, &key);
	key.family = family;
	pair = bins_pair(store->bins, &key, err);
	if (pair == -1)
		return (-1);
	cell->pair = pair;
	cell->family = family;
	cell->fits = false;
	return (0);
}

/* For the matrix, once it is committed. */
static void
note_news(struct cell *cell, const struct arrival *a, struct bundle *bundle)
{
	struct cell_news *news = &cell->news;

	board_touch(cell);
	if (!arrival_is_finding(a->outcome) || a->end < news->finding) {
		bundle_free(bundle);
		return;
	}
	news->finding = a->end;
	news->outcome = a->outcome;
	bundle_free(news->last);
	news->last = bundle;
}

/* Without a history nothing is made of what is older than the bins. */
static bool
is_of_use(const struct store *store, const struct cell *cell, nanoseconds start)
{
	return (
	    cell->test->fleet->history || start >= bins_horizon(store->bins));
}

/* More is known of what its bin has: of the last finding, if that is in it. */
static int
note_meeting(struct store *store, struct cell *cell, const struct arrival *a,
    struct error *err)
{
	nanoseconds step = cell->test->step, start = a->start - a->start % step;
	struct cell_news *news = &cell->news;
	struct bins_last last;
	int found = bins_last(store->bins, cell->pair, step,
	    cell->test->fleet->manifest, start, &last, err);

	if (found != 1)
		return (found);
	board_touch(cell);
	if (last.start != start) {
		bundle_free(last.bundle);
		return (0);
	}
	news->finding = last.finding;
	news->outcome = last.outcome;
	bundle_free(news->last);
	news->last = last.bundle;
	return (0);
}

static int
put(struct store *store, struct cell *cell, int family, const struct arrival *a,
    struct error *err)
{
	const struct manifest *manifest = cell->test->fleet->manifest;
	struct bundle *bundle = arrival_bundle(a, manifest);
	struct bins_record record = {a->start, a->end, a->outcome, bundle};
	int result = join_pair(store, cell, family, err);

	if (result == 0 && is_of_use(store, cell, a->start))
		result = bins_add(store->bins, cell->pair, cell->test->step,
		    manifest, &record, err);
	if (result == -1 || a->outcome == OUTCOME_STATED)
		bundle_free(bundle);
	else
		note_news(cell, a, bundle);
	return (result == 1 ? note_meeting(store, cell, a, err) : result);
}

/* Whatever a box reports says that it has nothing older to report. A clock that
 * runs ahead says nothing about what is to come. */
static void
note_heard(
    struct store *store, size_t box, nanoseconds end, nanoseconds received)
{
	nanoseconds *heard = &store->board->heard[box];

	end = end < received ? end : received;
	if (end > *heard)
		*heard = end;
}

static void
pass_over(struct store *store, const struct arrival *a)
{
	store->passed_over++;
	log_debug("%s: the fleet does not measure %s from %s to %s; "
		  "passed over, %" PRIu64 " by now",
	    a->id, a->test, a->src, a->dst, store->passed_over);
}

/* Has the record come before the word that there is a newer fleet? */
static bool
is_behind(struct store *store, const struct arrival *a)
{
	if (a->plan <= store->board->fleet->revision ||
	    a->plan <= store->sought)
		return (false);
	store->sought = a->plan;
	return (true);
}

/* What is called so in a record of that plan. One without a plan is a gap: its
 * box is the one that has the name, or else that had it. */
static const char *
name_of(const struct store *store, const char *name, int64_t plan)
{
	const struct board *board = store->board;

	if (plan == 0 && board_end(board, name) != FLEET_NOWHERE)
		return (name);
	return (renames_now(&board->fleet->renames, name, plan));
}

static enum store_taking
take(struct store *store, struct arrival *a, nanoseconds received,
    struct error *err)
{
	struct cell *cell = board_cell(store->board, a->test,
	    name_of(store, a->src, a->plan), name_of(store, a->dst, a->plan));
	size_t box = board_end(store->board, name_of(store, a->agent, a->plan));
	int family = cell != NULL ? family_of(cell, a) : 0;

	/* even if there is such a pair: it may be another one by then */
	if (a->outcome != OUTCOME_GAP && is_behind(store, a))
		return (STORE_BEHIND);
	if (box != FLEET_NOWHERE)
		note_heard(store, box, a->end, received);
	if (a->outcome == OUTCOME_GAP)
		return (STORE_TAKEN);
	arrival_bound_end(a, received);
	if (family == 0) {
		pass_over(store, a);
		return (STORE_TAKEN);
	}
	if (a->outcome != OUTCOME_STATED) /* it is not the one who measures */
		cell->box = box;
	return (
	    put(store, cell, family, a, err) == 0 ? STORE_TAKEN : STORE_FAILED);
}

/* A clock that is years ahead for a while makes no file of a day to come, which
 * would be the newest until then. */
static nanoseconds
believable(struct store *store, nanoseconds received)
{
	nanoseconds now = store_steady(store);

	return (received < now + FAR ? received : now);
}

/* Into the archive, under what its ends are called now. A gap is its box's. */
static int
file_away(struct store *store, const struct journal_entry *entry,
    const struct arrival *a, struct error *err)
{
	bool gap = a->outcome == OUTCOME_GAP;
	const struct archive_record record = {.test = gap ? "" : a->test,
	    .src = name_of(store, gap ? a->agent : a->src, a->plan),
	    .dst = gap ? "" : name_of(store, a->dst, a->plan),
	    .start = a->start,
	    .line = entry->line,
	    .length = entry->length,
	    .number = entry->number,
	    .received = believable(store, entry->received)};

	return (archive_add(store->archive, &record, err));
}

static enum store_taking
take_into_sinks(struct store *store, const struct journal_entry *entry,
    struct arrival *a, struct error *err)
{
	enum store_taking result = STORE_TAKEN;

	if (entry->number > bins_checkpoint(store->bins))
		result = take(store, a, entry->received, err);
	if (result == STORE_TAKEN && file_away(store, entry, a, err) == -1)
		result = STORE_FAILED;
	return (result);
}

enum store_taking
store_take(
    struct store *store, const struct journal_entry *entry, struct error *err)
{
	const struct tree_node *json =
	    tree_parse(store->tree, entry->line, entry->length, err);
	struct arrival arrival;
	enum store_taking result = STORE_TAKEN;

	/* intake has checked it; what it let through holds nobody up */
	if (json == NULL || arrival_read(&arrival, json, err) == -1)
		log_warnx("journal entry %" PRIu64 " is left out: %s",
		    entry->number, err->text);
	else
		result = take_into_sinks(store, entry, &arrival, err);
	return (result);
}

static void
tell_cell(struct store *store, struct cell *cell, nanoseconds now)
{
	struct latest *latest = cell->test->latest;
	struct cell_news *news = &cell->news;

	if (news->last != NULL &&
	    latest_finding(latest, cell->source, cell->destination,
		news->outcome, news->finding))
		latest_set(latest, LATEST_LAST, cell->source, cell->destination,
		    news->last);
	bundle_free(news->last);
	*news = (struct cell_news){0};
	cell->touched = false;
	store_wake_windows(store, cell, now);
}

void
store_tell(struct store *store, nanoseconds now)
{
	for (size_t i = 0; i < store->board->fleet->test_count; i++) {
		struct board_test *test = &store->board->tests[i];
		struct cell *cell;

		if (TAILQ_EMPTY(&test->touched))
			continue;
		latest_begin(test->latest);
		while ((cell = TAILQ_FIRST(&test->touched)) != NULL) {
			TAILQ_REMOVE(&test->touched, cell, link);
			tell_cell(store, cell, now);
		}
		latest_end(test->latest);
	}
}
