/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/bins_file.h"
#include "collector/rollup_row.h"

static nanoseconds
most(nanoseconds a, nanoseconds b)
{
	return (a > b ? a : b);
}

static nanoseconds
least(nanoseconds a, nanoseconds b)
{
	return (a < b ? a : b);
}

/* Is there a row to come of the pair's bins? */
static bool
is_owed(const struct bins_standing *s)
{
	return (s->step != 0 &&
		s->rolled < bins_start_of(s->newest, ROLLUP_DAY) + ROLLUP_DAY);
}

static int
save(struct bins *bins, const struct rollup_key *key,
    const struct rollup *rollup, struct error *err)
{
	if (rollup_bins(rollup) == 0)
		return (0);
	return (rollup_save(bins, key, rollup, err));
}

static int
make_hour(struct bins *bins, int64_t pair, const struct manifest *manifest,
    nanoseconds start, struct error *err)
{
	struct rollup_key key = {pair, ROLLUP_HOUR, start};
	struct rollup *hour;
	int result = rollup_take_hour(bins, pair, start, &hour, err);

	if (result == 0) {
		hour = rollup_new(manifest);
		result = rollup_gather(bins, pair, false, manifest, start,
		    start + ROLLUP_HOUR, hour, err);
	}
	if (result != -1)
		result = save(bins, &key, hour, err);
	rollup_free(hour);
	return (result);
}

/* A day's hours as far as they are made, and the bins of the rest of it. */
static int
gather_day(struct bins *bins, int64_t pair, const struct manifest *manifest,
    nanoseconds start, nanoseconds rolled, struct rollup *day,
    struct error *err)
{
	nanoseconds end = start + ROLLUP_DAY;
	nanoseconds made = least(most(rolled, start), end);

	if (rollup_gather_hours(bins, pair, manifest, start, made, day, err) ==
		-1 ||
	    (made < end && rollup_gather(bins, pair, false, manifest, made, end,
			       day, err) == -1))
		return (-1);
	return (
	    rollup_gather(bins, pair, true, manifest, start, end, day, err));
}

static int
make_day(struct bins *bins, int64_t pair, const struct manifest *manifest,
    nanoseconds start, struct error *err)
{
	struct rollup_key key = {pair, ROLLUP_DAY, start};
	struct rollup *day = rollup_new(manifest);
	int result = gather_day(
	    bins, pair, manifest, start, start + ROLLUP_DAY, day, err);

	if (result == 0)
		result = save(bins, &key, day, err);
	rollup_free(day);
	return (result);
}

int
rollup_make(struct bins *bins, int64_t pair, const struct manifest *manifest,
    nanoseconds upto, struct error *err)
{
	const struct bins_standing *s = &bins->places[pair].standing;
	nanoseconds first = most(s->rolled, bins->oldest), at, end;
	int result = 0;

	upto = bins_start_of(upto, ROLLUP_HOUR);
	if (upto <= s->rolled || !is_owed(s))
		return (0);
	if (bins_begin(bins, err) == -1)
		return (-1);
	end = least(upto, s->newest + 1);
	for (at = bins_start_of(first, ROLLUP_HOUR); at < end && result == 0;
	     at += ROLLUP_HOUR)
		result = make_hour(bins, pair, manifest, at, err);
	if (s->rolled > 0)
		first = s->rolled;
	for (at = bins_start_of(first, ROLLUP_DAY);
	     at <= s->newest && at + ROLLUP_DAY <= upto && result == 0;
	     at += ROLLUP_DAY)
		result = make_day(bins, pair, manifest, at, err);
	if (result == 0)
		rollup_skip(bins, pair, upto);
	return (result);
}

void
rollup_skip(struct bins *bins, int64_t pair, nanoseconds upto)
{
	struct bins_place *place = &bins->places[pair];

	upto = bins_start_of(upto, ROLLUP_HOUR);
	if (upto <= place->standing.rolled || !is_owed(&place->standing))
		return;
	place->standing.rolled = upto;
	place->changed = true;
}

int
rollup_expire(struct bins *bins, int64_t pair, nanoseconds row,
    nanoseconds before, struct error *err)
{
	struct rollup_key from = {pair, row, 0}, to = {pair, row, before};
	sqlite3_stmt *stmt = bins->statements[BINS_FORGET_ROWS];

	if (before <= 0)
		return (0);
	if (bins_begin(bins, err) == -1)
		return (-1);
	database_bind(stmt, "ii", rollup_id(&from), rollup_id(&to));
	return (database_do(stmt, err));
}

/* One call of rollup_read. */
struct reading {
	struct bins *bins;
	int64_t pair;
	nanoseconds row;
	const struct manifest *manifest;
	int (*call)(void *arg, nanoseconds start, const struct rollup *rollup,
	    struct error *err);
	void *arg;
};

static int
read_made(const struct reading *r, nanoseconds from, nanoseconds to,
    struct error *err)
{
	sqlite3_stmt *stmt = r->bins->statements[BINS_ROWS];
	struct rollup_key first = {r->pair, r->row, from};
	struct rollup_key end = {r->pair, r->row, to};
	int64_t base = rollup_id(&first) - from / r->row;
	int row;

	database_bind(stmt, "ii", rollup_id(&first), rollup_id(&end));
	while ((row = database_step(stmt, err)) == 1) {
		nanoseconds start =
		    (sqlite3_column_int64(stmt, 0) - base) * r->row;
		struct rollup *rollup = rollup_unpack(r->manifest,
		    sqlite3_column_int64(stmt, 1), sqlite3_column_blob(stmt, 2),
		    (size_t)sqlite3_column_bytes(stmt, 2), NULL);

		if (rollup != NULL && r->call(r->arg, start, rollup, err) == -1)
			row = -1;
		rollup_free(rollup);
		if (row == -1)
			break;
	}
	sqlite3_reset(stmt);
	return (row);
}

/* Up to `rolled` there are hours; from `oldest` on there are bins. */
static int
read_unmade(const struct reading *r, nanoseconds from, nanoseconds to,
    nanoseconds rolled, nanoseconds oldest, struct error *err)
{
	int result = 0;

	for (; from < to && result == 0; from += r->row) {
		if (from >= rolled && from + r->row <= oldest)
			from = bins_start_of(oldest, r->row);
		struct rollup *rollup = rollup_new(r->manifest);

		if (r->row == ROLLUP_HOUR)
			result = rollup_gather(r->bins, r->pair, false,
			    r->manifest, from, from + r->row, rollup, err);
		else
			result = gather_day(r->bins, r->pair, r->manifest, from,
			    rolled, rollup, err);
		if (result == 0 && rollup_bins(rollup) > 0)
			result = r->call(r->arg, from, rollup, err);
		rollup_free(rollup);
	}
	return (result);
}

static int
read_rows(const struct reading *r, nanoseconds from, nanoseconds to,
    struct error *err)
{
	struct bins_standing s;
	nanoseconds made, oldest = r->bins->oldest;
	int found = bins_find_standing(r->bins, r->pair, &s, err);

	if (found != 1)
		return (found);
	made = least(bins_start_of(s.rolled, r->row), to);
	if (from < made && read_made(r, from, made, err) == -1)
		return (-1);
	if (r->bins->read_only &&
	    bins_find_oldest(r->bins, 0, &oldest, err) == -1)
		return (-1);
	return (read_unmade(r, most(from, made), least(to, s.newest + 1),
	    s.rolled, oldest, err));
}

int
rollup_read(struct bins *bins, int64_t pair, nanoseconds row,
    const struct manifest *manifest, nanoseconds from, nanoseconds to,
    int (*call)(void *arg, nanoseconds start, const struct rollup *rollup,
	struct error *err),
    void *arg, struct error *err)
{
	const struct reading reading = {bins, pair, row, manifest, call, arg};
	int result;

	if (from < 0)
		from = 0;
	from = bins_start_of(from + row - 1, row);
	to = bins_start_of(to + row - 1, row);
	if (!bins->read_only)
		return (read_rows(&reading, from, to, err));
	/* of one moment, for the writer goes on */
	if (database_run(bins->db, "BEGIN", err) == -1)
		return (-1);
	result = read_rows(&reading, from, to, err);
	database_run(bins->db, "COMMIT", NULL);
	return (result);
}
