/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/archive.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "collector/archive_file.h"
#include "common/daemon.h"
#include "common/log.h"
#include "common/memory.h"

/* The file and what SQLite keeps beside it. */
static const char *const beside[] = {"", "-wal", "-shm"};
#define BESIDE (sizeof(beside) / sizeof(beside[0]))

static char *
path_of(const char *dir, int64_t number)
{
	time_t seconds = (time_t)(number * ARCHIVE_DAY / NS_PER_S);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	return (memory_print("%s/%04d-%02d-%02d.db", dir, tm.tm_year + 1900,
	    tm.tm_mon + 1, tm.tm_mday));
}

struct archive_day *
archive_find_day(const struct archive *archive, int64_t number)
{
	for (size_t i = archive->count; i > 0; i--)
		if (archive->days[i - 1]->number == number)
			return (archive->days[i - 1]);
	return (NULL);
}

struct archive_day *
archive_newest(const struct archive *archive)
{
	return (archive->count == 0 ? NULL : archive->days[archive->count - 1]);
}

struct archive_day *
archive_add_day(struct archive *archive, int64_t number)
{
	struct archive_day *day = memory_new(1, sizeof(*day));
	size_t i;

	day->number = number;
	day->path = path_of(archive->dir, number);
	archive->days = memory_resize(
	    archive->days, archive->count + 1, sizeof(struct archive_day *));
	for (i = archive->count++; i > 0; i--) {
		if (archive->days[i - 1]->number < number)
			break;
		archive->days[i] = archive->days[i - 1];
	}
	archive->days[i] = day;
	return (day);
}

void
archive_drop_day(struct archive *archive, struct archive_day *day)
{
	size_t i = 0;

	while (archive->days[i] != day)
		i++;
	archive->count--;
	for (; i < archive->count; i++)
		archive->days[i] = archive->days[i + 1];
	archive_forget_cached(archive, day->number);
	archive_day_free(day);
}

void
archive_unlink_day(struct archive *archive, struct archive_day *day)
{
	for (size_t i = 0; i < BESIDE; i++) {
		char *path = memory_print("%s%s", day->path, beside[i]);

		if (unlink(path) == -1 && errno != ENOENT)
			log_warn("%s", path);
		free(path);
	}
	archive_drop_day(archive, day);
}

void
archive_put_aside(struct archive *archive, struct archive_day *day)
{
	char *aside = memory_print("%s.damaged", day->path);

	archive_day_close(day);
	for (size_t i = 0; i < BESIDE; i++) {
		char *from = memory_print("%s%s", day->path, beside[i]);
		char *to = memory_print("%s%s", aside, beside[i]);

		if (rename(from, to) == -1 && errno != ENOENT)
			log_warn("%s", from);
		free(from);
		free(to);
	}
	log_warnx("%s is damaged; put aside as %s, its records are no longer "
		  "found",
	    day->path, aside);
	free(aside);
	archive_drop_day(archive, day);
}

/* YYYY-MM-DD.db, as path_of writes it. */
static bool
is_day(const char *name, int64_t *number)
{
	struct tm tm = {0};
	const char *end = strptime(name, "%Y-%m-%d", &tm);

	if (strlen(name) != strlen("2026-11-21.db") || end == NULL ||
	    strcmp(end, ".db") != 0)
		return (false);
	*number = timegm(&tm) / 86400;
	return (true);
}

/* The days that there are now; a missing folder has none. */
static int
list_days(struct archive *archive, struct error *err)
{
	DIR *dir = opendir(archive->dir);
	struct dirent *entry;
	int64_t number;

	if (dir == NULL && errno == ENOENT && archive->read_only)
		return (0);
	if (dir == NULL)
		return (error_set(err, "%s: %m", archive->dir));
	while ((entry = readdir(dir)) != NULL)
		if (is_day(entry->d_name, &number) &&
		    archive_find_day(archive, number) == NULL)
			archive_add_day(archive, number);
	closedir(dir);
	for (size_t i = archive->count; i > 0; i--)
		if (access(archive->days[i - 1]->path, F_OK) == -1)
			archive_drop_day(archive, archive->days[i - 1]);
	return (0);
}

/* The newest file that can be read has the number; what the writer cannot read
 * there is put aside. 1: found, 0: try the next, -1 */
static int
look_at_newest(
    struct archive *archive, struct archive_day *day, struct error *err)
{
	bool gone;

	if (archive_day_open(archive, day->number, &gone, err) != NULL &&
	    archive_day_state(archive, day, err) == 0)
		return (1);
	if (gone || (archive->read_only && archive_path_damaged(day->path)))
		return (0);
	if (archive->read_only || !archive_path_damaged(day->path))
		return (-1);
	archive_put_aside(archive, day);
	return (0);
}

int
archive_look(struct archive *archive, struct error *err)
{
	size_t i = archive->count;

	if (archive->read_only && list_days(archive, err) == -1)
		return (-1);
	for (i = archive->count; i > 0; i--) {
		struct archive_day *day = archive->days[i - 1];
		int found = look_at_newest(archive, day, err);

		if (found == 1 && day->checkpoint > archive->checkpoint)
			archive->checkpoint = day->checkpoint;
		if (found != 0)
			return (found == 1 ? 0 : -1);
	}
	return (0);
}

struct archive *
archive_open(const char *dir, bool read_only, struct error *err)
{
	struct archive *archive = memory_new(1, sizeof(*archive));

	archive->dir = memory_text(dir);
	archive->read_only = read_only;
	if ((read_only || daemon_make_dir(dir, err) == 0) &&
	    list_days(archive, err) == 0 && archive_look(archive, err) == 0)
		return (archive);
	archive_free(archive);
	return (NULL);
}

void
archive_free(struct archive *archive)
{
	if (archive == NULL)
		return;
	archive_job_drop(archive);
	archive_pending_free(archive->pending);
	archive_sizes_free(archive->sizes);
	for (size_t i = 0; i < archive->count; i++)
		archive_day_free(archive->days[i]);
	for (size_t i = 0; i < ARCHIVE_CACHED; i++)
		free(archive->cached[i].text);
	free(archive->days);
	free(archive->dir);
	free(archive);
}

uint64_t
archive_checkpoint(const struct archive *archive)
{
	return (archive->checkpoint);
}

void
archive_begin_at(struct archive *archive, uint64_t number)
{
	if (number > archive->checkpoint + 1)
		archive->checkpoint = number - 1;
}
