/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/bins.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "collector/bins_anew.h"
#include "collector/bins_file.h"
#include "collector/rollup_row.h"
#include "common/error.h"
#include "common/memory.h"
#include "common/tree.h"

/* Bins lie in the order of time, so that what is written together lies
 * together, and what is forgotten too. */
static const char tables[] =
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

/* Hours and days. Those before the horizon are not to be made of bins: not all
 * of these are there any more. */
static const char rollup[] =
    "ALTER TABLE pair ADD COLUMN rolled INTEGER NOT NULL DEFAULT 0;"
    "UPDATE pair SET rolled = (SELECT horizon FROM checkpoint);"
    "CREATE TABLE pair_step (pair INTEGER NOT NULL, step INTEGER NOT NULL,"
    " until INTEGER NOT NULL, PRIMARY KEY (pair, step)) WITHOUT ROWID;"
    "INSERT INTO pair_step SELECT DISTINCT bin.pair, bin.step,"
    " iif(bin.step = pair.step, 0, pair.newest)"
    " FROM bin JOIN pair ON pair.id = bin.pair;"
    "CREATE TABLE rollup (id INTEGER PRIMARY KEY, bins INTEGER NOT NULL,"
    " data BLOB NOT NULL);"
    "ALTER TABLE checkpoint ADD COLUMN made INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE checkpoint ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;"
    "UPDATE checkpoint SET made = strftime('%s', 'now') * 1000000000;"
    "UPDATE checkpoint SET archived = made WHERE number > 0;";

/* Boxes are renamed; a move is of a pair's history, which is a file. */
static const char renamed[] =
    "CREATE TABLE renamed (one INTEGER PRIMARY KEY, revision INTEGER NOT NULL,"
    " phase INTEGER NOT NULL);"
    "INSERT INTO renamed VALUES (1, 0, 0);"
    "CREATE TABLE move (test TEXT NOT NULL, family INTEGER NOT NULL,"
    " src TEXT NOT NULL, dst TEXT NOT NULL, new_src TEXT NOT NULL,"
    " new_dst TEXT NOT NULL);";

/* When pairs left the fleet; what its tests were measured with. */
static const char departed[] =
    "ALTER TABLE pair ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE test (name TEXT PRIMARY KEY, probe TEXT NOT NULL)"
    " WITHOUT ROWID;";

static const char *const steps[] = {tables, rollup, renamed, departed, NULL};

static const char *const texts[BINS_STATEMENTS] = {
    [BINS_FIND_PAIR] = "SELECT id FROM pair"
		       " WHERE test = ? AND src = ? AND dst = ? AND family = ?",
    [BINS_LOAD] = "SELECT finding, tried, outcome, bundle FROM bin"
		  " WHERE start = ? AND step = ? AND pair = ?",
    [BINS_OLDEST] = "SELECT start FROM bin WHERE start >= ?"
		    " ORDER BY start LIMIT 1",
    [BINS_PLACE] = "SELECT step, newest, due, flushed, rebuild, rolled, gone"
		   " FROM pair WHERE id = ?",
    [BINS_STEPS] = "SELECT step FROM pair_step WHERE pair = ?",
    [BINS_ROW] = "SELECT bins, data FROM rollup WHERE id = ?",
    [BINS_ROWS] = "SELECT id, bins, data FROM rollup WHERE id >= ? AND id < ?"
		  " ORDER BY id",
    [BINS_AT] = "SELECT pair, finding, tried, outcome, bundle FROM bin"
		" WHERE start = ? AND step = ? AND pair > ?"
		" ORDER BY pair LIMIT 256",
    [BINS_ADD_PAIR] = "INSERT INTO pair (id, test, src, dst, family, step,"
		      " newest, due, flushed, rebuild, rolled)"
		      " VALUES (?, ?, ?, ?, ?, 0, 0, ?, 0, 0, 0)",
    [BINS_SAVE] = "INSERT OR REPLACE INTO bin (start, step, pair, finding,"
		  " tried, outcome, bundle) VALUES (?, ?, ?, ?, ?, ?, ?)",
    [BINS_SAVE_PLACE] =
	"UPDATE pair SET step = ?2, newest = ?3, due = ?4,"
	" flushed = ?5, rebuild = ?6, rolled = ?7, gone = ?8 WHERE id = ?1",
    [BINS_SAVE_CHECKPOINT] = "UPDATE checkpoint SET number = ?, horizon = ?",
    [BINS_FORGET] = "DELETE FROM bin WHERE start >= ?1 AND start < ?2 AND"
		    " start < (SELECT min(flushed, rolled - rolled % ?3) FROM"
		    " pair WHERE id = bin.pair)",
    [BINS_LEAVE_STEP] = "UPDATE pair_step SET until = ?"
			" WHERE pair = ? AND step = ?",
    [BINS_ADD_STEP] = "INSERT OR REPLACE INTO pair_step VALUES (?, ?, 0)",
    [BINS_FORGET_STEPS] = "DELETE FROM pair_step WHERE until > 0 AND until <"
			  " (SELECT min(?1, rolled - rolled % ?2) FROM pair"
			  " WHERE id = pair_step.pair)",
    [BINS_SAVE_ROW] = "INSERT OR REPLACE INTO rollup VALUES (?, ?, ?)",
    [BINS_FORGET_ROWS] = "DELETE FROM rollup WHERE id >= ? AND id < ?",
};

nanoseconds
bins_start_of(nanoseconds instant, nanoseconds step)
{
	return (instant - instant % step);
}

struct bins_place *
bins_place(struct bins *bins, int64_t pair)
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

/* What the database says of itself and, for the writer, of its pairs. */
int
bins_load_state(struct bins *bins, struct error *err)
{
	if (bins_load_checkpoint(bins, err) == -1 ||
	    bins_find_oldest(bins, 0, &bins->oldest, err) == -1)
		return (-1);
	if (bins->read_only)
		return (0);
	return (
	    bins_anew_drop(bins, err) == -1 ? -1 : bins_load_places(bins, err));
}

int
bins_find_horizon(struct bins *bins, nanoseconds *horizon, struct error *err)
{
	if (bins->read_only && bins_load_checkpoint(bins, err) == -1)
		return (-1);
	*horizon = bins->horizon;
	return (0);
}

struct bins *
bins_open(const char *path, bool read_only, struct error *err)
{
	struct bins *bins = memory_new(1, sizeof(*bins));
	size_t count = read_only ? BINS_READS : BINS_STATEMENTS;
	bool ready;

	bins->read_only = read_only;
	bins_cache_fill(&bins->cache);
	bins->tree = tree_new();
	bins->db = database_open_steps(path, read_only, steps, err);
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
	tree_free(bins->tree);
	bins_clear_late(bins);
	free(bins->late);
	for (size_t i = 0; i < bins->place_count; i++)
		rollup_leave_hour(&bins->places[i]);
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
	int64_t id = bins->last_pair + 1;

	if (bins_begin(bins, err) == -1)
		return (-1);
	database_bind(stmt, "itttii", id, key->test, key->src, key->dst,
	    (int64_t)key->family, BINS_NONE);
	if (database_do(stmt, err) == -1)
		return (-1);
	bins->last_pair = id;
	place = bins_place(bins, id);
	place->known = true;
	place->standing = (struct bins_standing){.due = BINS_NONE};
	return (id);
}

int64_t
bins_find_pair(struct bins *bins, const struct bins_key *key, struct error *err)
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
	return (row == -1 ? -1 : id);
}

int64_t
bins_pair(struct bins *bins, const struct bins_key *key, struct error *err)
{
	int64_t id = bins_find_pair(bins, key, err);

	if (id == 0 && !bins->read_only)
		id = add_pair(bins, key, err);
	return (id);
}
