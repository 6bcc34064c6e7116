/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/emulator/control.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab/emulator/command.h"
#include "lab/emulator/net.h"
#include "lab/emulator/verdict.h"

#define FDS 4 /* attached to a message; more than any command wants */

struct call {
	struct net *net;
	struct request request;
	struct cable *cable; /* NULL: no link of that name */
	int fds[FDS];        /* -1 once they are somebody's */
	size_t attached;
	char answer[EMULATOR_LINE];
};

/* Fills the answer; an error when status is -1. */
static void __attribute__((format(printf, 3, 4)))
answer(struct call *call, int status, const char *fmt, ...)
{
	size_t used = (size_t)sprintf(call->answer, "%s%s",
	    status == 0 ? "ok" : "error", fmt[0] == '\0' ? "" : " ");
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(call->answer + used, sizeof(call->answer) - used, fmt, ap);
	va_end(ap);
}

static void
run_link(struct call *call)
{
	if (call->cable != NULL)
		answer(call, -1, "%s: is there already", call->request.name);
	else if (call->attached != 2)
		answer(call, -1, "link: expected two descriptors");
	else if (net_add(call->net, call->request.name, call->fds) == NULL)
		answer(call, -1, "%s: %s", call->request.name, strerror(errno));
	else
		call->attached = 0;
}

static void
run_set(struct call *call)
{
	struct course *course = &call->cable->courses[call->request.number];
	struct way way = course->way;

	request_apply(&call->request, &way);
	if (!course_set(course, &way))
		answer(call, -1, "%s: no memory", call->request.name);
}

static void
run_fail(struct call *call)
{
	cable_fail(call->cable, true);
}

static void
run_carrier(struct call *call)
{
	if (cable_carrier(call->cable, call->request.number == 1) == -1)
		answer(call, -1, "%s: %s", call->request.name, strerror(errno));
}

static void
run_restore(struct call *call)
{
	call->request.number = 1;
	run_carrier(call);
	cable_fail(call->cable, false);
}

static void
run_seed(struct call *call)
{
	call->net->seed = call->request.seed;
}

/* Whatever was written to before is ended, well or not. */
static void
run_verdicts(struct call *call)
{
	struct cable *cable = call->cable;
	int trouble = cable->log != NULL ? verdict_close(cable->log) : 0;

	cable->log = NULL;
	if (call->attached == 1) {
		if ((cable->log = verdict_open(call->fds[0])) == NULL)
			trouble = errno;
		else
			call->attached = 0;
	}
	if (trouble != 0)
		answer(call, -1, "verdicts: %s", strerror(trouble));
}

static void
run_stats(struct call *call)
{
	const struct course *course =
	    &call->cable->courses[call->request.number];
	const struct course_counts *c = &course->counts;

	answer(call, 0,
	    "in=%" PRIu64 " out=%" PRIu64 " lost=%" PRIu64 " queue=%" PRIu64
	    " duplicated=%" PRIu64 " corrupted=%" PRIu64 " failed=%" PRIu64
	    " overflow=%" PRIu64 " late50=%" PRId64 " late99=%" PRId64
	    " latemost=%" PRId64,
	    c->in, c->out, c->lost, c->queue, c->duplicated, c->corrupted,
	    c->failed, c->overflow, late_quantile(&course->late, 0.5),
	    late_quantile(&course->late, 0.99), course->late.most);
}

static void
run_hello(struct call *call)
{
	answer(call, 0, "%" PRId64,
	    call->cable->courses[call->request.number].hello);
}

static void (*const runs[])(struct call *call) = {
    [REQUEST_LINK] = run_link,
    [REQUEST_SET] = run_set,
    [REQUEST_FAIL] = run_fail,
    [REQUEST_CARRIER] = run_carrier,
    [REQUEST_RESTORE] = run_restore,
    [REQUEST_SEED] = run_seed,
    [REQUEST_VERDICTS] = run_verdicts,
    [REQUEST_STATS] = run_stats,
    [REQUEST_HELLO] = run_hello,
};

static void
run(struct call *call, const char *line, size_t length)
{
	const char *trouble = request_parse(&call->request, line, length);
	enum request_verb verb = call->request.verb;

	answer(call, 0, "%s", "");
	if (trouble != NULL) {
		answer(call, -1, "%s", trouble);
		return;
	}
	call->cable = net_find(call->net, call->request.name);
	if (call->cable == NULL && verb != REQUEST_LINK && verb != REQUEST_SEED)
		answer(call, -1, "%s: no such link", call->request.name);
	else
		runs[verb](call);
}

static void
take_descriptors(struct call *call, struct msghdr *message)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(message);

	for (; c != NULL; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		call->attached = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(call->fds, CMSG_DATA(c), call->attached * sizeof(int));
	}
}

/* Or was that an empty message? */
static bool
has_closed(int socket)
{
	struct pollfd fd = {.fd = socket, .events = POLLRDHUP};

	return (
	    poll(&fd, 1, 0) == 1 && (fd.revents & (POLLHUP | POLLRDHUP)) != 0);
}

/* A message and what is attached to it; its length, or -1. */
static ssize_t
receive(struct call *call, int socket, char *line, size_t room)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(FDS * sizeof(int))];
	} control;
	struct iovec vector = {line, room};
	struct msghdr message = {.msg_iov = &vector,
	    .msg_iovlen = 1,
	    .msg_control = &control,
	    .msg_controllen = sizeof(control)};
	ssize_t length =
	    recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);

	if (length != -1)
		take_descriptors(call, &message);
	return (length);
}

int
control_serve(struct net *net, int socket)
{
	/* one byte more shows that a line was longer */
	char line[EMULATOR_LINE + 1];
	struct call call = {.net = net};
	ssize_t length = receive(&call, socket, line, sizeof(line));

	if (length == -1)
		return (errno == EAGAIN || errno == EINTR ? 0 : -1);
	if (length == 0 && has_closed(socket))
		return (errno = 0, -1);
	run(&call, line, (size_t)length);
	for (size_t i = 0; i < call.attached; i++)
		close(call.fds[i]);
	/* who does not read answers has no use for the rest */
	return (send(socket, call.answer, strlen(call.answer),
		    MSG_NOSIGNAL | MSG_DONTWAIT) == -1
		    ? -1
		    : 0);
}
