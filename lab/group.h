/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * group.h - a lab's cgroup: how much of a core each node may have.
 *
 * One folder for the lab with one in it for each node that has a share, in the
 * hierarchy that has the cpu controller: version 2 (cpu.max, cpu.weight) or 1
 * (cpu.cfs_quota_us, cpu.shares). Folders go when their processes have gone.
 */
#ifndef PHAROS_LAB_GROUP_H
#define PHAROS_LAB_GROUP_H

#include <sys/types.h>

struct error;
struct group;

/* name is unique on the machine. Nothing is made yet, so that its path can be
 * noted first: what is made then is found whatever happens. NULL: there is no
 * cpu controller. */
struct group *group_new(const char *name, struct error *err);
int group_make(struct group *group, struct error *err);
void group_free(struct group *group);              /* leaves it; NULL is fine */
const char *group_path(const struct group *group); /* for group_remove */
/* A folder for a node with cpu cores (0.2: a fifth of one) reserved and no more
 * than that: what group_enter takes, the caller's to free. NULL: err. */
char *group_share(
    struct group *group, const char *node, double cpu, struct error *err);
/* The lab's own folder, made such that real-time priority is allowed in it. */
char *group_realtime(struct group *group, struct error *err);
int group_enter(const char *share, pid_t pid); /* errno */
/* The folder and those in it, once empty; waits for that. None: fine. */
int group_remove(const char *path, struct error *err);

#endif
