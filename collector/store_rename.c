/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boxes have other names: bins follow in one transaction, which also says what
 * is to be moved. Then all of that leaves its old place, and when all has left,
 * arrives at the new one; so boxes may change names with each other, and what a
 * crash interrupts is taken up where it was.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/fleet.h"
#include "collector/history.h"
#include "collector/settings.h"
#include "collector/store.h"
#include "common/daemon.h"
#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"

static int
make_folder(const char *path, struct error *err)
{
	char *folder = memory_text(path);
	int result;

	*strrchr(folder, '/') = '\0';
	result = daemon_make_dir(folder, err);
	free(folder);
	return (result);
}

/* A file that is not there has gone already, or there is none. */
static int
move_file(const char *from, const char *to, struct error *err)
{
	if (access(from, F_OK) == -1 && errno == ENOENT)
		return (0);
	if (make_folder(to, err) == -1)
		return (-1);
	if (rename(from, to) == -1)
		return (error_set(err, "%s: %m", to));
	return (0);
}

/* Its folder, when it was the last. */
static void
leave_folder(const char *path)
{
	char *folder = memory_text(path);

	*strrchr(folder, '/') = '\0';
	rmdir(folder);
	free(folder);
}

static int
leave(void *arg, const struct bins_key *was, const struct bins_key *now,
    struct error *err)
{
	const struct store *store = arg;
	char *from = history_path(store->rrd, was);
	char *path = history_path(store->rrd, now);
	char *to = memory_print("%s.moving", path);
	int result = move_file(from, to, err);

	leave_folder(from);
	free(to);
	free(path);
	free(from);
	return (result);
}

static int
arrive(void *arg, const struct bins_key *was, const struct bins_key *now,
    struct error *err)
{
	const struct store *store = arg;
	char *to = history_path(store->rrd, now);
	char *from = memory_print("%s.moving", to);
	int result = move_file(from, to, err);

	free(from);
	free(to);
	return (result);
}

/* What has been moved is on disk before it is said to be. */
static int
settle(const struct store *store, struct error *err)
{
	int fd =
	    open(store->settings->state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result = fd == -1 ? -1 : syncfs(fd);

	if (result == -1)
		error_set(err, "%s: %m", store->settings->state);
	if (fd != -1)
		close(fd);
	return (result);
}

static int
move_all(struct store *store, enum bins_phase phase, struct error *err)
{
	if (phase == BINS_LEAVING &&
	    (bins_each_move(store->bins, leave, store, err) == -1 ||
		settle(store, err) == -1 ||
		bins_set_phase(store->bins, BINS_ARRIVING, err) == -1))
		return (-1);
	if (phase != BINS_MOVED &&
	    (bins_each_move(store->bins, arrive, store, err) == -1 ||
		settle(store, err) == -1 ||
		bins_set_phase(store->bins, BINS_MOVED, err) == -1))
		return (-1);
	return (0);
}

/* How many from the first on are of its revision. */
static size_t
of_one_revision(const struct rename *first, size_t most)
{
	size_t count = 1;

	while (count < most && first[count].revision == first[0].revision)
		count++;
	return (count);
}

int
store_follow(struct store *store, const struct fleet *fleet, struct error *err)
{
	const struct renames *renames = &fleet->renames;
	enum bins_phase phase;
	int64_t done;
	size_t count;

	if (bins_followed(store->bins, &done, &phase, err) == -1 ||
	    move_all(store, phase, err) == -1)
		return (-1);
	for (size_t i = 0; i < renames->count; i += count) {
		const struct rename *first = &renames->list[i];

		count = of_one_revision(first, renames->count - i);
		if (first->revision <= done)
			continue;
		if (bins_commit(
			store->bins, bins_checkpoint(store->bins), err) == -1 ||
		    bins_follow(store->bins, first, count, err) == -1 ||
		    move_all(store, BINS_LEAVING, err) == -1)
			return (-1);
		log_info("histories follow the names of revision %lld",
		    (long long)first->revision);
	}
	return (0);
}
