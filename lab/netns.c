/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/netns.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "common/error.h"
#include "common/log.h"

#define OURS "/proc/thread-self/ns/net"

int
netns_open(const char *path, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return (fd != -1 ? fd : error_set(err, "%s: %m", path));
}

/* To be in the wrong network would be worse than not to go on. */
static void
go_back(int ours)
{
	if (setns(ours, CLONE_NEWNET) == -1)
		log_fatal("%s: cannot come back: %m", OURS);
	close(ours);
}

int
netns_new(struct error *err)
{
	int ours = netns_open(OURS, err), made;

	if (ours == -1)
		return (-1);
	if (unshare(CLONE_NEWNET) == -1) {
		close(ours);
		return (error_set(
		    err, "a network namespace: %m, expected CAP_SYS_ADMIN"));
	}
	made = netns_open(OURS, err);
	go_back(ours);
	return (made);
}

int
netns_call(int netns, int (*call)(void *arg, struct error *err), void *arg,
    struct error *err)
{
	int ours = netns_open(OURS, err), result;

	if (ours == -1)
		return (-1);
	if (setns(netns, CLONE_NEWNET) == -1) {
		close(ours);
		return (error_set(err, "entering a network namespace: %m"));
	}
	result = call(arg, err);
	go_back(ours);
	return (result);
}
