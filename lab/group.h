/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * group.h - a lab's cgroup: how much of a core each node may have.
 *
 * One folder for the lab with one in it for each node that has a share, in the
 * hierarchy that has the cpu controller: version 2 (cpu.max, cpu.weight) or 1
 * (cpu.cfs_quota_us, cpu.shares). The lab's own has the most weight there is: its
 * nodes have their shares however busy the machine is, and no more than that.
 * Folders go when their processes have gone.
 */
#ifndef PHAROS_LAB_GROUP_H
#define PHAROS_LAB_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct error;
struct group;

/* name is unique on the machine. Nothing is made yet, so that its path can be
 * noted first: what is made then is found whatever happens. NULL: there is no
 * cpu controller. */
struct group *group_new(const char *name, struct error *err);
int group_make(struct group *group, struct error *err);
/* Where a table of mounts, such as /proc/self/mounts, has the cpu controller, and
 * is it version 2? NULL: nowhere; the caller's to free. */
char *group_mount(const char *mounts, bool *second);
/* A file of a folder and what is written to it, in this order. */
struct group_line {
	const char *file;
	char text[32];
};
#define GROUP_LINES 3
/* For so many cores, or, 0, for the lab's own folder. How many there are. */
size_t group_lines(
    bool second, double cpu, struct group_line lines[static GROUP_LINES]);
void group_free(struct group *group);              /* leaves it; NULL is fine */
const char *group_path(const struct group *group); /* for group_remove */
/* A folder for a node with cpu cores (0.2: a fifth of one) reserved and no more
 * than that: what group_enter takes, the caller's to free. NULL: err. */
char *group_share(
    struct group *group, const char *node, double cpu, struct error *err);
/* The lab's own folder, made such that real-time priority is allowed in it. */
char *group_realtime(struct group *group, struct error *err);
/* pid 0: this process. -1: errno */
int group_enter(const char *share, pid_t pid);
/* The folder and those in it, once empty; waits for that. None: fine. */
int group_remove(const char *path, struct error *err);

#endif
