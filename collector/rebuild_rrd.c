/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/fleet.h"
#include "collector/history.h"
#include "collector/rebuild_target.h"
#include "common/daemon.h"
#include "common/error.h"
#include "common/memory.h"

#define AT_ONCE 2000 /* bins in one update */

/* A history on its way; the lane's own. */
struct making {
	char *path;                    /* in the new folder */
	struct history_update *update; /* NULL: nothing waits */
	size_t bins;                   /* in it */
	bool kept; /* the file is there with the rows of before reach */
};

static int
begin(struct rebuild *rebuild, struct error *err)
{
	char *path = rebuild_new_path(rebuild, "rrd");
	int result = rebuild_remove(path, err);

	if (result == 0)
		result = daemon_make_dir(path, err);
	free(path);
	return (result);
}

static nanoseconds
since(const struct rebuild *rebuild)
{
	return (0);
}

/* The same file in the new folder: 1, 0: there is none, or it is there, -1. */
static int
take_over(const char *from, const char *to, struct error *err)
{
	char *folder = memory_text(to);
	int result;

	*strrchr(folder, '/') = '\0';
	result = daemon_make_dir(folder, err);
	free(folder);
	if (result == -1)
		return (-1);
	if (link(from, to) == 0)
		return (1);
	if (errno == ENOENT || errno == EEXIST)
		return (0);
	return (error_set(err, "%s: %m", to));
}

static int
lane_begin(struct lane *lane, struct error *err)
{
	struct making *making = memory_new(1, sizeof(*making));
	char *old = rebuild_path(lane->rebuild, "rrd");
	char *made = rebuild_new_path(lane->rebuild, "rrd");
	char *from = history_path(old, &lane->key);
	int taken;

	making->path = history_path(made, &lane->key);
	lane->own = making;
	taken = take_over(from, making->path, err);
	making->kept = taken == 1;
	free(from);
	free(made);
	free(old);
	return (taken == -1 ? -1 : 0);
}

static int
write_out(struct lane *lane, struct error *err)
{
	struct making *making = lane->own;
	struct history_update *update = making->update;

	making->update = NULL;
	making->bins = 0;
	if (update == NULL)
		return (0);
	if (!making->kept)
		return (history_update_append(update, err));
	making->kept = false; /* from here on it is ours */
	return (history_update_rebuild(update, lane->reach, err));
}

static int
take_bin(struct lane *lane, const struct bin *bin, struct error *err)
{
	struct making *making = lane->own;

	if (bin->key.start >= lane->standing.flushed)
		return (0);
	if (making->kept && bin->key.start < lane->reach)
		return (0);
	if (making->update == NULL)
		making->update = history_update_new(
		    making->path, lane->test->manifest, lane->step);
	history_update_add(making->update, bin->key.start, bin->bundle);
	return (++making->bins < AT_ONCE ? 0 : write_out(lane, err));
}

static int
lane_end(struct lane *lane, struct error *err)
{
	struct making *making = lane->own;
	int result = write_out(lane, err);

	history_update_free(making->update);
	free(making->path);
	free(making);
	return (result);
}

/* nftw has no argument. */
static struct {
	struct rebuild *rebuild;
	const char *from, *to;
	struct error *err;
} walk;

static int
keep_file(const char *path, const struct stat *st, int type, struct FTW *where)
{
	char *to;
	int taken;

	if (type != FTW_F)
		return (0);
	to = memory_print("%s%s", walk.to, path + strlen(walk.from));
	taken = take_over(path, to, walk.err);
	free(to);
	walk.rebuild->kept += taken == 1;
	return (taken == -1 ? -1 : 0);
}

/* What no record went by of stays. */
static int
end(struct rebuild *rebuild, struct error *err)
{
	char *from = rebuild_path(rebuild, "rrd");
	char *to = rebuild_new_path(rebuild, "rrd");
	int result = 0;

	walk.rebuild = rebuild;
	walk.from = from;
	walk.to = to;
	walk.err = err;
	if (access(from, F_OK) == 0)
		result = nftw(from, keep_file, 16, FTW_PHYS);
	free(to);
	free(from);
	return (result == 0 ? rebuild_replace(rebuild, "rrd", err) : -1);
}

const struct rebuild_target rebuild_rrd = {
    .name = "rrd",
    .begin = begin,
    .since = since,
    .lane_begin = lane_begin,
    .bin = take_bin,
    .lane_end = lane_end,
    .end = end,
};
