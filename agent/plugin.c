/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/plugin.h"

#include <dirent.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "common/place.h"

#define SUFFIX ".so"
/* everything up to here has been there from the first version on */
#define LEAST_SIZE offsetof(struct probe_ops, finish)

static bool
can_stream(const struct probe_ops *ops)
{
	return (ops->size > offsetof(struct probe_ops, interval) &&
		ops->interval != NULL && ops->finish != NULL);
}

static bool
can_respond(const struct probe_ops *ops)
{
	return (ops->respond != NULL && ops->respond_stop != NULL);
}

static int
check_ops(const struct probe_ops *ops, const char *name, struct error *err)
{
	if (ops->abi != PROBE_ABI)
		return (error_set(err,
		    "it speaks version %u of the plug-in interface, this "
		    "program version %u: compile it against the headers "
		    "installed here",
		    ops->abi, PROBE_ABI));
	if (ops->size < LEAST_SIZE)
		return (error_set(err,
		    "its table has %u bytes, expected at least %zu", ops->size,
		    LEAST_SIZE));
	if (ops->about == NULL || ops->cost == NULL || ops->start == NULL ||
	    ops->stop == NULL)
		return (error_set(
		    err, "its table lacks one of about, cost, start, stop"));
	if (manifest_check(ops->about, err) == -1)
		return (-1);
	if (ops->about->streams && !can_stream(ops))
		return (error_set(err,
		    "it says that it streams, but its table lacks one of "
		    "finish, interval"));
	if (ops->about->responder_settings != NULL && !can_respond(ops))
		return (error_set(err,
		    "it says that it needs a far end, but its table lacks one "
		    "of respond, respond_stop"));
	if (strcmp(ops->about->name, name) != 0)
		return (error_set(
		    err, "it says that its name is %s", ops->about->name));
	return (0);
}

static const struct probe_ops *
load(const char *path, const char *name, struct error *err)
{
	void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	const struct probe_ops *ops;

	if (object == NULL)
		return (error_set(err, "%s", dlerror()), NULL);
	ops = dlsym(object, "probe");
	if (ops == NULL)
		error_set(err, "%s has no symbol \"probe\"", path);
	else if (check_ops(ops, name, err) == 0)
		return (ops);
	dlclose(object);
	return (NULL);
}

const struct probe_ops *
plugin_load(const char *name, struct error *err)
{
	const struct probe_ops *ops = NULL;
	char *folder, *path;

	if (!metric_name_valid(name))
		return (error_set(err, "probe \"%.80s\": no such name", name),
		    NULL);
	folder = place_probes();
	path = memory_print("%s/%s" SUFFIX, folder, name);
	ops = load(path, name, err);
	if (ops == NULL)
		error_place(err, "probe %s", name);
	free(path);
	free(folder);
	return (ops);
}

/* "ping" of "ping.so", or NULL. */
static char *
plugin_name(const char *file)
{
	size_t length = strlen(file), suffix = strlen(SUFFIX);
	char *name;

	if (length <= suffix || strcmp(file + length - suffix, SUFFIX) != 0)
		return (NULL);
	name = memory_text(file);
	name[length - suffix] = '\0';
	if (metric_name_valid(name))
		return (name);
	free(name);
	return (NULL);
}

static int
by_name(const void *a, const void *b)
{
	return (strcmp(*(char *const *)a, *(char *const *)b));
}

char **
plugin_list(size_t *count, struct error *err)
{
	char *folder = place_probes(), **names = memory_new(1, sizeof(*names));
	DIR *dir = opendir(folder);
	struct dirent *entry;

	*count = 0;
	if (dir == NULL) {
		error_set(err, "%s: %m", folder);
		free(folder);
		free(names);
		return (NULL);
	}
	while ((entry = readdir(dir)) != NULL) {
		char *name = plugin_name(entry->d_name);

		if (name == NULL)
			continue;
		names = memory_resize(names, *count + 1, sizeof(*names));
		names[(*count)++] = name;
	}
	closedir(dir);
	free(folder);
	qsort(names, *count, sizeof(*names), by_name);
	return (names);
}
