/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What has been made takes the place of what was there.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/rebuild.h"
#include "collector/rebuild_target.h"
#include "collector/settings.h"
#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	return (remove(path));
}

int
rebuild_remove(const char *path, struct error *err)
{
	if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) == -1 &&
	    errno != ENOENT)
		return (error_set(err, "%s: %m", path));
	return (0);
}

/* No name that somebody would give a copy of his own. */
static char *
old_path(const char *path)
{
	return (memory_print("%s.replaced", path));
}

/* Where a file system cannot exchange names: for a moment there is none of this
 * name, see rebuild_mend. */
static int
exchange_slowly(const char *made, const char *path)
{
	char *old = old_path(path);
	int result = rename(path, old);

	if (result == 0)
		result = rename(made, path);
	if (result == 0)
		result = rename(old, made);
	free(old);
	return (result);
}

static int
exchange(const char *made, const char *path)
{
	if (renameat2(AT_FDCWD, made, AT_FDCWD, path, RENAME_EXCHANGE) == 0)
		return (0);
	if (errno == ENOENT)
		return (rename(made, path));
	return (errno == EINVAL ? exchange_slowly(made, path) : -1);
}

/* All of it, or a power failure might leave empty files of the right names. */
static int
have_on_disk(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int result = fd < 0 ? -1 : syncfs(fd);

	if (fd >= 0)
		close(fd);
	return (result);
}

int
rebuild_replace(
    const struct rebuild *rebuild, const char *name, struct error *err)
{
	char *made = rebuild_new_path(rebuild, name);
	char *path = rebuild_path(rebuild, name);
	int result = have_on_disk(made) == 0 ? exchange(made, path) : -1;

	if (result == -1)
		error_set(err, "%s: %m", path);
	else
		result = rebuild_remove(made, err);
	free(path);
	free(made);
	return (result);
}

static int
mend(const char *path, const char *old, struct error *err)
{
	if (access(old, F_OK) == -1)
		return (0);
	if (access(path, F_OK) == 0)
		return (rebuild_remove(old, err));
	if (rename(old, path) == -1)
		return (error_set(err, "%s: %m", old));
	log_info("%s: is there again; a rebuild was killed while it was "
		 "replaced",
	    path);
	return (0);
}

int
rebuild_mend(const struct collector_settings *settings, struct error *err)
{
	int result = 0;

	for (size_t i = 0; rebuild_names[i] != NULL && result == 0; i++) {
		char *path =
		    collector_settings_path(settings, rebuild_names[i]);
		char *old = old_path(path);

		result = mend(path, old, err);
		free(old);
		free(path);
	}
	return (result);
}
