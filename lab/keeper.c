/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/keeper.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/spawn.h"
#include "lab/group.h"
#include "lab/space.h"
#include "lab/tool.h"

#define STOP_STEP_MS 5

struct duty {
	TAILQ_ENTRY(duty) next;
	struct keeper *keeper;
	char *name, *node, *share;
	char **argv;
	int net, *keep;
	size_t kept;
	bool once, leaving;
	const struct duty_calls *calls;
	void *arg;
	struct event *timer;
	pid_t pid;
	nanoseconds since;
	int delay;
	unsigned starts;
};

struct keeper {
	TAILQ_HEAD(, duty) duties;
	struct event_base *base;
	struct event *reaper;
	char *folder;
	bool stopping;
};

static void
open_log(const struct duty *duty)
{
	char *path;
	int fd;

	if (duty->node == NULL)
		return;
	path = memory_print("%s/log-%s", duty->keeper->folder, duty->node);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	if (fd != -1) {
		dup2(fd, STDOUT_FILENO);
		dup2(fd, STDERR_FILENO);
	}
	free(path);
}

static void
prepare(void *arg)
{
	const struct duty *duty = arg;
	struct error err;

	open_log(duty);
	if (duty->share != NULL && group_enter(duty->share, getpid()) == -1)
		log_warn("%s: %s", duty->name, duty->share);
	if (duty->net != -1 && space_enter(duty->net, &err) == -1) {
		log_warnx("%s: %s", duty->name, err.text);
		_exit(126);
	}
	if (duty->calls != NULL && duty->calls->prepare != NULL)
		duty->calls->prepare(duty->arg);
}

static void
wait_before_start(struct duty *duty, int seconds)
{
	const struct timeval delay = {.tv_sec = seconds};

	event_add(duty->timer, &delay);
}

static void
start(struct duty *duty)
{
	duty->since = clock_monotonic();
	duty->pid = spawn_program(&(const struct spawn){duty->argv, duty->keep,
	    duty->kept, STDERR_FILENO + 1, prepare, duty});
	if (duty->pid == -1) {
		log_warn("%s: cannot start a process", duty->name);
		duty->pid = 0;
		wait_before_start(
		    duty, duty->delay = spawn_delay(duty->delay, duty->since));
		return;
	}
	duty->starts++;
	if (duty->calls != NULL && duty->calls->started != NULL)
		duty->calls->started(duty->arg, duty);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	start(arg);
}

static void
free_duty(struct duty *duty)
{
	if (duty->pid != 0) {
		kill(duty->pid, SIGKILL);
		waitpid(duty->pid, NULL, 0);
	}
	event_free(duty->timer);
	for (size_t i = 0; duty->argv[i] != NULL; i++)
		free(duty->argv[i]);
	free(duty->argv);
	free(duty->keep);
	free(duty->name);
	free(duty->node);
	free(duty->share);
	free(duty);
}

/* Those that may end are not listed any more once they have. */
static void
ended(struct duty *duty, int status)
{
	char *why = spawn_how(status);

	duty->pid = 0;
	if (!duty->once && !duty->leaving && !duty->keeper->stopping) {
		log_warnx("%s%s%s: %s; it is started again",
		    duty->node == NULL ? "" : duty->node,
		    duty->node == NULL ? "" : ": ", duty->name, why);
		wait_before_start(duty, duty->delay);
		duty->delay = spawn_delay(duty->delay, duty->since);
	}
	if (duty->calls != NULL && duty->calls->ended != NULL)
		duty->calls->ended(duty->arg, duty, why);
	free(why);
	if (duty->once || duty->leaving) {
		TAILQ_REMOVE(&duty->keeper->duties, duty, next);
		free_duty(duty);
	}
}

/* All that have ended, orphans too. */
static void
reap(struct keeper *keeper)
{
	struct duty *duty;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		TAILQ_FOREACH (duty, &keeper->duties, next)
			if (duty->pid == pid)
				break;
		if (duty != NULL)
			ended(duty, status);
	}
}

static void
on_sigchld(evutil_socket_t fd, short what, void *arg)
{
	reap(arg);
}

struct keeper *
keeper_new(struct event_base *base, const char *folder)
{
	struct keeper *keeper = memory_new(1, sizeof(*keeper));

	TAILQ_INIT(&keeper->duties);
	keeper->base = base;
	keeper->folder = memory_text(folder);
	keeper->reaper = evsignal_new(base, SIGCHLD, on_sigchld, keeper);
	if (keeper->reaper == NULL)
		log_fatal("out of memory");
	event_add(keeper->reaper, NULL);
	return (keeper);
}

void
keeper_free(struct keeper *keeper)
{
	struct duty *duty;

	if (keeper == NULL)
		return;
	while ((duty = TAILQ_FIRST(&keeper->duties)) != NULL) {
		TAILQ_REMOVE(&keeper->duties, duty, next);
		free_duty(duty);
	}
	event_free(keeper->reaper);
	free(keeper->folder);
	free(keeper);
}

static bool
any_runs(const struct keeper *keeper)
{
	const struct duty *duty;

	TAILQ_FOREACH (duty, &keeper->duties, next)
		if (duty->pid != 0)
			return (true);
	return (false);
}

void
keeper_stop(struct keeper *keeper, int ms)
{
	nanoseconds until = clock_monotonic() + ms * NS_PER_MS;
	struct duty *duty;

	keeper->stopping = true;
	TAILQ_FOREACH (duty, &keeper->duties, next) {
		duty->leaving = false;
		event_del(duty->timer);
		if (duty->pid != 0)
			kill(duty->pid, SIGTERM);
	}
	while (any_runs(keeper) && clock_monotonic() < until) {
		poll(NULL, 0, STOP_STEP_MS);
		reap(keeper);
	}
}

static char **
copy_arguments(const char *const *argv, char *path)
{
	size_t count = 0;
	char **copy;

	while (argv[count] != NULL)
		count++;
	copy = memory_new(count + 1, sizeof(*copy));
	copy[0] = path;
	for (size_t i = 1; i < count; i++)
		copy[i] = memory_text(argv[i]);
	return (copy);
}

static char *
copy_text(const char *text)
{
	return (text == NULL ? NULL : memory_text(text));
}

struct duty *
duty_new(
    struct keeper *keeper, const struct duty_about *about, struct error *err)
{
	char *path = tool_find(about->argv[0], err);
	struct duty *duty;

	if (path == NULL)
		return (NULL);
	duty = memory_new(1, sizeof(*duty));
	duty->keeper = keeper;
	duty->name = memory_text(about->name);
	duty->node = copy_text(about->node);
	duty->share = copy_text(about->share);
	duty->argv = copy_arguments(about->argv, path);
	duty->net = about->net;
	duty->kept = about->kept;
	duty->keep = memory_new(about->kept + 1, sizeof(*duty->keep));
	if (about->keep != NULL)
		duty_keep(duty, about->keep);
	duty->once = about->once;
	duty->calls = about->calls;
	duty->arg = about->arg;
	duty->timer = evtimer_new(keeper->base, on_timer, duty);
	TAILQ_INSERT_TAIL(&keeper->duties, duty, next);
	start(duty);
	return (duty);
}

void
duty_stop(struct duty *duty)
{
	duty->leaving = true;
	event_del(duty->timer);
	if (duty->pid != 0) {
		kill(duty->pid, SIGTERM);
		return;
	}
	TAILQ_REMOVE(&duty->keeper->duties, duty, next);
	free_duty(duty);
}

void
duty_keep(struct duty *duty, const int *keep)
{
	memcpy(duty->keep, keep, duty->kept * sizeof(*keep));
}

const char *
duty_name(const struct duty *duty)
{
	return (duty->name);
}

const char *
duty_node(const struct duty *duty)
{
	return (duty->node);
}

pid_t
duty_pid(const struct duty *duty)
{
	return (duty->pid);
}

unsigned
duty_restarts(const struct duty *duty)
{
	return (duty->starts > 0 ? duty->starts - 1 : 0);
}

struct duty *
duty_next(struct keeper *keeper, const struct duty *duty)
{
	return (duty == NULL ? TAILQ_FIRST(&keeper->duties)
			     : TAILQ_NEXT(duty, next));
}
