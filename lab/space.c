/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/space.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "common/daemon.h"
#include "common/error.h"
#include "common/memory.h"

#define OURS (CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET)
#define NET_SELF "/proc/self/ns/net"
#define RUN "/run/"

static int
put(const char *path, const char *text, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), status = 0;

	if (fd == -1 || write(fd, text, strlen(text)) == -1)
		status = error_set(err, "%s: %m", path);
	if (fd != -1)
		close(fd);
	return (status);
}

/* We are root in the new user namespace, and nobody else is anybody. */
static int
map_ids(uid_t uid, gid_t gid, struct error *err)
{
	char *users = memory_print("0 %u 1", (unsigned)uid);
	char *groups = memory_print("0 %u 1", (unsigned)gid);
	int status = put("/proc/self/setgroups", "deny", err);

	if (status == 0)
		status = put("/proc/self/uid_map", users, err);
	if (status == 0)
		status = put("/proc/self/gid_map", groups, err);
	free(users);
	free(groups);
	return (status);
}

static int
leave(struct space *space, struct error *err)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (unshare(OURS) == 0)
		return (0);
	if (errno != EPERM)
		return (error_set(err, "new namespaces: %m"));
	if (unshare(CLONE_NEWUSER | OURS) == -1)
		return (error_set(err,
		    "a lab needs root, or user namespaces, which are not "
		    "allowed here (%m): see sysctl user.max_user_namespaces "
		    "and kernel.unprivileged_userns_clone"));
	space->user = true;
	close(space->outside);
	space->outside = -1;
	return (map_ids(uid, gid, err));
}

/* The number outside is what /proc of there says. */
static pid_t
pid_outside(void)
{
	char text[32] = "";

	return (readlink("/proc/self", text, sizeof(text) - 1) == -1
		    ? 0
		    : (pid_t)strtol(text, NULL, 10));
}

static int
bind_again(const char *folder, int kept, struct error *err)
{
	char *from = memory_print("/proc/self/fd/%d", kept);
	int status = daemon_make_dir(folder, err);

	if (status == 0 && mount(from, folder, NULL, MS_BIND, NULL) == -1)
		status = error_set(err, "%s: %m", folder);
	free(from);
	return (status);
}

/* The sockets of daemons in /run are not those of another lab. */
static int
hide_run(const char *folder, struct error *err)
{
	char real[PATH_MAX];
	int kept, status = 0;

	if (realpath(folder, real) == NULL ||
	    (kept = open(real, O_PATH | O_DIRECTORY | O_CLOEXEC)) == -1)
		return (error_set(err, "%s: %m", folder));
	if (mount("pharos-lab", "/run", "tmpfs", MS_NOSUID | MS_NODEV,
		"mode=0755") == -1)
		status = error_set(err, "/run: %m");
	else if (strncmp(real, RUN, strlen(RUN)) == 0)
		status = bind_again(real, kept, err);
	close(kept);
	return (status);
}

static int
mount_all(const char *folder, struct error *err)
{
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1)
		return (error_set(err, "mounts of its own: %m"));
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		NULL) == -1)
		return (error_set(
		    err, "/proc: %m; in a container it must not be masked"));
	return (hide_run(folder, err));
}

int
space_begin(struct space *space, const char *folder, struct error *err)
{
	pid_t child;

	*space = (struct space){.home = -1};
	space->outside = open(NET_SELF, O_RDONLY | O_CLOEXEC);
	if (space->outside == -1)
		return (error_set(err, NET_SELF ": %m"));
	if (leave(space, err) == -1)
		return (-1);
	if ((child = fork()) == -1)
		return (error_set(err, "a process: %m"));
	if (child != 0)
		_exit(0);
	setsid();
	space->pid = pid_outside();
	if (mount_all(folder, err) == -1)
		return (-1);
	space->home = open(NET_SELF, O_RDONLY | O_CLOEXEC);
	return (space->home == -1 ? error_set(err, NET_SELF ": %m") : 0);
}

int
space_enter(int net, struct error *err)
{
	if (setns(net, CLONE_NEWNET) == -1)
		return (error_set(err, "network namespace: %m"));
	return (0);
}

static int
raise_loopback(struct error *err)
{
	struct ifreq request = {.ifr_name = "lo"};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), status = 0;

	request.ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING;
	if (fd == -1 || ioctl(fd, SIOCSIFFLAGS, &request) == -1)
		status = error_set(err, "lo: %m");
	if (fd != -1)
		close(fd);
	return (status);
}

int
space_net(const struct space *space, struct error *err)
{
	int net = -1;

	if (unshare(CLONE_NEWNET) == -1)
		return (error_set(err, "a new network namespace: %m; see "
				       "sysctl user.max_net_namespaces"));
	if (raise_loopback(err) == 0 &&
	    (net = open(NET_SELF, O_RDONLY | O_CLOEXEC)) == -1)
		error_set(err, NET_SELF ": %m");
	if (space_enter(space->home, err) == -1 && net != -1) {
		close(net);
		net = -1;
	}
	return (net);
}
