/* SPDX-License-Identifier: BSD-2-Clause */
#include <dirent.h>
#include <stdlib.h>

#include "common/daemon.h"
#include "common/error.h"
#include "common/memory.h"
#include "lab/from_config.h"

#define FILE_MOST (4 * 1024 * 1024)

static int
is_visible(const struct dirent *entry)
{
	return (entry->d_name[0] != '.');
}

/* Calls take for what is in a folder, in order. */
static int
take_router(struct from_config *from, const char *folder, const char *router,
    struct error *err)
{
	char *place = memory_print("%s/%s", folder, router);
	struct dirent **files = NULL;
	int count = scandir(place, &files, is_visible, alphasort), status = 0;

	if (count == -1)
		status = error_set(err, "%s: %m", place);
	for (int i = 0; i < count; i++) {
		char *path = memory_print("%s/%s", place, files[i]->d_name);
		size_t length;
		char *text = status == -1 ? NULL
					  : daemon_read_file(
						path, FILE_MOST, &length, err);

		if (text == NULL)
			status = -1;
		else
			status = from_config_take(
			    from, router, path, text, length, err);
		free(text);
		free(path);
		free(files[i]);
	}
	free(files);
	free(place);
	return (status);
}

int
from_config_folder(const char *folder, FILE *out, struct error *err)
{
	struct from_config *from = from_config_new();
	struct dirent **routers = NULL;
	int count = scandir(folder, &routers, is_visible, alphasort);
	int status = 0;

	if (count == -1)
		status = error_set(err, "%s: %m", folder);
	for (int i = 0; i < count; i++) {
		if (status == 0)
			status =
			    take_router(from, folder, routers[i]->d_name, err);
		free(routers[i]);
	}
	free(routers);
	if (status == 0)
		status = from_config_write(from, "imported", out, err);
	from_config_free(from);
	return (status);
}
