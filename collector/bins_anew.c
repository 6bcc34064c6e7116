/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/bins_anew.h"

#include <json-c/json.h>
#include <stdlib.h>

#include "collector/bins_file.h"

int
bins_anew_drop(struct bins *bins, struct error *err)
{
	return (database_run(bins->db,
	    "DROP TABLE IF EXISTS rollup_anew;"
	    "DROP TABLE IF EXISTS bin_anew;",
	    err));
}

int
bins_anew_begin(struct bins *bins, struct error *err)
{
	if (bins_begin(bins, err) == -1 || bins_anew_drop(bins, err) == -1)
		return (-1);
	return (database_run(bins->db,
	    "CREATE TABLE rollup_anew (id INTEGER PRIMARY KEY,"
	    " bins INTEGER NOT NULL, data BLOB NOT NULL);"
	    "CREATE TABLE bin_anew (start INTEGER NOT NULL,"
	    " step INTEGER NOT NULL, pair INTEGER NOT NULL,"
	    " finding INTEGER NOT NULL, tried INTEGER NOT NULL,"
	    " outcome INTEGER NOT NULL, bundle TEXT NOT NULL,"
	    " PRIMARY KEY (start, step, pair)) WITHOUT ROWID;"
	    "CREATE TEMP TABLE anew (pair INTEGER PRIMARY KEY);",
	    err));
}

int
bins_anew_pair(struct bins *bins, int64_t pair, struct error *err)
{
	return (database_apply(bins->db, err,
	    "INSERT OR IGNORE INTO temp.anew VALUES (?)", "i", pair));
}

int
bins_anew_has(struct bins *bins, int64_t pair, struct error *err)
{
	sqlite3_stmt *stmt = database_ask(
	    bins->db, err, "SELECT 1 FROM temp.anew WHERE pair = ?", "i", pair);
	int row = stmt != NULL ? database_step(stmt, err) : -1;

	sqlite3_finalize(stmt);
	return (row);
}

int
bins_anew_row(struct bins *bins, const struct rollup_key *key,
    const struct rollup *rollup, struct error *err)
{
	size_t length;
	void *data = rollup_pack(rollup, &length);
	int result = bins_begin(bins, err);

	if (result == 0)
		result = database_apply(bins->db, err,
		    "INSERT OR REPLACE INTO rollup_anew VALUES (?, ?, ?)",
		    "iib", rollup_id(key), (int64_t)rollup_bins(rollup), data,
		    length);
	free(data);
	return (result);
}

static int
keep_rows(struct bins *bins, const struct rollup_key *from,
    const struct rollup_key *to, struct error *err)
{
	return (database_apply(bins->db, err,
	    "INSERT OR REPLACE INTO rollup_anew SELECT * FROM rollup"
	    " WHERE id >= ? AND id < ?",
	    "ii", rollup_id(from), rollup_id(to)));
}

int
bins_anew_keep_rows(
    struct bins *bins, int64_t pair, nanoseconds before, struct error *err)
{
	const nanoseconds rows[] = {ROLLUP_HOUR, ROLLUP_DAY};

	if (bins_begin(bins, err) == -1)
		return (-1);
	for (size_t i = 0; i < 2; i++) {
		struct rollup_key from = {pair, rows[i], 0};
		struct rollup_key to = {pair, rows[i], before};

		if (keep_rows(bins, &from, &to, err) == -1)
			return (-1);
	}
	return (0);
}

int
bins_anew_bin(struct bins *bins, const struct bin *bin, struct error *err)
{
	json_object *json = bundle_json(bin->bundle);
	int result = bins_begin(bins, err);

	if (result == 0)
		result = database_apply(bins->db, err,
		    "INSERT OR REPLACE INTO bin_anew VALUES"
		    " (?, ?, ?, ?, ?, ?, ?)",
		    "iiiiiit", bin->key.start, bin->key.step, bin->key.pair,
		    bin->finding, bin->tried, (int64_t)bin->outcome,
		    json_object_to_json_string_ext(
			json, JSON_C_TO_STRING_PLAIN));
	json_object_put(json);
	return (result);
}

int
bins_anew_keep_bins(struct bins *bins, nanoseconds before, struct error *err)
{
	if (bins_begin(bins, err) == -1)
		return (-1);
	return (database_apply(bins->db, err,
	    "INSERT OR REPLACE INTO bin_anew SELECT * FROM bin"
	    " WHERE start < ? OR pair NOT IN (SELECT pair FROM temp.anew)",
	    "i", before));
}

int
bins_anew_end_rows(struct bins *bins, struct error *err)
{
	if (bins_begin(bins, err) == -1 ||
	    database_apply(bins->db, err,
		"INSERT OR REPLACE INTO rollup_anew SELECT * FROM rollup"
		" WHERE id >> ? NOT IN (SELECT pair FROM temp.anew)",
		"i", (int64_t)ROLLUP_INDEX_BITS + 1) == -1 ||
	    database_run(bins->db,
		"DROP TABLE rollup;"
		"ALTER TABLE rollup_anew RENAME TO rollup;"
		"DROP TABLE bin_anew;",
		err) == -1)
		return (-1);
	return (bins_commit(bins, bins->checkpoint, err));
}

int
bins_anew_end_bins(struct bins *bins, uint64_t checkpoint, struct error *err)
{
	if (bins_begin(bins, err) == -1 ||
	    database_run(bins->db,
		"DROP TABLE bin;"
		"ALTER TABLE bin_anew RENAME TO bin;"
		"DROP TABLE rollup_anew;",
		err) == -1)
		return (-1);
	return (bins_commit(bins, checkpoint, err));
}

int
bins_anew_standing(struct bins *bins, int64_t pair, nanoseconds step,
    nanoseconds first, nanoseconds last, struct error *err)
{
	struct bins_place *place = bins_place(bins, pair);
	struct bins_standing *s = &place->standing;

	place->changed = true;
	if (s->newest < first && s->due > first)
		s->due = first;
	if (s->newest < last)
		s->newest = last;
	if (s->step == step)
		return (0);
	if (s->step == 0)
		s->rolled = s->flushed = bins->horizon;
	s->step = step;
	s->due = first;
	s->rebuild = first != BINS_NONE;
	if (bins_begin(bins, err) == -1)
		return (-1);
	return (database_apply(bins->db, err,
	    "INSERT OR REPLACE INTO pair_step VALUES (?, ?, 0)", "ii", pair,
	    step));
}

void
bins_anew_horizon(struct bins *bins, nanoseconds horizon)
{
	if (bins->horizon == 0)
		bins->horizon = horizon;
}
