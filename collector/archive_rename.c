/* SPDX-License-Identifier: BSD-2-Clause */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/archive_file.h"
#include "collector/renames.h"
#include "common/log.h"
#include "common/memory.h"

/* What a pair is to be called. */
struct naming {
	int64_t pair;
	char test[NAME_TEXT], src[NAME_TEXT], dst[NAME_TEXT];
};

struct namings {
	struct naming *list;
	size_t count;
};

static void
add_naming(struct namings *namings, sqlite3_stmt *stmt, const char *src,
    const char *dst)
{
	struct naming *naming;

	namings->list = memory_resize(
	    namings->list, namings->count + 1, sizeof(*namings->list));
	naming = &namings->list[namings->count++];
	naming->pair = sqlite3_column_int64(stmt, 3);
	snprintf(
	    naming->test, sizeof(naming->test), "%s", database_text(stmt, 0));
	snprintf(naming->src, sizeof(naming->src), "%s", src);
	snprintf(naming->dst, sizeof(naming->dst), "%s", dst);
}

/* The pairs of which an end is called otherwise now. */
static int
list_namings(struct archive_day *day, const struct renames *renames,
    struct namings *namings, struct error *err)
{
	sqlite3_stmt *stmt = day->statements[ARCHIVE_NEXT_PAIR];
	int row;

	database_bind(stmt, "ttt", "", "", "");
	while ((row = database_step(stmt, err)) == 1) {
		const char *src = database_text(stmt, 1);
		const char *dst = database_text(stmt, 2);
		const char *src_now = renames_now(renames, src, day->followed);
		const char *dst_now = renames_now(renames, dst, day->followed);

		if (strcmp(src, src_now) != 0 || strcmp(dst, dst_now) != 0)
			add_naming(namings, stmt, src_now, dst_now);
	}
	return (row);
}

/* Names may have changed hands: first all are given up. */
static int
give_up_names(
    struct archive_day *day, const struct namings *namings, struct error *err)
{
	for (size_t i = 0; i < namings->count; i++)
		if (database_apply(day->db, err,
			"UPDATE pair SET src = '\x02' || id WHERE id = ?", "i",
			namings->list[i].pair) == -1)
			return (-1);
	return (0);
}

/* Of two pairs that have the same names by now one takes over the parts. */
static int
join_pairs(struct archive_day *day, int64_t from, int64_t to, struct error *err)
{
	if (database_apply(day->db, err,
		"UPDATE part SET pair = ? WHERE pair = ?", "ii", to,
		from) == -1)
		return (-1);
	return (database_apply(
	    day->db, err, "DELETE FROM pair WHERE id = ?", "i", from));
}

static int
give_name(
    struct archive_day *day, const struct naming *naming, struct error *err)
{
	sqlite3_stmt *find = day->statements[ARCHIVE_FIND_PAIR];
	int64_t other = 0;
	int row;

	database_bind(find, "ttt", naming->test, naming->src, naming->dst);
	row = database_step(find, err);
	if (row == 1) {
		other = sqlite3_column_int64(find, 0);
		sqlite3_reset(find);
	}
	if (row == -1)
		return (-1);
	if (other != 0)
		return (join_pairs(day, naming->pair, other, err));
	return (database_apply(day->db, err,
	    "UPDATE pair SET src = ?, dst = ? WHERE id = ?", "tti", naming->src,
	    naming->dst, naming->pair));
}

static int
apply(struct archive_day *day, const struct namings *namings, int64_t revision,
    struct error *err)
{
	if (archive_day_begin(day, err) == -1 ||
	    give_up_names(day, namings, err) == -1)
		return (-1);
	for (size_t i = 0; i < namings->count; i++)
		if (give_name(day, &namings->list[i], err) == -1)
			return (-1);
	if (database_apply(day->db, err, "UPDATE state SET followed = ?", "i",
		revision) == -1)
		return (-1);
	return (archive_day_end(day, err));
}

static int
rename_in(
    struct archive_day *day, const struct renames *renames, struct error *err)
{
	struct namings namings = {0};
	int64_t last = renames_last(renames);
	int result;

	if (day->followed >= last)
		return (0);
	result = list_namings(day, renames, &namings, err);
	if (result == 0)
		result = apply(day, &namings, last, err);
	if (result == 0)
		day->followed = last;
	else
		archive_day_undo(day);
	free(namings.list);
	return (result);
}

/* A file that cannot be read has nothing to be found. */
static int
rename_day(struct archive *archive, int64_t number,
    const struct renames *renames, struct error *err)
{
	bool gone;
	struct archive_day *day = archive_day_open(archive, number, &gone, err);

	if (day != NULL)
		return (rename_in(day, renames, err));
	day = archive_find_day(archive, number);
	if (gone || day->bad || !archive_path_damaged(day->path))
		return (gone || day->bad ? 0 : -1);
	day->bad = true;
	log_warnx("%s", err->text);
	return (0);
}

int
archive_rename(
    struct archive *archive, const struct renames *renames, struct error *err)
{
	assert(archive_due(archive) == INT64_MAX);
	if (archive->followed >= renames_last(renames))
		return (0);
	archive_job_cancel(archive);
	archive_pending_forget(archive);
	for (size_t i = 0; i < archive->count; i++)
		if (rename_day(
			archive, archive->days[i]->number, renames, err) == -1)
			return (-1);
	archive->followed = renames_last(renames);
	return (0);
}
