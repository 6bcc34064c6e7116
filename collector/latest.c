/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/latest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/fleet.h"
#include "collector/latest_file.h"
#include "common/daemon.h"
#include "common/error.h"
#include "common/hash.h"
#include "common/log.h"
#include "common/manifest.h"
#include "common/memory.h"

#define VERSION 2

static const char magic[8] = "pharosL\n";

const char *const latest_window_names[LATEST_WINDOWS] = {
    [LATEST_LAST] = "last",
    [LATEST_5M] = "5m",
    [LATEST_1H] = "1h",
};

const nanoseconds latest_window_spans[LATEST_WINDOWS] = {
    [LATEST_LAST] = 0,
    [LATEST_5M] = 300 * NS_PER_S,
    [LATEST_1H] = 3600 * NS_PER_S,
};

static void
find_columns(struct latest *latest, const struct manifest *manifest)
{
	for (const struct metric *m = manifest->metrics; m->name != NULL; m++) {
		const char *const *stat = bundle_stats(manifest, m->name);

		for (; *stat != NULL; stat++) {
			latest->columns = memory_resize(latest->columns,
			    latest->count + 1, sizeof(*latest->columns));
			latest->columns[latest->count++] =
			    (struct latest_column){m->name, *stat};
		}
	}
}

static void
write_axis(
    FILE *out, const struct fleet *fleet, const size_t *ends, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s\n", fleet->ends[ends[i]].name);
	fprintf(out, "\n");
}

/* Who and what is where: files of one digest are read alike. */
static void
make_digest(const struct latest *latest, const struct fleet *fleet,
    const struct fleet_test *test, uint8_t digest[static HASH_SIZE])
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	fprintf(out, "%s\n", test->name);
	write_axis(out, fleet, test->sources, test->source_count);
	write_axis(out, fleet, test->destinations, test->destination_count);
	for (size_t i = 0; i < latest->count; i++)
		fprintf(out, "%s %s\n", latest->columns[i].metric,
		    latest->columns[i].stat);
	fclose(out);
	hash_sha256(text, length, digest);
	free(text);
}

static struct latest *
describe(const char *dir, const struct fleet_test *test)
{
	struct latest *latest = memory_new(1, sizeof(*latest));
	size_t planes;

	latest->path = memory_print("%s/%s", dir, test->name);
	latest->sources = test->source_count;
	latest->destinations = test->destination_count;
	latest->cells = latest->sources * latest->destinations;
	find_columns(latest, test->manifest);
	planes = 2 + LATEST_WINDOWS * (1 + latest->count);
	latest->size = sizeof(struct latest_header) +
		       planes * latest->cells * sizeof(double);
	return (latest);
}

void
latest_free(struct latest *latest)
{
	if (latest == NULL)
		return;
	if (latest->header != NULL)
		munmap(latest->header, latest->size);
	free(latest->columns);
	free(latest->path);
	free(latest);
}

static int
map(struct latest *latest, int fd, int protection, struct error *err)
{
	struct stat st;
	void *at;

	if (fstat(fd, &st) == -1)
		return (error_set(err, "%s: %m", latest->path));
	if ((size_t)st.st_size != latest->size)
		return (error_set(err, "%s: of another shape", latest->path));
	at = mmap(NULL, latest->size, protection, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		return (error_set(err, "%s: %m", latest->path));
	latest->header = at;
	latest->inode = st.st_ino;
	return (0);
}

static int
check(const struct latest *latest, const uint8_t digest[static HASH_SIZE],
    struct error *err)
{
	const struct latest_header *header = latest->header;

	if (memcmp(header->magic, magic, sizeof(magic)) == 0 &&
	    header->version == VERSION &&
	    memcmp(header->digest, digest, HASH_SIZE) == 0)
		return (0);
	return (error_set(err, "%s: of another shape", latest->path));
}

static int
open_file(struct latest *latest, bool write,
    const uint8_t digest[static HASH_SIZE], struct error *err)
{
	int fd = open(latest->path, (write ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	int result;

	if (fd == -1)
		return (error_set(err, "%s: %m", latest->path));
	result =
	    map(latest, fd, write ? PROT_READ | PROT_WRITE : PROT_READ, err);
	close(fd);
	return (result == 0 ? check(latest, digest, err) : -1);
}

static int
fill_file(struct latest *latest, int fd, const uint8_t digest[static HASH_SIZE],
    struct error *err)
{
	if (posix_fallocate(fd, 0, (off_t)latest->size) != 0)
		return (error_set(err, "%s: no room for %zu bytes",
		    latest->path, latest->size));
	if (map(latest, fd, PROT_READ | PROT_WRITE, err) == -1)
		return (-1);
	memcpy(latest->header->magic, magic, sizeof(magic));
	latest->header->version = VERSION;
	memcpy(latest->header->digest, digest, HASH_SIZE);
	return (0);
}

/* A new file, empty: a weight of 0 makes the rest of a cell void. */
static int
make_file(struct latest *latest, const uint8_t digest[static HASH_SIZE],
    struct error *err)
{
	char *path = memory_print("%s.new", latest->path);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	int result;

	if (fd == -1) {
		result = error_set(err, "%s: %m", path);
	} else {
		result = fill_file(latest, fd, digest, err);
		close(fd);
	}
	if (result == 0 && rename(path, latest->path) == -1)
		result = error_set(err, "%s: %m", latest->path);
	free(path);
	return (result);
}

struct latest *
latest_create(const char *dir, const struct fleet *fleet,
    const struct fleet_test *test, bool *made, struct error *err)
{
	struct latest *latest = describe(dir, test);
	uint8_t digest[HASH_SIZE];

	make_digest(latest, fleet, test, digest);
	*made = false;
	if (open_file(latest, true, digest, NULL) == 0 &&
	    atomic_load(&latest->header->sequence) % 2 == 0)
		return (latest);
	if (latest->header != NULL)
		munmap(latest->header, latest->size);
	latest->header = NULL;
	*made = true;
	if (daemon_make_dir(dir, err) == 0 &&
	    make_file(latest, digest, err) == 0)
		return (latest);
	latest_free(latest);
	return (NULL);
}

void
latest_forget(const char *dir, const struct fleet *fleet)
{
	DIR *folder = opendir(dir);
	struct dirent *entry;

	while (folder != NULL && (entry = readdir(folder)) != NULL)
		if (entry->d_name[0] != '.' &&
		    fleet_test(fleet, entry->d_name) == NULL &&
		    unlinkat(dirfd(folder), entry->d_name, 0) == -1 &&
		    errno != ENOENT)
			log_warn("%s/%s", dir, entry->d_name);
	if (folder != NULL)
		closedir(folder);
}

struct latest *
latest_open(const char *dir, const struct fleet *fleet,
    const struct fleet_test *test, struct error *err)
{
	struct latest *latest = describe(dir, test);
	uint8_t digest[HASH_SIZE];

	make_digest(latest, fleet, test, digest);
	if (open_file(latest, false, digest, err) == 0)
		return (latest);
	latest_free(latest);
	return (NULL);
}

bool
latest_is_replaced(const struct latest *latest)
{
	struct stat st;

	return (stat(latest->path, &st) == -1 || st.st_ino != latest->inode);
}
