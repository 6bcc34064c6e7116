/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/journal_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/journal.h"
#include "common/database.h"
#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"

static const char *const beside[] = {"", "-wal", "-shm"};

#define BESIDE (sizeof(beside) / sizeof(beside[0]))

const char *const journal_steps[] = {
    "CREATE TABLE IF NOT EXISTS entry (number INTEGER PRIMARY KEY,"
    " received INTEGER NOT NULL, line BLOB NOT NULL);"
    "CREATE TABLE IF NOT EXISTS accepted (box TEXT NOT NULL,"
    " epoch TEXT NOT NULL, sequence INTEGER NOT NULL,"
    " PRIMARY KEY (box, epoch)) WITHOUT ROWID",

    /* 2: a row is several lines, packed, the last of which has its number; 0:
     * one line, as it is */
    "ALTER TABLE entry ADD COLUMN count INTEGER NOT NULL DEFAULT 0",

    /* 3: the latest end of an epoch's records, 0: it has none; NULL: there were
     * some of which it was not noted. What is behind in `forgotten` has been */
    "ALTER TABLE accepted ADD COLUMN ended INTEGER;"
    "CREATE TABLE forgotten (ended INTEGER NOT NULL)",
    NULL};

char *
journal_file(const char *dir, uint64_t first)
{
	return (memory_print("%s/%020" PRIu64 ".db", dir, first));
}

static int
by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return ((x > y) - (x < y));
}

static int
collect(DIR *dir, uint64_t **firsts)
{
	struct dirent *entry;
	int count = 0, end;

	*firsts = NULL;
	while ((entry = readdir(dir)) != NULL) {
		uint64_t first;

		if (sscanf(entry->d_name, "%20" SCNu64 ".db%n", &first, &end) !=
			1 ||
		    strlen(entry->d_name) != 23 || end != 23)
			continue;
		*firsts =
		    memory_resize(*firsts, (size_t)count + 1, sizeof(**firsts));
		(*firsts)[count++] = first;
	}
	if (count > 0)
		qsort(*firsts, (size_t)count, sizeof(**firsts), by_number);
	return (count);
}

int
journal_files(const char *path, uint64_t **firsts, struct error *err)
{
	DIR *dir = opendir(path);
	int count;

	*firsts = NULL;
	if (dir == NULL && errno == ENOENT)
		return (0);
	if (dir == NULL)
		return (error_set(err, "%s: %m", path));
	count = collect(dir, firsts);
	closedir(dir);
	return (count);
}

static int
copy_accepted(sqlite3 *db, nanoseconds since, struct error *err)
{
	if (database_apply(db, err,
		"INSERT INTO accepted SELECT * FROM before.accepted"
		" WHERE ended IS NULL OR ended >= ?",
		"i", since) == -1)
		return (-1);
	return (database_apply(db, err,
	    "INSERT INTO forgotten SELECT coalesce(max(ended), 0) FROM"
	    " (SELECT ended FROM before.forgotten UNION ALL"
	    " SELECT ended FROM before.accepted WHERE ended < ?)",
	    "i", since));
}

static int
carry_over(
    sqlite3 *db, const char *before, nanoseconds since, struct error *err)
{
	if (database_apply(db, err, "ATTACH ? AS before", "t", before) == -1 ||
	    copy_accepted(db, since, err) == -1)
		return (-1);
	return (database_run(db, "DETACH before", err));
}

int
journal_file_forgotten(sqlite3 *db, nanoseconds *forgotten, struct error *err)
{
	sqlite3_stmt *stmt =
	    database_prepare(db, "SELECT max(ended) FROM forgotten", err);
	int result = stmt == NULL ? -1 : database_step(stmt, err);

	if (result == 1)
		*forgotten = sqlite3_column_int64(stmt, 0); /* NULL is 0 */
	sqlite3_finalize(stmt);
	return (result == -1 ? -1 : 0);
}

static int
fill(const char *path, const char *before, nanoseconds since, struct error *err)
{
	sqlite3 *db = database_open_steps(path, false, journal_steps, err);
	int result = db == NULL ? -1 : 0;

	if (result == 0 && before != NULL)
		result = carry_over(db, before, since, err);
	if (result == 0)
		result = database_settle(db, err);
	database_close(db);
	return (result);
}

static int
sync_dir(const char *path, struct error *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result = fd < 0 ? -1 : fsync(fd);

	if (result == -1)
		error_set(err, "%s: %m", path);
	if (fd >= 0)
		close(fd);
	return (result);
}

int
journal_file_make(const char *dir, uint64_t first, const char *before,
    nanoseconds since, struct error *err)
{
	char *made = memory_print("%s/new", dir);
	char *path = journal_file(dir, first);
	int result;

	journal_file_unlink(made); /* of a rotation that was interrupted */
	result = fill(made, before, since, err);
	if (result == 0 && rename(made, path) == -1)
		result = error_set(err, "%s: %m", path);
	if (result == 0)
		result = sync_dir(dir, err);
	free(path);
	free(made);
	return (result);
}

/* Opening a file for writing does it. */
static int
upgrade(const char *dir, uint64_t first, struct error *err)
{
	char *path = journal_file(dir, first);
	sqlite3 *db = database_open_steps(path, false, journal_steps, err);

	database_close(db);
	free(path);
	return (db == NULL ? -1 : 0);
}

int
journal_upgrade(const char *dir, struct error *err)
{
	uint64_t *firsts;
	int count = journal_files(dir, &firsts, err), result = 0;

	if (count == -1)
		return (-1);
	for (int i = 0; i < count && result == 0; i++)
		result = upgrade(dir, firsts[i], err);
	free(firsts);
	return (result);
}

void
journal_file_unlink(const char *path)
{
	for (size_t i = 0; i < BESIDE; i++) {
		char *name = memory_print("%s%s", path, beside[i]);

		unlink(name);
		free(name);
	}
}

int64_t
journal_file_size(const char *path)
{
	int64_t size = 0;

	for (size_t i = 0; i < BESIDE; i++) {
		char *name = memory_print("%s%s", path, beside[i]);
		struct stat st;

		if (stat(name, &st) == 0)
			size += st.st_size;
		free(name);
	}
	return (size);
}

/* Behind what is there nothing is a commit: zeros are none, either. */
static int
write_zeros(int fd, int64_t from, int64_t to)
{
	static const char zeros[64 * 1024];

	while (from < to) {
		size_t some = (size_t)(to - from);
		ssize_t wrote;

		if (some > sizeof(zeros))
			some = sizeof(zeros);
		wrote = pwrite(fd, zeros, some, from);
		if (wrote <= 0)
			return (-1);
		from += wrote;
	}
	return (fsync(fd));
}

void
journal_file_room(const char *path, int64_t bytes)
{
	char *name = memory_print("%s-wal", path);
	int fd = open(name, O_WRONLY | O_CLOEXEC);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 &&
	    write_zeros(fd, st.st_size, bytes) == -1) {
		log_debug("%s: no room ahead: %m", name);
		if (ftruncate(fd, st.st_size) == -1)
			log_debug("%s: %m", name);
	}
	if (fd >= 0)
		close(fd);
	free(name);
}
