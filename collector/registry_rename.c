/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "collector/registry_private.h"
#include "collector/renames.h"
#include "common/database.h"
#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"

static int
set_name(struct registry *registry, const char *was, const char *name,
    struct error *err)
{
	static const char *const all[] = {
	    "UPDATE box SET name = ?2 WHERE name = ?1",
	    "UPDATE certificate SET box = ?2 WHERE box = ?1",
	    "UPDATE token SET box = ?2 WHERE box = ?1",
	    "UPDATE OR REPLACE refused SET box = ?2 WHERE box = ?1"};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (database_apply(
			registry->db, err, all[i], "tt", was, name) == -1)
			return (-1);
	return (0);
}

/* A name between the two, which no box can have. */
static char *
between(const struct rename *rename)
{
	return (memory_print("~%s", rename->name));
}

static int
leave(struct registry *registry, const struct rename *rename, struct error *err)
{
	char *aside = between(rename);
	int result = set_name(registry, rename->was, aside, err);

	free(aside);
	return (result);
}

static bool
has_box(struct registry *registry, const char *name, const char *condition)
{
	char *text =
	    memory_print("SELECT 1 FROM box WHERE name = ?%s", condition);
	struct error err;
	bool has =
	    registry_number(
		database_ask(registry->db, &err, text, "t", name), &err) == 1;

	free(text);
	return (has);
}

/* 1: it has arrived, 0: there is none, or its place is taken, -1 */
static int
arrive(
    struct registry *registry, const struct rename *rename, struct error *err)
{
	char *aside = between(rename);
	int result = 0;

	if (has_box(registry, rename->name, " AND removed = 0")) {
		log_warnx("%s cannot be called %s: another box is", rename->was,
		    rename->name);
		result = set_name(registry, aside, rename->was, err);
	} else if (has_box(registry, aside, "")) {
		result =
		    database_apply(registry->db, err,
			"DELETE FROM box WHERE name = ?", "t",
			rename->name) == -1 ||
			    set_name(registry, aside, rename->name, err) == -1
			? -1
			: 1;
	} else {
		/* tokens of a box that has not come yet */
		result = set_name(registry, aside, rename->name, err);
	}
	free(aside);
	return (result);
}

/* Those of one revision from `first` on, at once; *next is behind them. */
static int
rename_revision(struct registry *registry, const struct renames *renames,
    size_t first, size_t *next, struct error *err)
{
	const struct rename *list = renames->list;
	int renamed = 0;

	for (*next = first; *next < renames->count &&
			    list[*next].revision == list[first].revision;
	     (*next)++)
		if (leave(registry, &list[*next], err) == -1)
			return (-1);
	for (size_t i = first; i < *next; i++) {
		int result = arrive(registry, &list[i], err);

		if (result == -1)
			return (-1);
		renamed += result;
	}
	return (renamed);
}

static int
rename_all(struct registry *registry, const struct renames *renames,
    int64_t done, struct error *err)
{
	size_t i = 0;
	int renamed = 0;

	registry_find_anew(registry);
	if (registry_begin(registry, err) == -1)
		return (-1);
	while (i < renames->count && renames->list[i].revision <= done)
		i++;
	while (i < renames->count) {
		int result = rename_revision(registry, renames, i, &i, err);

		if (result == -1)
			return (-1);
		renamed += result;
	}
	if (database_apply(registry->db, err, "UPDATE renamed SET revision = ?",
		"i", renames_last(renames)) == -1)
		return (-1);
	return (renamed);
}

int
registry_follow(struct registry *registry, const struct renames *renames,
    int64_t *before, struct error *err)
{
	int renamed;

	*before = registry_number(
	    database_ask(registry->db, err, "SELECT revision FROM renamed", ""),
	    err);
	if (*before >= renames_last(renames))
		return (0);
	renamed = rename_all(registry, renames, *before, err);
	if (renamed == -1)
		return (registry_fail(registry));
	return (registry_commit(registry, err) == -1 ? -1 : renamed);
}
