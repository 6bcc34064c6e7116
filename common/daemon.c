/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/daemon.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"

#define FILES_MOST (65536 + 1024)

struct daemon_signals {
	void (*stop)(void *arg);
	void (*reload)(void *arg);
	void *arg;
	struct event *term, *interrupt, *hangup;
};

static int
lock(const char *path, struct error *err)
{
	char holder[16] = "";
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);

	if (fd < 0 && errno == EACCES)
		return (error_set(err,
		    "%s: %m; the folder must belong to the user that this "
		    "runs as, of number %d",
		    path, (int)geteuid()));
	if (fd < 0)
		return (error_set(err, "%s: %m", path));
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		if (ftruncate(fd, 0) == 0)
			dprintf(fd, "%d\n", (int)getpid());
		return (fd);
	}
	if (errno != EWOULDBLOCK)
		error_set(err, "%s: %m", path);
	else if (pread(fd, holder, sizeof(holder) - 1, 0) > 0)
		error_set(err, "%s: in use by process %d; stop it first", path,
		    atoi(holder));
	else
		error_set(err, "%s: in use by another process", path);
	close(fd);
	return (-1);
}

/* Whose it is and that it is not too new; *version is what it says. */
static int
check_format(const char *path, const char *kind, unsigned format,
    unsigned *version, struct error *err)
{
	char *text = daemon_read_file(path, 256, NULL, err), found[32];
	int fields;

	if (text == NULL)
		return (-1);
	fields = sscanf(text, "pharos %31s %u", found, version);
	free(text);
	if (fields != 2)
		return (error_set(err,
		    "%s: not a format file of pharos; is this the right "
		    "directory?",
		    path));
	if (strcmp(found, kind) != 0)
		return (error_set(err,
		    "%s: the directory is that of a pharos %s, not of a pharos %s",
		    path, found, kind));
	if (*version > format)
		return (error_set(err,
		    "%s: format %u is newer than format %u, the newest this "
		    "version knows; install the newer pharos",
		    path, *version, format));
	return (0);
}

static int
write_format(
    const char *path, const char *kind, unsigned format, struct error *err)
{
	char *text = memory_print("pharos %s %u\n", kind, format);
	int result = daemon_write_file(path, text, strlen(text), 0640, err);

	free(text);
	return (result);
}

static int
claim_format(
    const char *dir, const char *kind, unsigned format, struct error *err)
{
	char *path = memory_print("%s/format", dir);
	unsigned version = 0;
	int result = 0;

	if (access(path, F_OK) == 0)
		result = check_format(path, kind, format, &version, err);
	if (result == 0 && version < format)
		result = write_format(path, kind, format, err);
	if (result == 0 && version > 0 && version < format)
		log_info(
		    "%s: format %u becomes format %u", dir, version, format);
	free(path);
	return (result);
}

int
daemon_claim(
    const char *dir, const char *kind, unsigned format, struct error *err)
{
	char *path;
	int fd;

	if (daemon_make_dir(dir, err) != 0)
		return (-1);
	path = memory_print("%s/lock", dir);
	fd = lock(path, err);
	free(path);
	if (fd >= 0 && claim_format(dir, kind, format, err) != 0) {
		close(fd);
		return (-1);
	}
	return (fd);
}

void
daemon_raise_files(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0 ||
	    files.rlim_cur >= FILES_MOST)
		return;
	files.rlim_cur =
	    files.rlim_max < FILES_MOST ? files.rlim_max : FILES_MOST;
	if (setrlimit(RLIMIT_NOFILE, &files) != 0)
		log_warn("RLIMIT_NOFILE");
}

static void
on_stop(evutil_socket_t number, short what, void *arg)
{
	struct daemon_signals *signals = arg;

	signals->stop(signals->arg);
}

static void
on_reload(evutil_socket_t number, short what, void *arg)
{
	struct daemon_signals *signals = arg;

	if (signals->reload != NULL)
		signals->reload(signals->arg);
}

static struct event *
watch(struct daemon_signals *signals, struct event_base *base, int number,
    event_callback_fn callback)
{
	struct event *event = evsignal_new(base, number, callback, signals);

	if (event == NULL)
		log_fatal("out of memory");
	event_add(event, NULL);
	return (event);
}

struct daemon_signals *
daemon_signals_new(struct event_base *base, void (*stop)(void *arg),
    void (*reload)(void *arg), void *arg)
{
	struct daemon_signals *signals = memory_new(1, sizeof(*signals));

	signal(SIGPIPE, SIG_IGN);
	signals->stop = stop;
	signals->reload = reload;
	signals->arg = arg;
	signals->term = watch(signals, base, SIGTERM, on_stop);
	signals->interrupt = watch(signals, base, SIGINT, on_stop);
	signals->hangup = watch(signals, base, SIGHUP, on_reload);
	return (signals);
}

void
daemon_signals_free(struct daemon_signals *signals)
{
	if (signals == NULL)
		return;
	event_free(signals->term);
	event_free(signals->interrupt);
	event_free(signals->hangup);
	free(signals);
}
