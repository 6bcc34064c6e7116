/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/run.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/daemon.h"
#include "common/error.h"
#include "common/memory.h"
#include "lab/group.h"
#include "lab/litter.h"

#define STEP_MS 5
#define END_MS 10000 /* a killed lab's processes take so long at most */

static char *
run_root(void)
{
	const char *named = getenv("PHAROS_LAB"),
		   *xdg = getenv("XDG_RUNTIME_DIR");

	if (named != NULL && named[0] != '\0')
		return (memory_text(named));
	if (geteuid() == 0)
		return (memory_text("/run/pharos/lab"));
	if (xdg != NULL && xdg[0] == '/')
		return (memory_print("%s/pharos/lab", xdg));
	return (memory_print("/tmp/pharos-%u/lab", (unsigned)geteuid()));
}

char *
run_folder(const char *name)
{
	char *root = run_root();
	char *folder = memory_print("%s/%s", root, name);

	free(root);
	return (folder);
}

char *
run_path(const char *name, const char *file)
{
	char *folder = run_folder(name);
	char *path = memory_print("%s/%s", folder, file);

	free(folder);
	return (path);
}

static int
compare(const void *a, const void *b)
{
	return (strcmp(*(char *const *)a, *(char *const *)b));
}

char **
run_names(void)
{
	char *root = run_root(), **names = memory_new(1, sizeof(*names));
	DIR *dir = opendir(root);
	struct dirent *entry;
	size_t count = 0;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		names = memory_resize(names, count + 2, sizeof(*names));
		names[count++] = memory_text(entry->d_name);
	}
	names[count] = NULL;
	qsort(names, count, sizeof(*names), compare);
	if (dir != NULL)
		closedir(dir);
	free(root);
	return (names);
}

void
run_free_names(char **names)
{
	for (size_t i = 0; names[i] != NULL; i++)
		free(names[i]);
	free(names);
}

bool
run_alive(const char *name)
{
	char *path = run_path(name, "lock");
	int fd = open(path, O_RDWR | O_CLOEXEC);
	bool alive = fd != -1 && flock(fd, LOCK_EX | LOCK_NB) == -1 &&
		     errno == EWOULDBLOCK;

	if (fd != -1)
		close(fd);
	free(path);
	return (alive);
}

static char *
read_line(const char *name, const char *file)
{
	char *path = run_path(name, file);
	char *text = daemon_read_file(path, 4096, NULL, NULL);

	if (text != NULL)
		text[strcspn(text, "\n")] = '\0';
	free(path);
	return (text);
}

pid_t
run_pid(const char *name)
{
	char *text = read_line(name, "pid");
	pid_t pid = text == NULL ? 0 : (pid_t)strtol(text, NULL, 10);

	free(text);
	return (pid);
}

int
run_prepare(const char *name, struct error *err)
{
	char *folder = run_folder(name);
	int status = 0;

	if (run_alive(name))
		status = error_set(err,
		    "lab %s is up already; pharos lab down %s ends it, --name "
		    "gives this one another name",
		    name, name);
	if (status == 0)
		status = run_clear(name, err);
	if (status == 0)
		status = daemon_make_dir(folder, err);
	free(folder);
	return (status);
}

int
run_claim(const char *name, struct error *err)
{
	char *path = run_path(name, "lock");
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);

	if (fd == -1) {
		error_set(err, "%s: %m", path);
	} else if (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		error_set(err, "lab %s is up already", name);
		close(fd);
		fd = -1;
	}
	free(path);
	return (fd);
}

/* One that has just begun notes its pid right after it has the lock. */
static pid_t
noted_pid(const char *name)
{
	pid_t pid;

	while ((pid = run_pid(name)) == 0 && run_alive(name))
		poll(NULL, 0, STEP_MS);
	return (pid);
}

/* The lab's init process as a descriptor; -1: it is gone. Its lock goes before
 * its namespace is empty, so that is no sign; a pid may be another's by now. */
static int
open_process(const char *name)
{
	pid_t pid = noted_pid(name);
	char *path = memory_print("/proc/%d/comm", (int)pid), *comm;
	int fd = pid > 0 ? pidfd_open(pid, 0) : -1;

	comm = fd == -1 ? NULL : daemon_read_file(path, 64, NULL, NULL);
	if (fd != -1 && (comm == NULL || strcmp(comm, "pharos-lab\n") != 0)) {
		close(fd);
		fd = -1;
	}
	free(comm);
	free(path);
	return (fd);
}

bool
run_wait(const char *name, int ms)
{
	int fd = open_process(name);
	struct pollfd gone = {.fd = fd, .events = POLLIN};
	bool ended = fd == -1 || poll(&gone, 1, ms) == 1;

	if (fd != -1)
		close(fd);
	return (ended);
}

int
run_kill(const char *name, struct error *err)
{
	int fd = open_process(name);

	if (fd == -1)
		return (0);
	pidfd_send_signal(fd, SIGKILL, NULL, 0);
	close(fd);
	if (!run_wait(name, END_MS))
		return (error_set(err,
		    "lab %s: still there %d s after SIGKILL; see what hangs: "
		    "ps -o pid,stat,wchan,args --ppid %d",
		    name, END_MS / 1000, (int)run_pid(name)));
	return (0);
}

int
run_clear(const char *name, struct error *err)
{
	char *folder = run_folder(name), *cgroup = read_line(name, "cgroup");
	int status = 0;

	if (cgroup != NULL)
		status = group_remove(cgroup, err);
	if (status == 0)
		status = litter_remove(folder, err);
	free(cgroup);
	free(folder);
	return (status);
}
