/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/emulation.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/place.h"
#include "lab/keeper.h"

#define FDS_MOST 2
#define PATIENCE 10 /* seconds for an answer */

struct emulation {
	int ours, theirs;   /* theirs: until it has started */
	bool lives, before; /* was there one before */
	struct duty *duty;
	const struct emulation_calls *calls;
	void *arg;
};

static int
open_socket(struct emulation *emulation)
{
	const struct timeval patience = {.tv_sec = PATIENCE};
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == -1)
		return (-1);
	setsockopt(
	    ends[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	emulation->ours = ends[0];
	emulation->theirs = ends[1];
	return (0);
}

static void
on_started(void *arg, struct duty *duty)
{
	struct emulation *emulation = arg;

	close(emulation->theirs);
	emulation->theirs = -1;
	emulation->lives = true;
	if (emulation->before)
		emulation->calls->again(emulation->arg);
	emulation->before = true;
}

static void
on_ended(void *arg, struct duty *duty, const char *why)
{
	struct emulation *emulation = arg;

	emulation->lives = false;
	close(emulation->ours);
	if (open_socket(emulation) == -1)
		log_fatal("a socket for the emulator: %s", strerror(errno));
	duty_keep(duty, &emulation->theirs);
	emulation->calls->lost(emulation->arg, why);
}

static const struct duty_calls calls = {
    .started = on_started, .ended = on_ended};

static struct duty *
launch(struct emulation *emulation, struct keeper *keeper, int priority,
    const char *share, struct error *err)
{
	char *path = place_libexec("pharos-emulator");
	char *number = memory_print("%d", priority);
	const char *argv[] = {path, "--realtime", number, NULL};
	struct duty *duty = duty_new(keeper,
	    &(const struct duty_about){.name = "emulator",
		.argv = argv,
		.net = -1,
		.share = share,
		.keep = &emulation->theirs,
		.kept = 1,
		.calls = &calls,
		.arg = emulation},
	    err);

	free(number);
	free(path);
	return (duty);
}

struct emulation *
emulation_new(struct keeper *keeper, int priority, const char *share,
    const struct emulation_calls *whose, void *arg, struct error *err)
{
	struct emulation *emulation = memory_new(1, sizeof(*emulation));

	emulation->calls = whose;
	emulation->arg = arg;
	if (open_socket(emulation) == -1)
		error_set(err, "a socket for the emulator: %m");
	else
		emulation->duty =
		    launch(emulation, keeper, priority, share, err);
	if (emulation->duty != NULL)
		return (emulation);
	free(emulation);
	return (NULL);
}

void
emulation_free(struct emulation *emulation)
{
	if (emulation == NULL)
		return;
	close(emulation->ours);
	if (emulation->theirs != -1)
		close(emulation->theirs);
	free(emulation);
}

bool
emulation_lives(const struct emulation *emulation)
{
	return (emulation->lives);
}

static int
say(const struct emulation *emulation, char *line, int length, const int *fds,
    size_t count)
{
	char room[CMSG_SPACE(FDS_MOST * sizeof(int))] = {0};
	struct iovec part = {line, (size_t)length};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	struct cmsghdr *header;

	if (count > 0) {
		message.msg_control = room;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(header), fds, count * sizeof(int));
	}
	return (
	    sendmsg(emulation->ours, &message, MSG_NOSIGNAL) == -1 ? -1 : 0);
}

/* One that is dead or hangs; its end is noticed by the loop. */
static int
give_up(struct emulation *emulation, struct error *err)
{
	emulation->lives = false;
	if (duty_pid(emulation->duty) > 0)
		kill(duty_pid(emulation->duty), SIGKILL);
	return (error_set(err, "the emulator does not answer; it is started "
			       "again"));
}

static int
hear(struct emulation *emulation, const char *line, char answer[EMULATOR_LINE],
    struct error *err)
{
	char text[EMULATOR_LINE];
	ssize_t length = recv(emulation->ours, text, sizeof(text) - 1, 0);

	if (length <= 0)
		return (give_up(emulation, err));
	text[length] = '\0';
	if (strncmp(text, "ok", 2) != 0)
		return (error_set(err, "emulator: %.200s: %s", line, text));
	if (answer != NULL)
		strcpy(answer, text[2] == ' ' ? text + 3 : text + 2);
	return (0);
}

int
emulation_ask(struct emulation *emulation, const int *fds, size_t count,
    char answer[EMULATOR_LINE], struct error *err, const char *fmt, ...)
{
	char line[EMULATOR_LINE];
	va_list args;
	int length;

	va_start(args, fmt);
	length = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	if (!emulation->lives)
		return (error_set(err, "the emulator is being started again"));
	if (length >= (int)sizeof(line))
		return (error_set(err, "emulator: %.80s..: too long", line));
	if (say(emulation, line, length, fds, count) == -1)
		return (give_up(emulation, err));
	return (hear(emulation, line, answer, err));
}
