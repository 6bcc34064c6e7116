/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/lab.h"
#include "common/error.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/name.h"
#include "lab/group.h"
#include "lab/run.h"

/* Its descriptor in pharos-lab, and its share, a copy or NULL. */
static int
find_node(const char *lab, const char *node, char **share, struct error *err)
{
	json_object *status = lab_ask(lab, "/v1/lab", NULL, err), *nodes;
	const char *names[1024] = {NULL};
	char *list;
	int fd = -1;

	if (status == NULL)
		return (-1);
	if (member_array(status, "nodes", &nodes, err) == 0) {
		for (size_t i = 0; i < json_object_array_length(nodes); i++) {
			json_object *of = json_object_array_get_idx(nodes, i);

			names[i] = member_text_or(of, "name", "");
			if (strcmp(names[i], node) != 0)
				continue;
			fd = (int)member_whole_or(of, "fd", -1);
			if (member_get(of, "share") != NULL)
				*share = memory_text(
				    member_text_or(of, "share", ""));
		}
		list = name_join(names);
		if (fd == -1)
			error_set(err, "lab %s has no node %s, only %s", lab,
			    node, list);
		free(list);
	}
	json_object_put(status);
	return (fd);
}

static bool
same(const char *a, const char *b)
{
	struct stat one, other;

	return (stat(a, &one) == 0 && stat(b, &other) == 0 &&
		one.st_ino == other.st_ino && one.st_dev == other.st_dev);
}

struct door {
	const char *format; /* with the pid, or pid and net */
	const char *ours;
	int kind, fd;
};

/* All are opened before one is entered: our /proc is left with the mounts. */
static int
open_doors(
    struct door *doors, size_t count, pid_t pid, int net, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		char *path = doors[i].kind == CLONE_NEWNET
				 ? memory_print("/proc/%d/fd/%d", (int)pid, net)
				 : memory_print("/proc/%d/ns/%s", (int)pid,
				       doors[i].format);

		doors[i].fd = -1;
		if (!same(path, doors[i].ours) &&
		    (doors[i].fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
			error_set(err,
			    "%s: %m; only who started the lab may enter it",
			    path);
		free(path);
		if (doors[i].fd == -1 && doors[i].kind != CLONE_NEWUSER)
			return (-1);
	}
	return (0);
}

int
lab_enter(
    const char *lab, const char *node, struct lab_door *door, struct error *err)
{
	struct door doors[] = {
	    {"user", "/proc/self/ns/user", CLONE_NEWUSER, -1},
	    {"net", "/proc/self/ns/net", CLONE_NEWNET, -1},
	    {"pid", "/proc/self/ns/pid", CLONE_NEWPID, -1},
	    {"mnt", "/proc/self/ns/mnt", CLONE_NEWNS, -1},
	};
	size_t count = sizeof(doors) / sizeof(*doors);
	int net;

	*door = (struct lab_door){.mounts = -1};
	net = find_node(lab, node, &door->share, err);
	if (net == -1)
		return (2);
	if (open_doors(doors, count, run_pid(lab), net, err) == -1)
		return (3);
	door->mounts = doors[count - 1].fd;
	for (size_t i = 0; i < count - 1; i++)
		if (doors[i].fd != -1 &&
		    setns(doors[i].fd, doors[i].kind) == -1) {
			error_set(err,
			    "the lab's %s namespace: %m; only who started the "
			    "lab may enter it",
			    doors[i].format);
			return (3);
		}
	return (0);
}

int
lab_settle(const struct lab_door *door, struct error *err)
{
	char *here = getcwd(NULL, 0);
	int status = 0;

	/* 0 is whoever asks */
	if (door->share != NULL && group_enter(door->share, 0) == -1)
		status = error_set(err, "%s: %m", door->share);
	else if (setns(door->mounts, CLONE_NEWNS) == -1)
		status = error_set(err, "the lab's mounts: %m");
	else if (here == NULL || chdir(here) == -1)
		status = chdir("/");
	free(here);
	return (status);
}
