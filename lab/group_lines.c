/* SPDX-License-Identifier: BSD-2-Clause */
#include <mntent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "lab/group.h"

#define PERIOD_US 100000
#define LEAST_QUOTA_US 1000
#define WHOLE_SHARES 1024 /* version 1: of one core */
#define MOST_SHARES 262144
#define WHOLE_WEIGHT 100 /* version 2 */
#define MOST_WEIGHT 10000
#define LEAST_WEIGHT 2

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

char *
group_mount(const char *mounts, bool *second)
{
	FILE *table = setmntent(mounts, "re");
	struct mntent *mount;
	char *found = NULL;

	while (table != NULL && found == NULL &&
	       (mount = getmntent(table)) != NULL) {
		*second = strcmp(mount->mnt_type, "cgroup2") == 0;
		if ((*second && controls_cpu(mount->mnt_dir)) ||
		    (strcmp(mount->mnt_type, "cgroup") == 0 &&
			hasmntopt(mount, "cpu") != NULL))
			found = memory_text(mount->mnt_dir);
	}
	if (table != NULL)
		endmntent(table);
	return (found);
}

static long
quota(double cpu)
{
	long us = (long)(cpu * PERIOD_US);

	return (us < LEAST_QUOTA_US ? LEAST_QUOTA_US : us);
}

/* Of one core's, or the most for the lab. */
static long
weight(double cpu, int whole, long most)
{
	long share = (long)(cpu * whole);

	if (cpu == 0 || share > most)
		return (most);
	return (share < LEAST_WEIGHT ? LEAST_WEIGHT : share);
}

static void __attribute__((format(printf, 3, 4)))
set(struct group_line *line, const char *file, const char *fmt, ...)
{
	va_list args;

	line->file = file;
	va_start(args, fmt);
	vsnprintf(line->text, sizeof(line->text), fmt, args);
	va_end(args);
}

size_t
group_lines(
    bool second, double cpu, struct group_line lines[static GROUP_LINES])
{
	size_t count = 0;

	if (second) {
		if (cpu > 0)
			set(&lines[count++], "cpu.max", "%ld %d", quota(cpu),
			    PERIOD_US);
		set(&lines[count++], "cpu.weight", "%ld",
		    weight(cpu, WHOLE_WEIGHT, MOST_WEIGHT));
		return (count);
	}
	if (cpu > 0) {
		set(&lines[count++], "cpu.cfs_period_us", "%d", PERIOD_US);
		set(&lines[count++], "cpu.cfs_quota_us", "%ld", quota(cpu));
	}
	set(&lines[count++], "cpu.shares", "%ld",
	    weight(cpu, WHOLE_SHARES, MOST_SHARES));
	return (count);
}
