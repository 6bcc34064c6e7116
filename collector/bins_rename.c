/* SPDX-License-Identifier: BSD-2-Clause */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/bins_file.h"
#include "collector/renames.h"
#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"

/* A pair that gets other names. */
struct moved {
	int64_t id;
	struct bins_key was, now;
};

struct moving {
	struct bins *bins;
	const struct rename *list; /* of one revision */
	size_t count;
	struct moved *pairs;
	size_t pair_count;
};

static const char *
name_now(const struct moving *moving, const char *name)
{
	for (size_t i = 0; i < moving->count; i++)
		if (strcmp(moving->list[i].was, name) == 0)
			return (moving->list[i].name);
	return (name);
}

static struct moved *
add(struct moving *moving, int64_t id, const struct bins_key *was,
    const struct bins_key *now)
{
	struct moved *moved;

	moving->pairs = memory_resize(
	    moving->pairs, moving->pair_count + 1, sizeof(*moving->pairs));
	moved = &moving->pairs[moving->pair_count++];
	*moved = (struct moved){id, *was, *now};
	return (moved);
}

static void
look_at(void *arg, int64_t id, const struct bins_key *key)
{
	struct moving *moving = arg;
	struct bins_key now = *key;

	snprintf(now.src, sizeof(now.src), "%s", name_now(moving, key->src));
	snprintf(now.dst, sizeof(now.dst), "%s", name_now(moving, key->dst));
	if (strcmp(now.src, key->src) != 0 || strcmp(now.dst, key->dst) != 0)
		add(moving, id, key, &now);
}

static int
set_key(struct bins *bins, int64_t id, const struct bins_key *key,
    struct error *err)
{
	return (database_apply(bins->db, err,
	    "UPDATE pair SET src = ?, dst = ? WHERE id = ?", "tti", key->src,
	    key->dst, id));
}

/* A name that no box can have. */
static void
name_aside(char name[static NAME_TEXT], int64_t id)
{
	snprintf(name, NAME_TEXT, "~%" PRId64, id);
}

/* Of something else that had the new names, such as a target: kept, but under
 * none. */
static int
put_aside(struct moving *moving, const struct bins_key *key, struct error *err)
{
	struct bins_key aside = *key;
	int64_t id = bins_find_pair(moving->bins, key, err);

	if (id <= 0)
		return ((int)id);
	name_aside(aside.dst, id);
	log_warnx("%s from %s to %s: what was measured under these names "
		  "before is put aside as %s to %s",
	    key->test, key->src, key->dst, aside.src, aside.dst);
	if (set_key(moving->bins, id, &aside, err) == -1)
		return (-1);
	add(moving, id, key, &aside);
	return (0);
}

/* First out of each other's way, then into place. */
static int
move_pairs(struct moving *moving, struct error *err)
{
	size_t count = moving->pair_count;

	for (size_t i = 0; i < count; i++) {
		struct bins_key aside = moving->pairs[i].now;

		name_aside(aside.src, moving->pairs[i].id);
		if (set_key(moving->bins, moving->pairs[i].id, &aside, err) ==
		    -1)
			return (-1);
	}
	for (size_t i = 0; i < count; i++) {
		const struct bins_key now = moving->pairs[i].now;

		if (put_aside(moving, &now, err) == -1 ||
		    set_key(moving->bins, moving->pairs[i].id, &now, err) == -1)
			return (-1);
	}
	return (0);
}

static int
save_moves(const struct moving *moving, struct error *err)
{
	for (size_t i = 0; i < moving->pair_count; i++) {
		const struct moved *moved = &moving->pairs[i];

		if (database_apply(moving->bins->db, err,
			"INSERT INTO move VALUES (?, ?, ?, ?, ?, ?)",
			"tittt"
			"t",
			moved->was.test, (int64_t)moved->was.family,
			moved->was.src, moved->was.dst, moved->now.src,
			moved->now.dst) == -1)
			return (-1);
	}
	return (database_apply(moving->bins->db, err,
	    "UPDATE renamed SET revision = ?, phase = ?", "ii",
	    moving->list[0].revision, (int64_t)BINS_LEAVING));
}

static int
follow(struct moving *moving, struct error *err)
{
	if (bins_each(moving->bins, look_at, moving, err) == -1 ||
	    bins_begin(moving->bins, err) == -1 ||
	    move_pairs(moving, err) == -1 || save_moves(moving, err) == -1)
		return (-1);
	moving->bins->begun = false;
	return (database_run(moving->bins->db, "COMMIT", err));
}

int
bins_follow(struct bins *bins, const struct rename *list, size_t count,
    struct error *err)
{
	struct moving moving = {bins, list, count, NULL, 0};
	int result;

	assert(TAILQ_EMPTY(&bins->cache.changed) && !bins->begun && count > 0);
	result = follow(&moving, err);
	free(moving.pairs);
	return (result);
}

int
bins_followed(struct bins *bins, int64_t *revision, enum bins_phase *phase,
    struct error *err)
{
	sqlite3_stmt *stmt = database_ask(
	    bins->db, err, "SELECT revision, phase FROM renamed", "");
	int row = stmt == NULL ? -1 : database_step(stmt, err);

	if (row == 1) {
		*revision = sqlite3_column_int64(stmt, 0);
		*phase = (enum bins_phase)sqlite3_column_int(stmt, 1);
	}
	sqlite3_finalize(stmt);
	return (row == 1 ? 0 : -1);
}

int
bins_set_phase(struct bins *bins, enum bins_phase phase, struct error *err)
{
	assert(!bins->begun);
	if (bins_begin(bins, err) == -1 ||
	    database_apply(bins->db, err, "UPDATE renamed SET phase = ?", "i",
		(int64_t)phase) == -1 ||
	    (phase == BINS_MOVED &&
		database_run(bins->db, "DELETE FROM move", err) == -1))
		return (-1);
	bins->begun = false;
	return (database_run(bins->db, "COMMIT", err));
}

static void
read_key(sqlite3_stmt *stmt, int src, struct bins_key *key)
{
	snprintf(key->test, sizeof(key->test), "%s", database_text(stmt, 0));
	key->family = sqlite3_column_int(stmt, 1);
	snprintf(key->src, sizeof(key->src), "%s", database_text(stmt, src));
	snprintf(
	    key->dst, sizeof(key->dst), "%s", database_text(stmt, src + 1));
}

int
bins_each_move(struct bins *bins,
    int (*move)(void *arg, const struct bins_key *was,
	const struct bins_key *now, struct error *err),
    void *arg, struct error *err)
{
	sqlite3_stmt *stmt = database_ask(bins->db, err,
	    "SELECT test, family, src, dst, new_src, new_dst FROM move", "");
	int row = stmt == NULL ? -1 : 1;

	while (row == 1 && (row = database_step(stmt, err)) == 1) {
		struct bins_key was, now;

		read_key(stmt, 2, &was);
		read_key(stmt, 4, &now);
		if (move(arg, &was, &now, err) == -1)
			row = -1;
	}
	sqlite3_finalize(stmt);
	return (row);
}
