/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/group.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "common/memory.h"

#define PERIOD_US 100000
#define WHOLE_SHARES 1024 /* version 1: of one core */
#define WHOLE_WEIGHT 100  /* version 2 */
#define LEAST_QUOTA_US 1000
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

/* Does version 2 have the controller that is asked for? */
static bool
controls_cpu(const char *mount)
{
	char *path = memory_print("%s/cgroup.controllers", mount), word[32];
	FILE *file = fopen(path, "re");
	bool found = false;

	while (file != NULL && fscanf(file, "%31s", word) == 1)
		found |= strcmp(word, "cpu") == 0;
	if (file != NULL)
		fclose(file);
	free(path);
	return (found);
}

/* Where the cpu controller is mounted, NULL: nowhere. */
static char *
find_mount(bool *second)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *mount;
	char *found = NULL;

	while (mounts != NULL && found == NULL &&
	       (mount = getmntent(mounts)) != NULL) {
		*second = strcmp(mount->mnt_type, "cgroup2") == 0;
		if ((*second && controls_cpu(mount->mnt_dir)) ||
		    (strcmp(mount->mnt_type, "cgroup") == 0 &&
			hasmntopt(mount, "cpu") != NULL))
			found = memory_text(mount->mnt_dir);
	}
	if (mounts != NULL)
		endmntent(mounts);
	return (found);
}

int
group_make(struct group *group, struct error *err)
{
	if (mkdir(group->path, 0755) == -1)
		return (error_set(err,
		    "%s: %m; a node's share of the CPU needs a cgroup, as root",
		    group->path));
	if (!group->second)
		return (0);
	if (put(group->mount, "cgroup.subtree_control", "+cpu", err) == -1)
		return (-1);
	return (put(group->path, "cgroup.subtree_control", "+cpu", err));
}

struct group *
group_new(const char *name, struct error *err)
{
	struct group *group = memory_new(1, sizeof(*group));

	group->mount = find_mount(&group->second);
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

static long
quota(double cpu)
{
	long us = (long)(cpu * PERIOD_US);

	return (us < LEAST_QUOTA_US ? LEAST_QUOTA_US : us);
}

static long
weight(double cpu, int whole)
{
	long share = (long)(cpu * whole);

	return (share < 2 ? 2 : share);
}

static int
limit_second(const char *folder, double cpu, struct error *err)
{
	char *most = memory_print("%ld %d", quota(cpu), PERIOD_US);
	int status = put(folder, "cpu.max", most, err);

	free(most);
	return (status == -1 ? -1
			     : put_number(folder, "cpu.weight",
				   weight(cpu, WHOLE_WEIGHT), err));
}

static int
limit_first(const char *folder, double cpu, struct error *err)
{
	if (put_number(folder, "cpu.cfs_period_us", PERIOD_US, err) == -1 ||
	    put_number(folder, "cpu.cfs_quota_us", quota(cpu), err) == -1)
		return (-1);
	return (
	    put_number(folder, "cpu.shares", weight(cpu, WHOLE_SHARES), err));
}

char *
group_share(
    struct group *group, const char *node, double cpu, struct error *err)
{
	char *folder = memory_print("%s/%s", group->path, node);
	int status;

	if (mkdir(folder, 0755) == -1 && errno != EEXIST)
		status = error_set(err, "%s: %m", folder);
	else
		status = group->second ? limit_second(folder, cpu, err)
				       : limit_first(folder, cpu, err);
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
