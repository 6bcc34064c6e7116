/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/child.h"

#include <assert.h>
#include <event2/event.h>
#include <json-c/json.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/spawn.h"

#define TERM_AFTER 2 /* seconds since its channel closed */
#define KILL_AFTER 5
#define LINGER 1   /* seconds to read what a dead one has said */
#define LEAVE 2000 /* milliseconds to exit in */

/*
 * A child has ended when both its process and its channel are gone: what it
 * said before it died is still read. The one timer starts the next process,
 * makes one leave that does not, or stops the reading. Callbacks are the last
 * thing done, for they may free the child.
 */
struct child {
	struct event_base *base;
	char *name;
	char **argv;
	int *keep; /* keep[0] is the channel's other end */
	size_t kept;
	size_t line_most;
	const struct child_calls *calls;
	void *arg;
	struct event *reaper, *timer;
	struct channel *channel;
	pid_t pid; /* 0: none */
	nanoseconds since;
	int delay;
	unsigned starts;
	bool terminated; /* was sent SIGTERM, SIGKILL comes next */
	char *why;
	bool stopping;
	void (*done)(void *arg);
	void *done_arg;
};

static void
set_timer(struct child *child, int seconds)
{
	const struct timeval delay = {.tv_sec = seconds};

	event_add(child->timer, &delay);
}

static void
say_why(struct child *child, char *why)
{
	if (child->why == NULL)
		child->why = why;
	else
		free(why);
}

/* Nothing of the child may be touched after this: ended may free it. */
static void
ended(struct child *child)
{
	char *why = child->why;

	child->why = NULL;
	set_timer(child, child->stopping ? 0 : child->delay);
	child->delay = spawn_delay(child->delay, child->since);
	child->calls->ended(child->arg, why);
	free(why);
}

static void
on_message(void *arg, struct json_object *message)
{
	struct child *child = arg;

	child->calls->message(child->arg, message);
}

static bool
on_line(void *arg, const char *line, size_t length)
{
	struct child *child = arg;

	return (child->calls->line(child->arg, line, length));
}

static void
on_closed(void *arg, const char *why)
{
	struct child *child = arg;

	channel_free(child->channel);
	child->channel = NULL;
	if (why != NULL)
		say_why(child, memory_text(why));
	if (child->pid == 0)
		ended(child);
	else if (!child->stopping)
		set_timer(child, TERM_AFTER);
}

static void
on_sigchld(evutil_socket_t fd, short what, void *arg)
{
	struct child *child = arg;
	int status;

	if (child->pid == 0 || waitpid(child->pid, &status, WNOHANG) <= 0)
		return;
	child->pid = 0;
	say_why(child, spawn_how(status));
	if (child->channel == NULL)
		ended(child);
	else
		set_timer(child, LINGER);
}

/* The process, or -1; *channel is our end. */
static pid_t
launch(struct child *child, int *channel)
{
	const struct spawn spawn = {child->argv, child->keep, child->kept,
	    CHILD_FD, child->calls->prepare, child->arg};
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return (-1);
	child->keep[0] = ends[1];
	pid = spawn_program(&spawn);
	close(ends[1]);
	*channel = ends[0];
	if (pid < 0)
		close(ends[0]);
	return (pid);
}

static void
start(struct child *child)
{
	int channel;
	pid_t pid = launch(child, &channel);

	child->since = clock_monotonic();
	if (pid < 0) {
		log_warn("%s: cannot start a process", child->name);
		child->delay = spawn_delay(child->delay, child->since);
		set_timer(child, child->delay);
		return;
	}
	child->pid = pid;
	child->terminated = false;
	child->starts++;
	child->channel =
	    channel_new(child->base, channel, on_message, on_closed, child);
	if (child->calls->line != NULL)
		channel_lines(child->channel, on_line);
	if (child->line_most > 0)
		channel_limit(child->channel, child->line_most);
	child->calls->started(child->arg);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct child *child = arg;

	if (child->pid != 0) {
		kill(child->pid, child->terminated ? SIGKILL : SIGTERM);
		if (!child->terminated)
			set_timer(child, KILL_AFTER - TERM_AFTER);
		child->terminated = true;
	} else if (child->channel != NULL) {
		channel_free(child->channel);
		child->channel = NULL;
		ended(child);
	} else if (!child->stopping) {
		start(child);
	} else if (child->done != NULL) {
		child->done(child->done_arg);
	}
}

static void
copy_lists(struct child *child, const struct child_about *about)
{
	size_t n = 0, kept = 0;

	while (about->argv[n] != NULL)
		n++;
	child->argv = memory_new(n + 1, sizeof(*child->argv));
	for (size_t i = 0; i < n; i++)
		child->argv[i] = memory_text(about->argv[i]);
	while (about->keep != NULL && about->keep[kept] >= 0)
		kept++;
	child->kept = kept + 1;
	child->keep = memory_new(child->kept, sizeof(*child->keep));
	for (size_t i = 0; i < kept; i++)
		child->keep[i + 1] = about->keep[i];
}

struct child *
child_new(struct event_base *base, const struct child_about *about)
{
	struct child *child = memory_new(1, sizeof(*child));

	child->base = base;
	child->name = memory_text(about->name);
	child->line_most = about->line_most;
	child->calls = about->calls;
	child->arg = about->arg;
	copy_lists(child, about);
	child->reaper = evsignal_new(base, SIGCHLD, on_sigchld, child);
	child->timer = evtimer_new(base, on_timer, child);
	if (child->reaper == NULL || child->timer == NULL)
		log_fatal("out of memory");
	event_add(child->reaper, NULL);
	set_timer(child, 0);
	return (child);
}

void
child_stop(struct child *child, void (*done)(void *arg), void *arg)
{
	assert(!child->stopping);
	child->stopping = true;
	child->done = done;
	child->done_arg = arg;
	if (child->channel != NULL)
		channel_finish(child->channel);
	if (child->pid != 0)
		set_timer(child, TERM_AFTER);
	else if (child->channel == NULL)
		set_timer(child, 0);
}

void
child_leave(struct child *child)
{
	struct pollfd exits = {.events = POLLIN};

	channel_free(child->channel);
	child->channel = NULL;
	if (child->pid == 0)
		return;
	exits.fd = pidfd_open(child->pid, 0);
	if (exits.fd == -1)
		return;
	poll(&exits, 1, LEAVE);
	close(exits.fd);
}

void
child_free(struct child *child)
{
	if (child == NULL)
		return;
	channel_free(child->channel);
	if (child->pid != 0) {
		kill(child->pid, SIGKILL);
		waitpid(child->pid, NULL, 0);
	}
	event_free(child->reaper);
	event_free(child->timer);
	for (char **arg = child->argv; *arg != NULL; arg++)
		free(*arg);
	free(child->argv);
	free(child->keep);
	free(child->name);
	free(child->why);
	free(child);
}

bool
child_send(struct child *child, struct json_object *message)
{
	if (child->channel == NULL || child->stopping) {
		json_object_put(message);
		return (false);
	}
	channel_send(child->channel, message);
	return (true);
}

bool
child_send_line(struct child *child, const char *line, size_t length)
{
	if (child->channel == NULL || child->stopping)
		return (false);
	channel_send_line(child->channel, line, length);
	return (true);
}

pid_t
child_pid(const struct child *child)
{
	return (child->pid);
}

unsigned
child_restarts(const struct child *child)
{
	return (child->starts > 0 ? child->starts - 1 : 0);
}

size_t
child_pending(const struct child *child)
{
	return (child->channel != NULL ? channel_pending(child->channel) : 0);
}
