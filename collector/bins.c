/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/bins.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "collector/bins_file.h"
#include "common/error.h"
#include "common/memory.h"

/* Bins lie in the order of time, so that what is written together lies
 * together, and what is forgotten too. */
static const char schema[] =
    "CREATE TABLE IF NOT EXISTS pair (id INTEGER PRIMARY KEY,"
    " test TEXT NOT NULL, family INTEGER NOT NULL,"
    " src TEXT NOT NULL, dst TEXT NOT NULL,"
    " step INTEGER NOT NULL, newest INTEGER NOT NULL,"
    " due INTEGER NOT NULL, flushed INTEGER NOT NULL,"
    " rebuild INTEGER NOT NULL, UNIQUE (test, src, dst, family));"
    "CREATE TABLE IF NOT EXISTS bin (start INTEGER NOT NULL,"
    " step INTEGER NOT NULL, pair INTEGER NOT NULL,"
    " finding INTEGER NOT NULL, tried INTEGER NOT NULL,"
    " outcome INTEGER NOT NULL, bundle TEXT NOT NULL,"
    " PRIMARY KEY (start, step, pair)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS checkpoint (one INTEGER PRIMARY KEY,"
    " number INTEGER NOT NULL, horizon INTEGER NOT NULL);"
    "INSERT OR IGNORE INTO checkpoint VALUES (1, 0, 0);";

static const char *const texts[BINS_STATEMENTS] = {
    [BINS_FIND_PAIR] = "SELECT id FROM pair"
		       " WHERE test = ? AND src = ? AND dst = ? AND family = ?",
    [BINS_LOAD] = "SELECT finding, tried, outcome, bundle FROM bin"
		  " WHERE start = ? AND step = ? AND pair = ?",
    [BINS_OLDEST] = "SELECT start FROM bin WHERE start >= ?"
		    " ORDER BY start LIMIT 1",
    [BINS_PLACE] = "SELECT id, step, newest, due, flushed, rebuild FROM pair"
		   " WHERE id = ?1 OR ?1 = 0",
    [BINS_ADD_PAIR] = "INSERT INTO pair (test, src, dst, family, step, newest,"
		      " due, flushed, rebuild) VALUES (?, ?, ?, ?, 0, 0, ?, 0,"
		      " 0)",
    [BINS_SAVE] = "INSERT OR REPLACE INTO bin (start, step, pair, finding,"
		  " tried, outcome, bundle) VALUES (?, ?, ?, ?, ?, ?, ?)",
    [BINS_SAVE_PLACE] = "UPDATE pair SET step = ?2, newest = ?3, due = ?4,"
			" flushed = ?5, rebuild = ?6 WHERE id = ?1",
    [BINS_SAVE_CHECKPOINT] = "UPDATE checkpoint SET number = ?, horizon = ?",
    [BINS_FORGET] = "DELETE FROM bin WHERE start >= ?1 AND start < ?2 AND"
		    " start < (SELECT flushed FROM pair WHERE id = bin.pair)",
};

nanoseconds
bins_start_of(nanoseconds instant, nanoseconds step)
{
	return (instant - instant % step);
}

static struct bins_place *
place_of(struct bins *bins, int64_t pair)
{
	size_t old = bins->place_count;

	assert(pair > 0);
	if ((size_t)pair >= old) {
		bins->place_count = 2 * (size_t)pair;
		bins->places = memory_resize(
		    bins->places, bins->place_count, sizeof(*bins->places));
		memset(bins->places + old, 0,
		    (bins->place_count - old) * sizeof(*bins->places));
	}
	return (&bins->places[pair]);
}

static int
load_places(struct bins *bins, struct error *err)
{
	sqlite3_stmt *stmt = bins->statements[BINS_PLACE];
	int row;

	free(bins->places);
	bins->places = NULL;
	bins->place_count = 0;
	database_bind(stmt, "i", INT64_C(0));
	while ((row = database_step(stmt, err)) == 1) {
		struct bins_place *place =
		    place_of(bins, sqlite3_column_int64(stmt, 0));

		place->known = true;
		place->standing = (struct bins_standing){
		    .step = sqlite3_column_int64(stmt, 1),
		    .newest = sqlite3_column_int64(stmt, 2),
		    .due = sqlite3_column_int64(stmt, 3),
		    .flushed = sqlite3_column_int64(stmt, 4),
		    .rebuild = sqlite3_column_int(stmt, 5) != 0,
		};
	}
	return (row);
}

/* What the database says of itself and, for the writer, of its pairs. */
int
bins_load_state(struct bins *bins, struct error *err)
{
	sqlite3_stmt *stmt = database_ask(
	    bins->db, err, "SELECT number, horizon FROM checkpoint", "");
	int row = stmt != NULL ? database_step(stmt, err) : -1;

	if (row == 1) {
		bins->checkpoint = (uint64_t)sqlite3_column_int64(stmt, 0);
		bins->horizon = sqlite3_column_int64(stmt, 1);
	}
	sqlite3_finalize(stmt);
	if (row == -1 || bins_find_oldest(bins, 0, &bins->oldest, err) == -1)
		return (-1);
	return (bins->read_only ? 0 : load_places(bins, err));
}

struct bins *
bins_open(const char *path, bool read_only, struct error *err)
{
	struct bins *bins = memory_new(1, sizeof(*bins));
	size_t count = read_only ? BINS_READS : BINS_STATEMENTS;
	bool ready;

	bins->read_only = read_only;
	bins_cache_fill(&bins->cache);
	bins->db =
	    database_open(path, read_only, read_only ? NULL : schema, err);
	ready = bins->db != NULL;
	for (size_t i = 0; i < count && ready; i++) {
		bins->statements[i] = database_prepare(bins->db, texts[i], err);
		ready = bins->statements[i] != NULL;
	}
	if (ready && bins_load_state(bins, err) == 0)
		return (bins);
	bins_free(bins);
	return (NULL);
}

void
bins_free(struct bins *bins)
{
	if (bins == NULL)
		return;
	for (size_t i = 0; i < BINS_STATEMENTS; i++)
		sqlite3_finalize(bins->statements[i]);
	database_close(bins->db);
	bins_cache_clear(&bins->cache);
	free(bins->places);
	free(bins);
}

uint64_t
bins_checkpoint(struct bins *bins)
{
	return (bins->checkpoint);
}

static int64_t
add_pair(struct bins *bins, const struct bins_key *key, struct error *err)
{
	sqlite3_stmt *stmt = bins->statements[BINS_ADD_PAIR];
	struct bins_place *place;
	int64_t id;

	if (bins_begin(bins, err) == -1)
		return (-1);
	database_bind(stmt, "tttii", key->test, key->src, key->dst,
	    (int64_t)key->family, BINS_NONE);
	if (database_do(stmt, err) == -1)
		return (-1);
	id = sqlite3_last_insert_rowid(bins->db);
	place = place_of(bins, id);
	place->known = true;
	place->standing = (struct bins_standing){.due = BINS_NONE};
	return (id);
}

int64_t
bins_pair(struct bins *bins, const struct bins_key *key, struct error *err)
{
	sqlite3_stmt *stmt = bins->statements[BINS_FIND_PAIR];
	int64_t id = 0;
	int row;

	database_bind(
	    stmt, "ttti", key->test, key->src, key->dst, (int64_t)key->family);
	row = database_step(stmt, err);
	if (row == 1)
		id = sqlite3_column_int64(stmt, 0);
	sqlite3_reset(stmt);
	if (row == -1)
		return (-1);
	if (id == 0 && !bins->read_only)
		id = add_pair(bins, key, err);
	return (id);
}

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

static void
note_record(struct bin *bin, const struct bins_record *record)
{
	bool finding = record->outcome == OUTCOME_MEASURED ||
		       record->outcome == OUTCOME_NO_ANSWER;

	if (finding && record->end >= bin->finding) {
		bin->finding = record->end;
		bin->outcome = record->outcome;
	}
	if (record->end > bin->tried)
		bin->tried = record->end;
	bundle_merge(bin->bundle, record->bundle);
}

/* Is the history still to be told, or told again? */
static void
note_start(struct bins *bins, struct bins_place *place, nanoseconds start)
{
	struct bins_standing *s = &place->standing;

	place->changed = true;
	if (start >= s->flushed && start < s->due)
		s->due = start;
	if (start < s->flushed && start >= bins->horizon)
		s->rebuild = true;
	if (start > s->newest)
		s->newest = start;
	if (start < bins->oldest)
		bins->oldest = start;
}

int
bins_add(struct bins *bins, int64_t pair, nanoseconds step,
    const struct manifest *manifest, const struct bins_record *record,
    struct error *err)
{
	struct bin_key key = {pair, step, bins_start_of(record->start, step)};
	struct bins_place *place = place_of(bins, pair);
	struct bin *bin;

	assert(place->known && step > 0);
	if (place->standing.step != step) {
		place->standing.step = step;
		place->standing.due = BINS_NONE;
	}
	bin = obtain(bins, &key, manifest, err);
	if (bin == NULL)
		return (-1);
	note_record(bin, record);
	bins_cache_change(&bins->cache, bin);
	note_start(bins, place, key.start);
	return (0);
}
