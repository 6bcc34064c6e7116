/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/emulator/net.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "lab/emulator/control.h"
#include "lab/emulator/now.h"
#include "lab/emulator/verdict.h"

#define EVENTS 64
#define CONTROL UINT64_MAX
#define AWAKE (20 * NS_PER_US)
#define TELL (NS_PER_S / 10) /* verdicts are in their file that soon */

static int
watch(const struct net *net, int fd, uint64_t what)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = what};

	return (epoll_ctl(net->epoll, EPOLL_CTL_ADD, fd, &event));
}

/* Closing would not do: others may have the same open TAP. */
static void
forget(const struct net *net, int fd)
{
	int saved = errno;

	epoll_ctl(net->epoll, EPOLL_CTL_DEL, fd, NULL);
	errno = saved;
}

static int
watch_both(const struct net *net, const int taps[static 2])
{
	if (watch(net, taps[0], net->count << 1) == -1)
		return (-1);
	if (watch(net, taps[1], net->count << 1 | 1) == 0)
		return (0);
	forget(net, taps[0]);
	return (-1);
}

int
net_open(struct net *net, size_t packets, nanoseconds early, int control)
{
	*net = (struct net){.seed = 1, .early = early};
	if (pool_open(&net->pool, packets) == -1)
		return (-1);
	if ((net->epoll = epoll_create1(EPOLL_CLOEXEC)) == -1)
		return (-1);
	return (watch(net, control, CONTROL));
}

void
net_close(struct net *net)
{
	for (size_t i = 0; i < net->count; i++)
		cable_free(net->cables[i]);
	close(net->epoll);
	pool_close(&net->pool);
}

struct cable *
net_find(struct net *net, const char *name)
{
	for (size_t i = 0; i < net->count; i++)
		if (strcmp(net->cables[i]->name, name) == 0)
			return (net->cables[i]);
	return (NULL);
}

struct cable *
net_add(struct net *net, const char *name, const int taps[static 2])
{
	struct cable *cable;

	if (net->count == NET_LINKS)
		return (errno = ENOSPC, NULL);
	if (watch_both(net, taps) == -1)
		return (NULL);
	if ((cable = cable_new(name, taps, net->seed, &net->pool)) == NULL) {
		forget(net, taps[0]);
		forget(net, taps[1]);
		return (NULL);
	}
	net->seed += 2;
	net->cables[net->count++] = cable;
	return (cable);
}

static nanoseconds
release(struct net *net)
{
	nanoseconds next = DUE_NEVER, by = now_monotonic() + net->early;

	for (size_t i = 0; i < net->count; i++) {
		nanoseconds its = cable_release(net->cables[i], by);

		if (its < next)
			next = its;
	}
	return (next == DUE_NEVER ? next : next - net->early);
}

/* Its descriptor stays, so that writing to it says what is wrong. */
static void
serve_end(struct net *net, uint64_t what, nanoseconds *next)
{
	struct cable *cable = net->cables[what >> 1];
	unsigned end = what & 1;

	if (cable_read(cable, end) == -1)
		forget(net, cable->taps[end]);
	/* a flood on one link is no reason for another to be late */
	if (*next <= now_monotonic())
		*next = release(net);
}

/* Writes out what became of packets, now and then. Returns when it wants to be
 * called again. */
static nanoseconds
tell(struct net *net, nanoseconds now)
{
	bool waiting = false;

	for (size_t i = 0; i < net->count; i++) {
		struct verdict_log *log = net->cables[i]->log;

		if (log == NULL || log->count == 0)
			continue;
		waiting = true;
		if (now - net->told >= TELL)
			verdict_flush(log);
	}
	if (now - net->told >= TELL)
		net->told = now;
	return (waiting ? net->told + TELL : DUE_NEVER);
}

/* What is due that soon is waited for awake: to sleep takes longer, and more of
 * the processor. */
static int
wait_until(struct net *net, nanoseconds when, struct epoll_event *events)
{
	nanoseconds left = when - now_monotonic();
	struct timespec timeout = {0};
	int n;

	if (left > AWAKE)
		timeout = (struct timespec){
		    .tv_sec = left / NS_PER_S, .tv_nsec = left % NS_PER_S};
	n = epoll_pwait2(net->epoll, events, EVENTS,
	    when == DUE_NEVER ? NULL : &timeout, NULL);
	return (n == -1 && errno == EINTR ? 0 : n);
}

int
net_run(struct net *net, int control)
{
	struct epoll_event events[EVENTS];

	for (;;) {
		nanoseconds next = release(net),
			    told = tell(net, now_monotonic());
		int n = wait_until(net, next < told ? next : told, events);

		if (n == -1)
			return (-1);
		for (int i = 0; i < n; i++) {
			if (events[i].data.u64 != CONTROL)
				serve_end(net, events[i].data.u64, &next);
			else if (control_serve(net, control) == -1)
				return (errno == 0 ? 0 : -1);
		}
	}
}
