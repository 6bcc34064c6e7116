/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/lab_start.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/lab.h"
#include "common/clock.h"
#include "common/daemon.h"
#include "common/error.h"
#include "common/listener.h"
#include "common/memory.h"
#include "common/place.h"
#include "common/spawn.h"
#include "lab/run.h"

#define PATIENCE (180 * NS_PER_S) /* until routes are there and agents in */
#define FIRST 3                   /* the pipe; the people's socket behind it */
#define LINE 1024

static volatile sig_atomic_t interrupted;

static void
on_signal(int number)
{
	interrupted = 1;
}

bool
lab_interrupted(void)
{
	return (interrupted);
}

void
lab_catch_signals(void)
{
	const struct sigaction action = {.sa_handler = on_signal};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static void
to_log(void *arg)
{
	const char *path = arg;
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);

	if (fd == -1)
		return;
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
}

static pid_t
launch(const struct lab_start *start, int tell, int people)
{
	char *path = place_libexec("pharos-lab"),
	     *log = run_path(start->name, "log"),
	     *topology = run_path(start->name, "topology");
	const char *argv[12] = {path, "--name", start->name, "--tell", "3"};
	const int keep[] = {tell, people};
	size_t count = 5;
	pid_t pid;

	if (people != -1) {
		argv[count++] = "--people";
		argv[count++] = "4";
	}
	if (!start->events)
		argv[count++] = "--events-later";
	if (start->backend != NULL) {
		argv[count++] = "--backend";
		argv[count++] = start->backend;
	}
	argv[count] = topology;
	pid = spawn_program(&(const struct spawn){
	    (char **)argv, keep, people == -1 ? 1 : 2, FIRST, to_log, log});
	free(topology);
	free(log);
	free(path);
	return (pid);
}

struct wait {
	const struct lab_start *start;
	char line[LINE], last[LINE]; /* what it waits for */
	size_t length;
	bool done, failed;
	struct error *err;
};

static void
take_line(struct wait *wait)
{
	char *text = strchr(wait->line, ' ');

	text = text == NULL ? wait->line : text + 1;
	if (strncmp(wait->line, "waits ", 6) == 0)
		strcpy(wait->last, text);
	else if (strncmp(wait->line, "error ", 6) == 0)
		wait->failed = error_set(wait->err, "%s", text) == -1;
	else if (strncmp(wait->line, "ready ", 6) == 0)
		wait->done = true;
	else if (!wait->start->quiet)
		printf("%.*s after %s s\n", (int)(text - wait->line - 1),
		    wait->line, text);
	fflush(stdout);
}

static void
take(struct wait *wait, const char *data, ssize_t length)
{
	for (ssize_t i = 0; i < length; i++) {
		if (data[i] == '\n') {
			wait->line[wait->length] = '\0';
			wait->length = 0;
			take_line(wait);
		} else if (wait->length < LINE - 1) {
			wait->line[wait->length++] = data[i];
		}
	}
}

/* It ended without a word: its log has the reason. */
static int
silent_end(const struct lab_start *start, struct error *err)
{
	char *path = run_path(start->name, "log"), line[LINE] = "";
	FILE *log = fopen(path, "re");

	while (log != NULL && fgets(line, sizeof(line), log) != NULL)
		;
	if (log != NULL)
		fclose(log);
	free(path);
	line[strcspn(line, "\n")] = '\0';
	return (error_set(err, "the lab has ended: %s",
	    line[0] == '\0' ? "it said nothing" : line));
}

/* 0, or -1 and why. */
static int
wait_until_ready(struct wait *wait, int fd)
{
	nanoseconds until = clock_monotonic() + PATIENCE;
	struct pollfd word = {.fd = fd, .events = POLLIN};
	char data[LINE];

	while (!wait->done && !wait->failed) {
		nanoseconds left = until - clock_monotonic();
		ssize_t length;

		if (interrupted)
			return (error_set(wait->err, "interrupted"));
		if (left <= 0)
			return (error_set(wait->err,
			    "not converged within %d s: %s",
			    (int)clock_seconds(PATIENCE),
			    wait->last[0] == '\0' ? "its agents have not "
						    "enrolled"
						  : wait->last));
		if (poll(&word, 1, (int)(left / NS_PER_MS) + 1) < 1)
			continue;
		if ((length = read(fd, data, sizeof(data))) <= 0)
			return (silent_end(wait->start, wait->err));
		take(wait, data, length);
	}
	return (wait->failed ? -1 : 0);
}

static int
open_people(const struct lab_start *start, struct error *err)
{
	char *text = memory_print("127.0.0.1:%d", start->port);
	int fd = listener_open("lab-people", text, err);

	free(text);
	return (fd);
}

/* What is between the two pipe ends. */
static int
follow(const struct lab_start *start, const int ends[2], int people,
    struct error *err)
{
	struct wait wait = {.start = start, .err = err};
	pid_t pid = launch(start, ends[1], people);
	int status;

	close(ends[1]);
	if (pid == -1)
		return (error_set(err, "cannot start pharos-lab: %m"));
	status = wait_until_ready(&wait, ends[0]);
	while (waitpid(pid, NULL, interrupted ? WNOHANG : 0) == -1 &&
	       errno == EINTR)
		;
	return (status);
}

/* The lab reads this one: the file may be a pipe, or change meanwhile. */
static int
keep_text(const struct lab_start *start, struct error *err)
{
	char *path = run_path(start->name, "topology");
	int status = daemon_write_file(
	    path, start->text, strlen(start->text), 0640, err);

	free(path);
	return (status);
}

int
lab_start(const struct lab_start *start, struct error *err)
{
	int ends[2], people = -1, status = -1;
	struct error cleared;

	lab_catch_signals();
	if (run_prepare(start->name, err) == -1)
		return (2);
	if (keep_text(start, err) == -1 ||
	    (start->collector && (people = open_people(start, err)) == -1)) {
		run_clear(start->name, NULL);
		return (3);
	}
	if (pipe2(ends, O_CLOEXEC) == 0) {
		status = follow(start, ends, people, err);
		close(ends[0]);
	} else {
		error_set(err, "pipe: %m");
	}
	if (people != -1)
		close(people);
	if (status == 0)
		return (0);
	if (lab_end(start->name, &cleared) == -1)
		error_set(err, "%s", cleared.text);
	return (interrupted ? LAB_INTERRUPTED : 3);
}
