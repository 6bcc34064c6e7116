/* SPDX-License-Identifier: BSD-2-Clause */
#include <assert.h>

#include "collector/bins_file.h"
#include "collector/rollup_row.h"
#include "common/memory.h"

/* The bin in memory, from the database or a new one. */
static struct bin *
obtain(struct bins *bins, const struct bin_key *key,
    const struct manifest *manifest, struct error *err)
{
	struct bin *bin = bins_cache_find(&bins->cache, key);
	int found = 0;

	if (bin != NULL)
		return (bin);
	if (key->start <= bins->places[key->pair].standing.newest)
		found = bins_load(bins, key, manifest, &bin, err);
	if (found == -1)
		return (NULL);
	if (found == 0) {
		bin = memory_new(1, sizeof(*bin));
		bin->key = *key;
		bin->bundle = bundle_new(manifest);
	}
	bins_cache_add(&bins->cache, bin);
	return (bin);
}

static bool
note_record(struct bin *bin, const struct bins_record *record)
{
	bool finding = record->outcome == OUTCOME_MEASURED ||
		       record->outcome == OUTCOME_NO_ANSWER;

	if (finding && record->end >= bin->finding) {
		bin->finding = record->end;
		bin->outcome = record->outcome;
	}
	if (record->outcome != OUTCOME_STATED && record->end > bin->tried)
		bin->tried = record->end;
	return (bundle_merge(bin->bundle, record->bundle));
}

/* Is the history still to be told, or told again? A side that waits is nothing to
 * be told of. */
static void
note_start(
    struct bins *bins, struct bins_place *place, nanoseconds start, bool waits)
{
	struct bins_standing *s = &place->standing;

	place->changed = true;
	if (start >= s->flushed && start < s->due)
		s->due = start;
	if (start < s->flushed && start >= bins->horizon && !waits)
		s->rebuild = true;
	if (start < place->hour.upto)
		rollup_leave_hour(place);
	if (start < s->rolled)
		s->rolled = bins_start_of(start, ROLLUP_HOUR);
	if (start > s->newest)
		s->newest = start;
	if (start < bins->oldest)
		bins->oldest = start;
}

/* Most bins of that time are gone, and what was made of them is not made again.
 */
static bool
is_late(const struct bins *bins, const struct bins_place *place,
    const struct bin_key *key)
{
	return (
	    key->start < bins->horizon && key->start < place->standing.rolled);
}

static void
put_aside(struct bins *bins, const struct bin_key *key,
    const struct manifest *manifest, const struct bins_record *record)
{
	struct bins_late *late;

	if (bins->late_count == bins->late_room) {
		bins->late_room = 2 * bins->late_room + 16;
		bins->late = memory_resize(
		    bins->late, bins->late_room, sizeof(*bins->late));
	}
	late = &bins->late[bins->late_count];
	*late = (struct bins_late){
	    *key, bins->late_count++, manifest, bundle_new(manifest)};
	bundle_merge(late->bundle, record->bundle);
}

static int
set_step(struct bins *bins, int64_t pair, nanoseconds step, struct error *err)
{
	struct bins_standing *s = &bins->places[pair].standing;
	sqlite3_stmt *leave = bins->statements[BINS_LEAVE_STEP];
	sqlite3_stmt *add = bins->statements[BINS_ADD_STEP];

	if (s->step == step)
		return (0);
	database_bind(leave, "iii", s->newest, pair, s->step);
	database_bind(add, "ii", pair, step);
	rollup_leave_hour(&bins->places[pair]);
	s->step = step;
	s->due = BINS_NONE;
	if (bins_begin(bins, err) == -1 || database_do(leave, err) == -1)
		return (-1);
	return (database_do(add, err));
}

int
bins_add(struct bins *bins, int64_t pair, nanoseconds step,
    const struct manifest *manifest, const struct bins_record *record,
    struct error *err)
{
	struct bin_key key = {pair, step, bins_start_of(record->start, step)};
	struct bins_place *place = bins_place(bins, pair);
	struct bin *bin;
	bool met;

	assert(place->known && step > 0);
	bins_set_gone(bins, pair, 0);
	if (is_late(bins, place, &key)) {
		put_aside(bins, &key, manifest, record);
		return (0);
	}
	if (set_step(bins, pair, step, err) == -1)
		return (-1);
	bin = obtain(bins, &key, manifest, err);
	if (bin == NULL)
		return (-1);
	met = note_record(bin, record);
	bins_cache_change(&bins->cache, bin);
	note_start(
	    bins, place, key.start, record->outcome == OUTCOME_STATED && !met);
	return (met ? 1 : 0);
}
