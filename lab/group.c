/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/group.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "common/memory.h"

#define PERIOD_US 100000 /* of real-time priority */
#define MOUNTS "/proc/self/mounts"
#define REMOVE_TRIES 200
#define REMOVE_MS 10

struct group {
	char *mount, *path;
	bool second; /* version 2 */
};

static int
put(const char *folder, const char *file, const char *text, struct error *err)
{
	char *path = memory_print("%s/%s", folder, file);
	int fd = open(path, O_WRONLY | O_CLOEXEC), status = 0;

	if (fd == -1 || write(fd, text, strlen(text)) == -1)
		status = error_set(err, "%s: %m", path);
	if (fd != -1)
		close(fd);
	free(path);
	return (status);
}

static int
put_number(const char *folder, const char *file, long value, struct error *err)
{
	char *text = memory_print("%ld", value);
	int status = put(folder, file, text, err);

	free(text);
	return (status);
}

static int
tell(const struct group *group, const char *folder, double cpu,
    struct error *err)
{
	struct group_line lines[GROUP_LINES];
	size_t count = group_lines(group->second, cpu, lines);

	for (size_t i = 0; i < count; i++)
		if (put(folder, lines[i].file, lines[i].text, err) == -1)
			return (-1);
	return (0);
}

/* Version 2 has the controller only where it is handed on. */
static int
hand_on(const struct group *group, struct error *err)
{
	const char *const folders[] = {group->mount, group->path};
	struct error why;

	for (size_t i = 0; group->second && i < 2; i++)
		if (put(folders[i], "cgroup.subtree_control", "+cpu", &why) ==
		    -1)
			return (error_set(err,
			    "%s; shares of the CPU need a cgroup without "
			    "processes of its own, as the host's root is",
			    why.text));
	return (0);
}

int
group_make(struct group *group, struct error *err)
{
	if (mkdir(group->path, 0755) == -1)
		return (error_set(err,
		    "%s: %m; a node's share of the CPU needs a cgroup, as root",
		    group->path));
	if (hand_on(group, err) == -1)
		return (-1);
	return (tell(group, group->path, 0, err));
}

struct group *
group_new(const char *name, struct error *err)
{
	struct group *group = memory_new(1, sizeof(*group));

	group->mount = group_mount(MOUNTS, &group->second);
	if (group->mount != NULL) {
		group->path = memory_print("%s/%s", group->mount, name);
		return (group);
	}
	error_set(err, "no cgroup with the cpu controller is mounted; without "
		       "it no node can have \"cpu\"");
	group_free(group);
	return (NULL);
}

void
group_free(struct group *group)
{
	if (group == NULL)
		return;
	free(group->mount);
	free(group->path);
	free(group);
}

const char *
group_path(const struct group *group)
{
	return (group->path);
}

char *
group_share(
    struct group *group, const char *node, double cpu, struct error *err)
{
	char *folder = memory_print("%s/node-%s", group->path, node);
	int status;

	if (mkdir(folder, 0755) == -1 && errno != EEXIST)
		status = error_set(err, "%s: %m", folder);
	else
		status = tell(group, folder, cpu, err);
	if (status == 0)
		return (folder);
	free(folder);
	return (NULL);
}

/* Version 2 has no such limit, but takes processes only at its leaves. */
char *
group_realtime(struct group *group, struct error *err)
{
	char *folder = memory_print("%s/.realtime", group->path);

	if (mkdir(folder, 0755) == -1 && errno != EEXIST) {
		error_set(err, "%s: %m", folder);
	} else if (group->second ||
		   (put_number(group->path, "cpu.rt_runtime_us", PERIOD_US,
			err) == 0 &&
		       put_number(
			   folder, "cpu.rt_runtime_us", PERIOD_US, err) == 0)) {
		return (folder);
	}
	free(folder);
	return (NULL);
}

int
group_enter(const char *share, pid_t pid)
{
	return (put_number(share, "cgroup.procs", (long)pid, NULL));
}

/* Its processes have been killed, and need a moment to go. */
static int
remove_empty(const char *path)
{
	for (int tries = 0; rmdir(path) == -1; tries++) {
		if (errno == ENOENT)
			return (0);
		if (errno != EBUSY || tries == REMOVE_TRIES)
			return (-1);
		poll(NULL, 0, REMOVE_MS);
	}
	return (0);
}

static void
remove_inner(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		char *inner = memory_print("%s/%s", path, entry->d_name);

		if (entry->d_type == DT_DIR &&
		    strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			remove_empty(inner);
		free(inner);
	}
	if (dir != NULL)
		closedir(dir);
}

int
group_remove(const char *path, struct error *err)
{
	remove_inner(path);
	if (remove_empty(path) == -1)
		return (error_set(err, "%s: %m", path));
	return (0);
}
