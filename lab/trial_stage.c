/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/error.h"
#include "common/memory.h"
#include "common/place.h"
#include "common/spawn.h"
#include "lab/emulator/command.h"
#include "lab/netem.h"
#include "lab/netns.h"
#include "lab/tap.h"
#include "lab/tool.h"
#include "lab/trial_parts.h"

#define NAME 24 /* bytes of "l12", as an interface and as a link */

static int
start_emulator(
    struct trial_stage *stage, const struct trial *trial, struct error *err)
{
	char *path = place_libexec("pharos-emulator");
	char *early = memory_print("%ld", trial->early);
	const char *argv[] = {path, "--realtime", "50", "--early", early, NULL};
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == -1)
		return (error_set(err, "a socket: %m"));
	stage->control = ends[0];
	stage->emulator = spawn_program(&(struct spawn){.argv = (char **)argv,
	    .keep = &ends[1],
	    .kept = 1,
	    .keep_as = EMULATOR_FD});
	close(ends[1]);
	free(path);
	free(early);
	if (stage->emulator == -1)
		return (stage->emulator = 0, error_set(err, "a process: %m"));
	return (0);
}

static int
hand_in(
    struct trial_stage *stage, const char *line, const int *fds, size_t count)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(2 * sizeof(int))];
	} control = {0};
	struct iovec vector = {(char *)line, strlen(line)};
	struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};

	if (count > 0) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		control.align =
		    (struct cmsghdr){.cmsg_len = CMSG_LEN(count * sizeof(int)),
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS};
		memcpy(CMSG_DATA(&control.align), fds, count * sizeof(int));
	}
	return (sendmsg(stage->control, &message, MSG_NOSIGNAL) == -1 ? -1 : 0);
}

static int
hear(struct trial_stage *stage, char *answer, size_t room, struct error *err)
{
	char text[EMULATOR_LINE + 1];
	ssize_t length = recv(stage->control, text, EMULATOR_LINE, 0);

	if (length <= 0)
		return (error_set(err, "the emulator has ended"));
	text[length] = '\0';
	if (strncmp(text, "ok", 2) != 0)
		return (error_set(err, "the emulator: %s", text));
	if (answer != NULL)
		snprintf(answer, room, "%s", text + (length > 3 ? 3 : 2));
	return (0);
}

int
trial_ask(struct trial_stage *stage, char *answer, size_t room,
    struct error *err, const char *fmt, ...)
{
	char line[EMULATOR_LINE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (hand_in(stage, line, NULL, 0) == -1)
		return (error_set(err, "the emulator has ended"));
	return (hear(stage, answer, room, err));
}

static int
emulate(struct trial_stage *stage, size_t i, const struct way *way,
    struct error *err)
{
	char line[32];

	snprintf(line, sizeof(line), "link l%zu", i);
	if (hand_in(stage, line, stage->taps[i], 2) == -1)
		return (error_set(err, "the emulator has ended"));
	if (hear(stage, NULL, 0, err) == -1)
		return (-1);
	return (trial_ask(stage, NULL, 0, err,
	    "set l%zu 0 delay=%" PRId64 " jitter=%" PRId64
	    " reorder=%d loss=%.9g bad_loss=%.9g to_bad=%.9g to_good=%.9g "
	    "duplicate=%.9g corrupt=%.9g rate=%.9g queue=%" PRId64,
	    i, way->delay, way->jitter, way->reorder, way->loss, way->bad_loss,
	    way->to_bad, way->to_good, way->duplicate, way->corrupt, way->rate,
	    way->queue));
}

static void
name_link(char name[static NAME], size_t link)
{
	snprintf(name, NAME, "l%zu", link);
}

struct opening {
	struct trial_stage *stage;
	size_t link;
	int end;
};

static int
open_tap(void *arg, struct error *err)
{
	const struct opening *opening = arg;
	uint8_t address[6] = {
	    2, 0, 0, 0, (uint8_t)opening->end, (uint8_t)opening->link};
	struct tap tap;
	char name[NAME];

	name_link(name, opening->link);
	if (tap_open(&tap, name, address, err) == -1)
		return (-1);
	opening->stage->taps[opening->link][opening->end] = tap.fd;
	return (0);
}

static int
add_taps(struct opening *opening, struct error *err)
{
	for (opening->end = 0; opening->end < 2; opening->end++)
		if (netns_call(opening->stage->nets[opening->end], open_tap,
			opening, err) == -1)
			return (-1);
	return (0);
}

static int
run(const char *const *argv, int net, struct error *err)
{
	return (tool_run(&(struct tool){.argv = argv, .net = net}, err));
}

/* Between two networks, with the names it has there. */
static int
add_veth(
    int one, const char *name, int other, const char *peer, struct error *err)
{
	char *net = memory_print("/proc/%ld/fd/%d", (long)getpid(), other);
	const char *argv[] = {"ip", "link", "add", name, "type", "veth", "peer",
	    "name", peer, "netns", net, NULL};
	int status = run(argv, one, err);

	free(net);
	return (status);
}

static int
raise_link(int net, const char *name, struct error *err)
{
	const char *argv[] = {"ip", "link", "set", name, "up", NULL};

	return (run(argv, net, err));
}

/* Two veth pairs that meet in the hub, the way at what sends to the far end. */
static int
add_netem(struct trial_stage *stage, const char *name, const struct way *way,
    struct error *err)
{
	const char *ends[2];
	char near[NAME + 8], far[NAME + 8], address[18];

	snprintf(near, sizeof(near), "%s-near", name);
	snprintf(far, sizeof(far), "%s-far", name);
	ends[0] = near;
	ends[1] = far;
	for (int end = 0; end < 2; end++) {
		snprintf(address, sizeof(address), "02:00:00:00:%02x:01", end);
		if (netem_wire(stage->hub, ends[end], stage->nets[end], name,
			address, err) == -1)
			return (-1);
	}
	if (netem_join(stage->hub, near, far, err) == -1)
		return (-1);
	return (netem_set(stage->hub, far, way, err));
}

static int
find_index(void *arg, struct error *err)
{
	const struct opening *opening = arg;
	char name[NAME];
	unsigned index;

	name_link(name, opening->link);
	if ((index = if_nametoindex(name)) == 0)
		return (error_set(err, "%s: %m", name));
	opening->stage->indexes[opening->link] = (int)index;
	return (0);
}

static int
add_link(struct trial_stage *stage, const struct trial *trial, size_t i,
    struct error *err)
{
	struct opening opening = {stage, i, 0};
	char name[NAME];
	int status = 0;

	name_link(name, i);
	if (trial->kind == TRIAL_EMULATOR)
		status = add_taps(&opening, err);
	else if (trial->kind == TRIAL_NETEM)
		status = add_netem(stage, name, &trial->way, err);
	else
		status =
		    add_veth(stage->nets[0], name, stage->nets[1], name, err);
	if (status == 0)
		status = netns_call(stage->nets[0], find_index, &opening, err);
	if (status == 0 && trial->kind == TRIAL_EMULATOR)
		status = emulate(stage, i, &trial->way, err);
	for (int end = 0; status == 0 && end < 2; end++)
		status = raise_link(stage->nets[end], name, err);
	return (status);
}

int
trial_build(
    struct trial_stage *stage, const struct trial *trial, struct error *err)
{
	*stage = (struct trial_stage){
	    .nets = {-1, -1}, .hub = -1, .control = -1, .links = trial->links};
	for (size_t i = 0; i < TRIAL_LINKS; i++)
		stage->taps[i][0] = stage->taps[i][1] = -1;
	for (int end = 0; end < 2; end++)
		if ((stage->nets[end] = netns_new(err)) == -1)
			return (-1);
	if (trial->kind == TRIAL_NETEM && (stage->hub = netem_hub(err)) == -1)
		return (-1);
	if (trial->kind == TRIAL_EMULATOR &&
	    start_emulator(stage, trial, err) == -1)
		return (-1);
	for (size_t i = 0; i < trial->links; i++)
		if (add_link(stage, trial, i, err) == -1)
			return (-1);
	return (0);
}

static void
close_if_open(int fd)
{
	if (fd != -1)
		close(fd);
}

double
trial_clear(struct trial_stage *stage)
{
	struct rusage used = {0};

	close_if_open(stage->control);
	if (stage->emulator != 0)
		wait4(stage->emulator, NULL, 0, &used);
	for (size_t i = 0; i < stage->links; i++) {
		close_if_open(stage->taps[i][0]);
		close_if_open(stage->taps[i][1]);
	}
	close_if_open(stage->nets[0]);
	close_if_open(stage->nets[1]);
	close_if_open(stage->hub);
	return ((double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
		(double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
}
