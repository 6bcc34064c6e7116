/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/log.h"
#include "common/memory.h"

int
folder_make(void **state)
{
	const char *tmp = getenv("TMPDIR");
	char *dir =
	    memory_print("%s/pharos-XXXXXX", tmp != NULL ? tmp : "/tmp");

	*state = dir;
	return (mkdtemp(dir) != NULL ? 0 : -1);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	return (remove(path));
}

int
folder_remove(void **state)
{
	int result = nftw(*state, remove_one, 16, FTW_DEPTH | FTW_PHYS);

	free(*state);
	return (result);
}

char *
folder_path(void **state, const char *name)
{
	return (memory_print("%s/%s", (const char *)*state, name));
}

void
folder_limit_files(rlim_t bytes)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_FSIZE, &limit) == -1)
		log_fatal("getrlimit: %m");
	limit.rlim_cur = bytes;
	if (setrlimit(RLIMIT_FSIZE, &limit) == -1)
		log_fatal("setrlimit: %m");
}
