/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/bins_file.h"

static void
read_standing(sqlite3_stmt *stmt, struct bins_standing *standing)
{
	*standing = (struct bins_standing){
	    .step = sqlite3_column_int64(stmt, 0),
	    .newest = sqlite3_column_int64(stmt, 1),
	    .due = sqlite3_column_int64(stmt, 2),
	    .flushed = sqlite3_column_int64(stmt, 3),
	    .rebuild = sqlite3_column_int(stmt, 4) != 0,
	    .rolled = sqlite3_column_int64(stmt, 5),
	    .gone = sqlite3_column_int64(stmt, 6),
	};
}

int
bins_load_places(struct bins *bins, struct error *err)
{
	sqlite3_stmt *stmt = database_ask(bins->db, err,
	    "SELECT step, newest, due, flushed, rebuild, rolled, gone, id"
	    " FROM pair",
	    "");
	int row = stmt != NULL ? 1 : -1;

	while (row == 1 && (row = database_step(stmt, err)) == 1) {
		int64_t id = sqlite3_column_int64(stmt, 7);
		struct bins_place *place = bins_place(bins, id);

		if (id > bins->last_pair)
			bins->last_pair = id;
		place->known = true;
		read_standing(stmt, &place->standing);
	}
	sqlite3_finalize(stmt);
	return (row);
}

int
bins_find_standing(struct bins *bins, int64_t pair,
    struct bins_standing *standing, struct error *err)
{
	sqlite3_stmt *stmt = bins->statements[BINS_PLACE];
	int row;

	if (!bins->read_only) {
		bins_standing(bins, pair, standing);
		return (1);
	}
	database_bind(stmt, "i", pair);
	row = database_step(stmt, err);
	if (row == 1)
		read_standing(stmt, standing);
	sqlite3_reset(stmt);
	return (row);
}

int
bins_newest_family(
    struct bins *bins, const struct bins_key *names, struct error *err)
{
	struct bins_key key = *names;
	struct bins_standing standing;
	nanoseconds newest = INT64_MIN;
	int family = 0, found;

	for (key.family = 6; key.family >= 4; key.family -= 2) {
		int64_t pair = bins_find_pair(bins, &key, err);

		found = pair > 0
			    ? bins_find_standing(bins, pair, &standing, err)
			    : (int)pair;
		if (found == -1)
			return (-1);
		if (found == 1 && standing.newest > newest) {
			newest = standing.newest;
			family = key.family;
		}
	}
	return (family);
}

int
bins_find_flushed(struct bins *bins, const struct bins_key *key,
    nanoseconds *flushed, struct error *err)
{
	struct bins_standing standing;
	int64_t pair = bins_find_pair(bins, key, err);
	int found = pair > 0 ? bins_find_standing(bins, pair, &standing, err)
			     : (int)pair;

	*flushed = found == 1 ? standing.flushed : BINS_NONE;
	return (found == -1 ? -1 : 0);
}

int
bins_load_checkpoint(struct bins *bins, struct error *err)
{
	sqlite3_stmt *stmt = database_ask(bins->db, err,
	    "SELECT number, horizon, archived, made FROM checkpoint", "");
	int row = stmt != NULL ? database_step(stmt, err) : -1;

	if (row == 1) {
		bins->checkpoint = (uint64_t)sqlite3_column_int64(stmt, 0);
		bins->horizon = sqlite3_column_int64(stmt, 1);
		bins->archived = sqlite3_column_int64(stmt, 2);
		bins->made = sqlite3_column_int64(stmt, 3);
	}
	sqlite3_finalize(stmt);
	return (row == -1 ? -1 : 0);
}

int
bins_has_one_step(struct bins *bins, int64_t pair, struct error *err)
{
	sqlite3_stmt *stmt = bins->statements[BINS_STEPS];
	int count = 0, row;

	database_bind(stmt, "i", pair);
	while ((row = database_step(stmt, err)) == 1)
		count++;
	return (row == -1 ? -1 : count < 2);
}

nanoseconds
bins_archived(const struct bins *bins)
{
	return (bins->archived);
}

nanoseconds
bins_made(const struct bins *bins)
{
	return (bins->made);
}
