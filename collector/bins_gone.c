/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pairs that have left the fleet, and what their tests were measured with.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "collector/bins_file.h"
#include "collector/rollup_row.h"

#define ROWS_AT_ONCE 500

void
bins_set_gone(struct bins *bins, int64_t pair, nanoseconds since)
{
	struct bins_place *place = &bins->places[pair];

	if (place->standing.gone == since)
		return;
	place->standing.gone = since;
	place->changed = true;
}

static void
read_key(sqlite3_stmt *stmt, struct bins_key *key)
{
	snprintf(key->test, sizeof(key->test), "%s", database_text(stmt, 0));
	snprintf(key->src, sizeof(key->src), "%s", database_text(stmt, 1));
	snprintf(key->dst, sizeof(key->dst), "%s", database_text(stmt, 2));
	key->family = sqlite3_column_int(stmt, 3);
}

int
bins_find_key(
    struct bins *bins, int64_t pair, struct bins_key *key, struct error *err)
{
	sqlite3_stmt *stmt = database_ask(bins->db, err,
	    "SELECT test, src, dst, family FROM pair WHERE id = ?", "i", pair);
	int row = stmt != NULL ? database_step(stmt, err) : -1;

	if (row == 1)
		read_key(stmt, key);
	sqlite3_finalize(stmt);
	return (row);
}

int
bins_each_gone(struct bins *bins,
    void (*call)(void *arg, const struct bins_key *key, nanoseconds since,
	nanoseconds last),
    void *arg, struct error *err)
{
	sqlite3_stmt *stmt = database_ask(bins->db, err,
	    "SELECT test, src, dst, family, gone, newest FROM pair"
	    " WHERE gone > 0 ORDER BY test, src, dst, family",
	    "");
	int row = stmt != NULL ? 1 : -1;

	while (row == 1 && (row = database_step(stmt, err)) == 1) {
		struct bins_key key;

		read_key(stmt, &key);
		call(arg, &key, sqlite3_column_int64(stmt, 4),
		    sqlite3_column_int64(stmt, 5));
	}
	sqlite3_finalize(stmt);
	return (row);
}

bool
bins_are_gone(const struct bins *bins, int64_t pair)
{
	return (bins_expired(bins) &&
		bins->places[pair].standing.newest < bins->oldest);
}

/* All ids that rows of the pair may have lie in a row (rollup_row.h). */
static int
forget_rows(struct bins *bins, int64_t pair, struct error *err)
{
	const struct rollup_key first = {pair, ROLLUP_HOUR, 0};
	const struct rollup_key next = {pair + 1, ROLLUP_HOUR, 0};

	if (database_apply(bins->db, err,
		"DELETE FROM rollup WHERE id IN (SELECT id FROM rollup"
		" WHERE id >= ? AND id < ? ORDER BY id LIMIT ?)",
		"iii", rollup_id(&first), rollup_id(&next),
		(int64_t)ROWS_AT_ONCE) == -1)
		return (-1);
	return (sqlite3_changes(bins->db) == ROWS_AT_ONCE);
}

int
bins_forget_rows(struct bins *bins, int64_t pair, struct error *err)
{
	return (
	    bins_begin(bins, err) == -1 ? -1 : forget_rows(bins, pair, err));
}

int
bins_forget_pair(struct bins *bins, int64_t pair, struct error *err)
{
	struct bins_place *place = &bins->places[pair];

	assert(bins_are_gone(bins, pair));
	rollup_leave_hour(place);
	*place = (struct bins_place){.known = false};
	if (bins_begin(bins, err) == -1 ||
	    database_apply(bins->db, err,
		"DELETE FROM pair_step WHERE pair = ?", "i", pair) == -1)
		return (-1);
	return (database_apply(
	    bins->db, err, "DELETE FROM pair WHERE id = ?", "i", pair));
}

int
bins_note_test(
    struct bins *bins, const char *test, const char *probe, struct error *err)
{
	if (bins_begin(bins, err) == -1)
		return (-1);
	return (database_apply(bins->db, err,
	    "INSERT INTO test VALUES (?1, ?2) ON CONFLICT DO"
	    " UPDATE SET probe = ?2 WHERE probe <> ?2",
	    "tt", test, probe));
}

int
bins_forget_tests(struct bins *bins, struct error *err)
{
	if (bins_begin(bins, err) == -1)
		return (-1);
	return (database_apply(bins->db, err,
	    "DELETE FROM test WHERE name NOT IN (SELECT test FROM pair)", ""));
}

int
bins_find_test(struct bins *bins, const char *test,
    char probe[static NAME_TEXT], nanoseconds *step, struct error *err)
{
	sqlite3_stmt *stmt = database_ask(bins->db, err,
	    "SELECT t.probe, (SELECT step FROM pair WHERE test = t.name AND"
	    " step > 0 ORDER BY newest DESC LIMIT 1) FROM test t"
	    " WHERE t.name = ?",
	    "t", test);
	int row = stmt != NULL ? database_step(stmt, err) : -1;

	if (row == 1) {
		snprintf(probe, NAME_TEXT, "%s", database_text(stmt, 0));
		*step = sqlite3_column_int64(stmt, 1);
		row = *step > 0;
	}
	sqlite3_finalize(stmt);
	return (row);
}
