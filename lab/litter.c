/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/litter.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

#include "common/error.h"

#define OPEN_FOLDERS 16

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	return (remove(path) == -1 && errno != ENOENT ? -1 : 0);
}

int
litter_remove(const char *folder, struct error *err)
{
	if (nftw(folder, remove_one, OPEN_FOLDERS,
		FTW_DEPTH | FTW_PHYS | FTW_MOUNT) == -1 &&
	    errno != ENOENT)
		return (error_set(err, "%s: %m", folder));
	return (0);
}
