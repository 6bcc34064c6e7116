/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "collector/bins_file.h"
#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/tree.h"

static struct bundle *
read_bundle(struct bins *bins, const struct bin_key *key,
    const struct manifest *manifest, const char *text, size_t length)
{
	struct error why;
	const struct tree_node *json =
	    tree_parse(bins->tree, text, length, &why);
	struct bundle *bundle = NULL;

	if (json != NULL)
		bundle = bundle_read(manifest, json, &why);
	if (bundle == NULL)
		log_warnx("bins: pair %lld, bin of %lld: %s; it is left out",
		    (long long)key->pair, (long long)(key->start / NS_PER_S),
		    why.text);
	return (bundle);
}

int
bins_load(struct bins *bins, const struct bin_key *key,
    const struct manifest *manifest, struct bin **bin, struct error *err)
{
	sqlite3_stmt *stmt = bins->statements[BINS_LOAD];
	struct bin found = {.key = *key};
	int row;

	database_bind(stmt, "iii", key->start, key->step, key->pair);
	row = database_step(stmt, err);
	if (row == 1) {
		found.finding = sqlite3_column_int64(stmt, 0);
		found.tried = sqlite3_column_int64(stmt, 1);
		found.outcome = (enum outcome)sqlite3_column_int(stmt, 2);
		found.bundle =
		    read_bundle(bins, key, manifest, database_text(stmt, 3),
			(size_t)sqlite3_column_bytes(stmt, 3));
	}
	sqlite3_reset(stmt);
	if (row != 1 || found.bundle == NULL)
		return (row == -1 ? -1 : 0);
	*bin = memory_new(1, sizeof(**bin));
	**bin = found;
	return (1);
}

int
bins_find_oldest(
    struct bins *bins, nanoseconds from, nanoseconds *start, struct error *err)
{
	sqlite3_stmt *stmt = bins->statements[BINS_OLDEST];
	int row;

	database_bind(stmt, "i", from);
	row = database_step(stmt, err);
	*start = row == 1 ? sqlite3_column_int64(stmt, 0) : BINS_NONE;
	sqlite3_reset(stmt);
	return (row == -1 ? -1 : 0);
}

/* The range of starts to look at, [*from, *to]: 1, 0: none, -1. */
static int
narrow(struct bins *bins, int64_t pair, nanoseconds step, nanoseconds *from,
    nanoseconds *to, struct error *err)
{
	nanoseconds oldest = bins->oldest;
	struct bins_standing standing = {0};
	int row = bins_find_standing(bins, pair, &standing, err);

	if (row == -1 ||
	    (bins->read_only && bins_find_oldest(bins, 0, &oldest, err) == -1))
		return (-1);
	if (*from < oldest)
		*from = oldest;
	if (*from == BINS_NONE || row == 0)
		return (0);
	*from = bins_start_of(*from + step - 1, step);
	if (*to > standing.newest)
		*to = standing.newest;
	*to = bins_start_of(*to, step);
	return (*from <= *to);
}

/* Borrowed from the cache, or *own and the caller's; NULL in *bin: none. */
static int
look_up(struct bins *bins, const struct bin_key *key,
    const struct manifest *manifest, struct bin **bin, bool *own,
    struct error *err)
{
	*own = false;
	*bin = bins_cache_find(&bins->cache, key);
	if (*bin != NULL)
		return (0);
	switch (bins_load(bins, key, manifest, bin, err)) {
	case -1:
		return (-1);
	case 1:
		*own = true;
	}
	return (0);
}

int
bins_read(struct bins *bins, int64_t pair, nanoseconds step,
    const struct manifest *manifest, nanoseconds from, nanoseconds to,
    int (*call)(void *arg, nanoseconds start, const struct bundle *bundle,
	struct error *err),
    void *arg, struct error *err)
{
	struct bin_key key = {.pair = pair, .step = step};
	nanoseconds last = to - 1;
	int result = narrow(bins, pair, step, &from, &last, err);

	if (result != 1)
		return (result);
	result = 0;
	for (key.start = from; key.start <= last && result == 0;
	     key.start += step) {
		struct bin *bin;
		bool own;

		result = look_up(bins, &key, manifest, &bin, &own, err);
		if (result == 0 && bin != NULL)
			result = call(arg, key.start, bin->bundle, err);
		if (own)
			bin_free(bin);
	}
	return (result);
}

static void
fill_last(struct bins_last *last, const struct bin *bin,
    const struct manifest *manifest)
{
	*last = (struct bins_last){.finding = bin->finding,
	    .tried = bin->tried,
	    .outcome = bin->outcome,
	    .bundle = bundle_new(manifest),
	    .start = bin->key.start};
	bundle_merge(last->bundle, bin->bundle);
}

int
bins_last(struct bins *bins, int64_t pair, nanoseconds step,
    const struct manifest *manifest, nanoseconds from, struct bins_last *last,
    struct error *err)
{
	struct bin_key key = {.pair = pair, .step = step};
	nanoseconds to = BINS_NONE;
	int found = narrow(bins, pair, step, &from, &to, err);

	if (found != 1)
		return (found);
	found = 0;
	for (key.start = to; key.start >= from && found == 0;
	     key.start -= step) {
		struct bin *bin;
		bool own;

		if (look_up(bins, &key, manifest, &bin, &own, err) == -1)
			return (-1);
		if (bin != NULL && bin->finding > 0) {
			fill_last(last, bin, manifest);
			found = 1;
		}
		if (own)
			bin_free(bin);
	}
	return (found);
}

/* The row that a statement is at. */
static int
take_row(struct bins *bins, const struct bin_key *key,
    const struct manifest *manifest,
    int (*call)(void *arg, int64_t pair, const struct bins_last *bin,
	struct error *err),
    void *arg, struct error *err)
{
	sqlite3_stmt *stmt = bins->statements[BINS_AT];
	struct bins_last bin = {
	    .finding = sqlite3_column_int64(stmt, 1),
	    .tried = sqlite3_column_int64(stmt, 2),
	    .outcome = (enum outcome)sqlite3_column_int(stmt, 3),
	    .bundle = read_bundle(bins, key, manifest, database_text(stmt, 4),
		(size_t)sqlite3_column_bytes(stmt, 4)),
	    .start = key->start,
	};
	int result = 0;

	if (bin.bundle != NULL)
		result = call(arg, key->pair, &bin, err);
	bundle_free(bin.bundle);
	return (result);
}

int
bins_read_some(struct bins *bins, nanoseconds start, nanoseconds step,
    const struct manifest *manifest, int64_t *after,
    bool (*wants)(void *arg, int64_t pair, nanoseconds finding),
    int (*call)(void *arg, int64_t pair, const struct bins_last *bin,
	struct error *err),
    void *arg, struct error *err)
{
	sqlite3_stmt *stmt = bins->statements[BINS_AT];
	struct bin_key key = {.start = start, .step = step};
	bool some = false;
	int row;

	database_bind(stmt, "iii", start, step, *after);
	while ((row = database_step(stmt, err)) == 1) {
		some = true;
		key.pair = *after = sqlite3_column_int64(stmt, 0);
		if (wants(arg, key.pair, sqlite3_column_int64(stmt, 1)) &&
		    take_row(bins, &key, manifest, call, arg, err) == -1) {
			row = -1;
			break;
		}
	}
	sqlite3_reset(stmt);
	return (row == -1 ? -1 : some);
}

void
bins_standing(
    const struct bins *bins, int64_t pair, struct bins_standing *standing)
{
	*standing = bins->places[pair].standing;
}

/* 1: there is such a bin, 0, -1. */
static int
exists(struct bins *bins, const struct bin_key *key, struct error *err)
{
	sqlite3_stmt *stmt = bins->statements[BINS_LOAD];
	int row;

	if (bins_cache_find(&bins->cache, key) != NULL)
		return (1);
	database_bind(stmt, "iii", key->start, key->step, key->pair);
	row = database_step(stmt, err);
	sqlite3_reset(stmt);
	return (row);
}

int
bins_find_next(struct bins *bins, int64_t pair, nanoseconds from,
    nanoseconds *start, struct error *err)
{
	const struct bins_standing *s = &bins->places[pair].standing;
	struct bin_key key = {.pair = pair, .step = s->step};
	nanoseconds to = BINS_NONE;
	int found;

	*start = BINS_NONE;
	if (s->step == 0 || from > s->newest)
		return (0);
	found = narrow(bins, pair, s->step, &from, &to, err);
	if (found != 1)
		return (found);
	found = 0;
	for (key.start = from; key.start <= to && found == 0;
	     key.start += s->step) {
		found = exists(bins, &key, err);
		if (found == 1)
			*start = key.start;
	}
	return (found == -1 ? -1 : 0);
}

int
bins_each(struct bins *bins,
    void (*call)(void *arg, int64_t number, const struct bins_key *key),
    void *arg, struct error *err)
{
	sqlite3_stmt *stmt = database_ask(
	    bins->db, err, "SELECT id, test, src, dst, family FROM pair", "");
	int row = stmt != NULL ? 1 : -1;

	while (row == 1 && (row = database_step(stmt, err)) == 1) {
		struct bins_key key = {.family = sqlite3_column_int(stmt, 4)};

		snprintf(
		    key.test, sizeof(key.test), "%s", database_text(stmt, 1));
		snprintf(
		    key.src, sizeof(key.src), "%s", database_text(stmt, 2));
		snprintf(
		    key.dst, sizeof(key.dst), "%s", database_text(stmt, 3));
		call(arg, sqlite3_column_int64(stmt, 0), &key);
	}
	sqlite3_finalize(stmt);
	return (row);
}
