/* SPDX-License-Identifier: BSD-2-Clause */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "collector/archive_file.h"
#include "common/memory.h"

/* The pair that has the new names by now, if there is one, takes over the parts
 * of the one with the old. */
static const char join[] =
    "UPDATE part SET pair = (SELECT new.id FROM pair old JOIN pair new"
    " ON new.test = old.test"
    " AND new.src = CASE old.src WHEN ?1 THEN ?2 ELSE old.src END"
    " AND new.dst = CASE old.dst WHEN ?1 THEN ?2 ELSE old.dst END"
    " WHERE old.id = part.pair)"
    " WHERE pair IN (SELECT old.id FROM pair old JOIN pair new"
    " ON new.test = old.test"
    " AND new.src = CASE old.src WHEN ?1 THEN ?2 ELSE old.src END"
    " AND new.dst = CASE old.dst WHEN ?1 THEN ?2 ELSE old.dst END"
    " WHERE old.src = ?1 OR old.dst = ?1)";
static const char drop[] =
    "DELETE FROM pair WHERE (src = ?1 OR dst = ?1) AND EXISTS (SELECT 1"
    " FROM pair new WHERE new.test = pair.test"
    " AND new.src = CASE pair.src WHEN ?1 THEN ?2 ELSE pair.src END"
    " AND new.dst = CASE pair.dst WHEN ?1 THEN ?2 ELSE pair.dst END)";
static const char rename_pairs[] =
    "UPDATE pair SET src = CASE src WHEN ?1 THEN ?2 ELSE src END,"
    " dst = CASE dst WHEN ?1 THEN ?2 ELSE dst END"
    " WHERE src = ?1 OR dst = ?1";

static int
rename_in(struct archive_day *day, const char *was, const char *name,
    struct error *err)
{
	static const char *const all[] = {join, drop, rename_pairs};

	if (archive_day_begin(day, err) == -1)
		return (-1);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (database_apply(day->db, err, all[i], "tt", was, name) ==
		    -1) {
			archive_day_undo(day);
			return (-1);
		}
	return (archive_day_end(day, err));
}

int
archive_rename(struct archive *archive, const char *was, const char *name,
    struct error *err)
{
	assert(archive_due(archive) == INT64_MAX && strcmp(was, name) != 0);
	archive_job_cancel(archive);
	archive_pending_forget(archive);
	for (size_t i = 0; i < archive->count; i++) {
		struct archive_day *day;
		bool gone;

		day = archive_day_open(
		    archive, archive->days[i]->number, &gone, err);
		if (day == NULL && gone)
			continue;
		if (day == NULL || rename_in(day, was, name, err) == -1)
			return (-1);
	}
	return (0);
}
