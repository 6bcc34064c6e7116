/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/rollup_row.h"

#include <assert.h>
#include <stdlib.h>

#include "collector/bins_file.h"
#include "common/error.h"
#include "common/log.h"

int64_t
rollup_id(const struct rollup_key *key)
{
	int64_t index = key->start / key->row;

	assert(index >= 0 && index < INT64_C(1) << ROLLUP_INDEX_BITS);
	return (key->pair << (ROLLUP_INDEX_BITS + 1) |
		(int64_t)(key->row == ROLLUP_DAY) << ROLLUP_INDEX_BITS | index);
}

int
rollup_load(struct bins *bins, const struct rollup_key *key,
    const struct manifest *manifest, struct rollup **rollup, struct error *err)
{
	sqlite3_stmt *stmt = bins->statements[BINS_ROW];
	struct error why;
	int row;

	*rollup = NULL;
	database_bind(stmt, "i", rollup_id(key));
	row = database_step(stmt, err);
	if (row == 1)
		*rollup = rollup_unpack(manifest, sqlite3_column_int64(stmt, 0),
		    sqlite3_column_blob(stmt, 1),
		    (size_t)sqlite3_column_bytes(stmt, 1), &why);
	sqlite3_reset(stmt);
	if (row == 1 && *rollup == NULL) {
		log_warnx("rollup: pair %lld, row of %lld: %s; it is left out",
		    (long long)key->pair, (long long)(key->start / NS_PER_S),
		    why.text);
		return (0);
	}
	return (row);
}

int
rollup_save(struct bins *bins, const struct rollup_key *key,
    const struct rollup *rollup, struct error *err)
{
	sqlite3_stmt *stmt = bins->statements[BINS_SAVE_ROW];
	size_t length;
	void *data = rollup_pack(rollup, &length);
	int result;

	database_bind(stmt, "iib", rollup_id(key), (int64_t)rollup_bins(rollup),
	    data, length);
	result = database_do(stmt, err);
	free(data);
	return (result);
}

static int
gather_bin(void *arg, nanoseconds start, const struct bundle *bundle,
    struct error *err)
{
	rollup_add(arg, start, bundle);
	return (0);
}

int
rollup_gather(struct bins *bins, int64_t pair, bool long_ones,
    const struct manifest *manifest, nanoseconds from, nanoseconds to,
    struct rollup *into, struct error *err)
{
	sqlite3_stmt *stmt = bins->statements[BINS_STEPS];
	int row;

	database_bind(stmt, "i", pair);
	while ((row = database_step(stmt, err)) == 1) {
		nanoseconds step = sqlite3_column_int64(stmt, 0);

		if ((step > ROLLUP_HOUR) != long_ones)
			continue;
		if (bins_read(bins, pair, step, manifest, from, to, gather_bin,
			into, err) == -1) {
			row = -1;
			break;
		}
	}
	sqlite3_reset(stmt);
	return (row);
}

int
rollup_gather_hours(struct bins *bins, int64_t pair,
    const struct manifest *manifest, nanoseconds from, nanoseconds to,
    struct rollup *into, struct error *err)
{
	struct rollup_key key = {pair, ROLLUP_HOUR, from};
	int found = 0;

	for (; key.start < to && found != -1; key.start += ROLLUP_HOUR) {
		struct rollup *hour;

		found = rollup_load(bins, &key, manifest, &hour, err);
		if (found == 1)
			rollup_merge(into, hour);
		rollup_free(hour);
	}
	return (found == -1 ? -1 : 0);
}
