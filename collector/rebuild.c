/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/rebuild.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/archive.h"
#include "collector/board.h"
#include "collector/fleet.h"
#include "collector/rebuild_target.h"
#include "collector/rollup.h"
#include "collector/settings.h"
#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/tree.h"

#define BREATHS 500 /* to a transaction */

const char *const rebuild_names[] = {"rrd", "rollup", "latest", NULL};

static const struct rebuild_target *const targets[] = {
    &rebuild_rrd, &rebuild_rollup, &rebuild_latest};

char *
rebuild_path(const struct rebuild *rebuild, const char *name)
{
	return (collector_settings_path(rebuild->settings, name));
}

char *
rebuild_new_path(const struct rebuild *rebuild, const char *name)
{
	return (memory_print("%s/%s.new", rebuild->settings->state, name));
}

int
rebuild_breathe(struct rebuild *rebuild, struct error *err)
{
	if (++rebuild->breaths % BREATHS != 0)
		return (0);
	return (
	    bins_commit(rebuild->bins, bins_checkpoint(rebuild->bins), err));
}

static const struct rebuild_target *
find_target(const char *name)
{
	for (size_t i = 0; rebuild_names[i] != NULL; i++)
		if (strcmp(rebuild_names[i], name) == 0)
			return (targets[i]);
	return (NULL);
}

/* The midnight from which on the archive has all that came: 0 when it still has
 * the day on which everything began, else that of its oldest file, or behind the
 * time when there was no archive yet. */
static nanoseconds
reach_of(const struct bins *bins, nanoseconds oldest)
{
	nanoseconds archived = bins_archived(bins);

	if (archived == 0 && oldest <= bins_made(bins))
		return (0);
	if (archived > oldest)
		return ((archived / ROLLUP_DAY + 1) * ROLLUP_DAY);
	return (oldest);
}

static int
find_reach(struct rebuild *rebuild, struct error *err)
{
	char *path = rebuild_path(rebuild, "archive"), oldest[11] = "";
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (strlen(entry->d_name) == 13 &&
		    strcmp(entry->d_name + 10, ".db") == 0 &&
		    (oldest[0] == '\0' ||
			strncmp(entry->d_name, oldest, 10) < 0))
			memcpy(oldest, entry->d_name, 10);
	if (dir != NULL)
		closedir(dir);
	if (oldest[0] == '\0')
		error_set(err,
		    "%s: no records; there is nothing to rebuild from", path);
	free(path);
	if (oldest[0] == '\0' ||
	    clock_parse(oldest, 0, &rebuild->reach, err) == -1)
		return (-1);
	rebuild->reach = reach_of(rebuild->bins, rebuild->reach);
	return (0);
}

/* With what SQLite has beside it: that would be taken for the new one's. */
static int
put_aside(const char *path, struct error *err)
{
	static const char *const ends[] = {"-wal", "-shm", ""};
	int result = 0;

	for (size_t i = 0; i < 3 && result == 0; i++) {
		char *from = memory_print("%s%s", path, ends[i]);
		char *to = memory_print("%s.damaged%s", path, ends[i]);

		if (rename(from, to) == -1 && errno != ENOENT)
			result = error_set(err, "%s: %m", to);
		free(to);
		free(from);
	}
	return (result);
}

/* What cannot be read is put aside: only to make bins anew. */
static int
open_bins(struct rebuild *rebuild, const char *path, struct error *err)
{
	rebuild->bins = bins_open(path, false, err);
	if (rebuild->bins == NULL && rebuild->target == &rebuild_latest) {
		log_warnx("%s; it is kept as %s.damaged", err->text, path);
		if (put_aside(path, err) == 0)
			rebuild->bins = bins_open(path, false, err);
	}
	return (rebuild->bins != NULL ? 0 : -1);
}

static int
open_files(struct rebuild *rebuild, struct error *err)
{
	char *fleet = rebuild_path(rebuild, "fleet.json");
	char *bins = rebuild_path(rebuild, "bins.db");
	char *archive = rebuild_path(rebuild, "archive");
	int result = -1;

	rebuild->fleet = fleet_load(fleet, err);
	if (rebuild->fleet != NULL && open_bins(rebuild, bins, err) == 0)
		rebuild->archive = archive_open(archive, true, err);
	if (rebuild->archive != NULL)
		result = find_reach(rebuild, err);
	free(archive);
	free(bins);
	free(fleet);
	return (result);
}

/* The archive must have what the bins have, and no more. */
static int
check(const struct rebuild *rebuild, struct error *err)
{
	uint64_t mine = bins_checkpoint(rebuild->bins);
	uint64_t its = archive_checkpoint(rebuild->archive);

	if (mine == its || (mine == 0 && rebuild->target == &rebuild_latest))
		return (0);
	return (error_set(err,
	    "the archive has records up to number %" PRIu64
	    ", the bins up to %" PRIu64 "; start the collector, let it take "
	    "what is in its journal, and stop it",
	    its, mine));
}

/* What is half made would only take up room, of which there may be none. */
static void
clear_away(const struct rebuild *rebuild)
{
	char *made = rebuild_new_path(rebuild, rebuild->target->name);
	struct error err;

	if (rebuild_remove(made, &err) == -1)
		log_warnx("%s", err.text);
	free(made);
}

static int
make(struct rebuild *rebuild, struct error *err)
{
	if (check(rebuild, err) == -1)
		return (-1);
	if (rebuild->target->begin(rebuild, err) == -1 ||
	    rebuild_stream(rebuild, err) == -1 ||
	    rebuild->target->end(rebuild, err) == -1) {
		clear_away(rebuild);
		return (-1);
	}
	printf("%s: %" PRIu64 " pairs made of %" PRIu64 " records",
	    rebuild->target->name, rebuild->pairs, rebuild->records);
	if (rebuild->kept > 0)
		printf("; %" PRIu64 " kept as they were", rebuild->kept);
	printf("\n");
	return (0);
}

static void
close_files(struct rebuild *rebuild)
{
	board_free(rebuild->board);
	archive_free(rebuild->archive);
	bins_free(rebuild->bins);
	fleet_free(rebuild->fleet);
	tree_free(rebuild->tree);
}

/* Is the journal to be emptied first? Only for latest it may be that there are no
 * bins to go on with, or new ones without an end that another rebuild left. -1:
 * the bins cannot be read, by others. */
static int
look_at_bins(const struct collector_settings *settings,
    const struct rebuild_target *t, struct error *err)
{
	char *path = collector_settings_path(settings, "bins.db");
	int result = t != &rebuild_latest;
	struct bins *bins = NULL;
	struct error why;

	if (access(path, F_OK) == 0 &&
	    (bins = bins_open(path, false, &why)) == NULL && result == 1)
		result = error_set(err,
		    "%s; if it is damaged, run pharos-collectord rebuild "
		    "latest first, which makes another",
		    why.text);
	if (bins != NULL && bins_checkpoint(bins) > 0)
		result = 1;
	free(path);
	bins_free(bins);
	return (result);
}

int
rebuild_run(const struct collector_settings *settings, const char *name,
    struct error *err)
{
	struct rebuild rebuild = {.settings = settings,
	    .target = find_target(name),
	    .tree = tree_new()};
	int result;

	assert(rebuild.target != NULL);
	result = look_at_bins(settings, rebuild.target, err);
	if (result == 1)
		result = rebuild_catch_up(settings, err);
	if (result == 0)
		result = open_files(&rebuild, err);
	if (result == 0)
		result = make(&rebuild, err);
	close_files(&rebuild);
	return (result);
}
