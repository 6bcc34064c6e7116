/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/error.h"
#include "lab/netns.h"
#include "lab/trial_parts.h"

#define FRAME_MOST 1514

static void
sleep_until(nanoseconds when)
{
	struct timespec ts = {
	    .tv_sec = when / NS_PER_S, .tv_nsec = when % NS_PER_S};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) != 0)
		;
}

static int
send_one(const struct trial_stage *stage, const struct trial *trial, int fd,
    uint64_t n)
{
	static uint8_t frame[FRAME_MOST];
	struct trial_frame head = {.destination = {2, 0, 0, 0, 1, 0},
	    .source = {2, 0, 0, 0, 0, 0},
	    .kind = htons(TRIAL_KIND),
	    .link = (uint32_t)(n % trial->links),
	    .number = (uint32_t)(n / trial->links)};
	struct sockaddr_ll to = {
	    .sll_family = AF_PACKET, .sll_ifindex = stage->indexes[head.link]};

	memcpy(frame, &head, sizeof(head));
	return (sendto(fd, frame, trial->length, 0, (struct sockaddr *)&to,
		    sizeof(to)) == -1
		    ? -1
		    : 0);
}

/* One link after the other; what the kernel refuses was not sent. */
static int
send_all(const struct trial_stage *stage, const struct trial *trial, int fd)
{
	double pace = trial->pace * (double)trial->links;
	uint64_t count = (uint64_t)(pace * trial->lasts);
	nanoseconds begin = clock_monotonic() + NS_PER_S / 100;

	for (uint64_t n = 0; n < count; n++) {
		nanoseconds when = begin + clock_of_seconds((double)n / pace);

		if (when > clock_monotonic())
			sleep_until(when);
		send_one(stage, trial, fd, n);
	}
	return (0);
}

static int
open_socket(void *arg, struct error *err)
{
	int *fd = arg;

	*fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	return (*fd == -1 ? error_set(err, "a packet socket: %m") : 0);
}

/* As exact as possible, but after the emulator. */
static void
hurry(void)
{
	struct sched_param param = {.sched_priority = TRIAL_PRIORITY - 10};

	prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
	(void)sched_setscheduler(0, SCHED_FIFO, &param);
}

pid_t
trial_send(const struct trial_stage *stage, const struct trial *trial,
    struct error *err)
{
	pid_t pid, parent = getpid();
	int fd;

	if (netns_call(stage->nets[0], open_socket, &fd, err) == -1)
		return (-1);
	if ((pid = fork()) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		hurry();
		_exit(send_all(stage, trial, fd));
	}
	close(fd);
	return (pid != -1 ? pid : error_set(err, "a process: %m"));
}
