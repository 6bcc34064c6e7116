/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * clock - a wall clock that a test can set, for LD_PRELOAD.
 *
 * CLOCK_REALTIME and its relatives, gettimeofday, time, ntp_adjtime and the
 * kernel's stamps in control messages are told by the file of layout.h. A
 * timerfd of CLOCK_REALTIME rings by that clock, and ends with ECANCELED when it
 * is set and TFD_TIMER_CANCEL_ON_SET was asked for. CLOCK_MONOTONIC is the
 * host's. Not told: waits on CLOCK_REALTIME other than timerfd, times of files.
 */
#include "tests/clock/layout.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#define NS INT64_C(1000000000)
#define FD_MOST 65536

/* A timerfd of ours is an epoll with the real one and a watch of the file. */
struct timer {
	int real, watch;
	bool cancel;    /* by a step */
	bool armed;     /* for an instant, which is `when` */
	uint32_t steps; /* when it was set */
	struct itimerspec when;
};

static const struct layout *file;
static char path[4096];
static struct timer *timers[FD_MOST];

__attribute__((constructor)) static void
open_file(void)
{
	const char *name = getenv("PHAROS_TEST_CLOCK");
	const struct layout *mapped;
	int fd;

	if (name == NULL || strlen(name) >= sizeof(path))
		return;
	strcpy(path, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	mapped = mmap(NULL, sizeof(*mapped), PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (mapped != MAP_FAILED && mapped->magic == LAYOUT_MAGIC)
		file = mapped;
}

/* A whole copy; false: the host's clock counts. */
static bool
read_file(struct layout *copy)
{
	const _Atomic uint32_t *sequence;
	uint32_t before;

	if (file == NULL)
		return (false);
	sequence = (const _Atomic uint32_t *)&file->sequence;
	do {
		before = atomic_load(sequence);
		*copy = *file;
		atomic_thread_fence(memory_order_acquire);
	} while ((before & 1) != 0 || atomic_load(sequence) != before);
	return (true);
}

static int64_t
ns_of(const struct timespec *ts)
{
	return (ts->tv_sec * NS + ts->tv_nsec);
}

static void
set_ts(struct timespec *ts, int64_t ns)
{
	ts->tv_sec = ns / NS;
	ts->tv_nsec = ns % NS;
	if (ts->tv_nsec < 0) {
		ts->tv_nsec += NS;
		ts->tv_sec--;
	}
}

static int64_t
told_at(const struct layout *layout, int64_t host)
{
	const struct layout_stretch *s =
	    host < layout->now.since ? &layout->before : &layout->now;

	return (host + s->offset +
		(int64_t)((__int128)(host - s->since) * s->rate / NS));
}

static int64_t
host_at(const struct layout *layout, int64_t told)
{
	const struct layout_stretch *s = &layout->now;

	return (s->since + (int64_t)((__int128)(told - s->offset - s->since) *
				     NS / (NS + s->rate)));
}

/*
 * Reading the clock.
 */

static int
host_gettime(clockid_t id, struct timespec *ts)
{
	return ((int)syscall(SYS_clock_gettime, id, ts));
}

int
clock_gettime(clockid_t id, struct timespec *ts)
{
	struct layout layout;
	int result = host_gettime(id, ts);

	if (result != 0 || !read_file(&layout))
		return (result);
	if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)
		set_ts(ts, told_at(&layout, ns_of(ts)));
	else if (id == CLOCK_TAI)
		set_ts(ts, ns_of(ts) + layout.now.offset);
	else if (id == CLOCK_BOOTTIME)
		set_ts(ts, ns_of(ts) + layout.slept);
	return (0);
}

int
gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	tv->tv_sec = ts.tv_sec;
	tv->tv_usec = ts.tv_nsec / 1000;
	return (0);
}

time_t
time(time_t *t)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	if (t != NULL)
		*t = ts.tv_sec;
	return (ts.tv_sec);
}

int
adjtimex(struct timex *tx)
{
	struct layout layout;
	int result;

	if (file != NULL && tx->modes != 0) { /* it is the host's clock */
		errno = EPERM;
		return (-1);
	}
	result = (int)syscall(SYS_adjtimex, tx);
	if (!read_file(&layout) || layout.told == 0)
		return (result);
	tx->status = layout.status;
	tx->maxerror = layout.max_error;
	tx->esterror = layout.est_error;
	tx->freq = layout.frequency;
	return (layout.state);
}

int
ntp_adjtime(struct timex *tx)
{
	return (adjtimex(tx));
}

/*
 * Timers.
 */

static struct timer *
timer_of(int fd)
{
	return (fd >= 0 && fd < FD_MOST ? timers[fd] : NULL);
}

static void
watch(int set, int fd)
{
	struct epoll_event event = {.events = EPOLLIN};

	epoll_ctl(set, EPOLL_CTL_ADD, fd, &event);
}

int
timerfd_create(int id, int flags)
{
	int real = (int)syscall(SYS_timerfd_create, id, flags | TFD_NONBLOCK);
	struct timer *timer;
	int fd;

	if (real < 0 || id != CLOCK_REALTIME || file == NULL)
		return (real);
	fd = epoll_create1(EPOLL_CLOEXEC);
	timer = calloc(1, sizeof(*timer));
	if (fd < 0 || fd >= FD_MOST || timer == NULL)
		abort();
	timer->real = real;
	timer->watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	inotify_add_watch(timer->watch, path, IN_ATTRIB);
	watch(fd, timer->real);
	watch(fd, timer->watch);
	timers[fd] = timer;
	return (fd);
}

/* By the host's clock. */
static int
arm(struct timer *timer)
{
	struct itimerspec when = timer->when;
	struct layout layout;
	int64_t host;

	read_file(&layout);
	host = host_at(&layout, ns_of(&when.it_value));
	set_ts(&when.it_value, host > 0 ? host : 1);
	return ((int)syscall(
	    SYS_timerfd_settime, timer->real, TFD_TIMER_ABSTIME, &when, NULL));
}

int
timerfd_settime(
    int fd, int flags, const struct itimerspec *when, struct itimerspec *old)
{
	struct timer *timer = timer_of(fd);
	struct layout layout;

	if (timer == NULL)
		return (
		    (int)syscall(SYS_timerfd_settime, fd, flags, when, old));
	read_file(&layout);
	timer->steps = layout.steps;
	timer->cancel = (flags & TFD_TIMER_CANCEL_ON_SET) != 0;
	timer->when = *when;
	timer->armed =
	    (flags & TFD_TIMER_ABSTIME) != 0 &&
	    (when->it_value.tv_sec != 0 || when->it_value.tv_nsec != 0);
	if (timer->armed)
		return (arm(timer));
	return ((int)syscall(
	    SYS_timerfd_settime, timer->real, flags & 1, when, old));
}

static ssize_t
host_read(int fd, void *to, size_t length)
{
	return (syscall(SYS_read, fd, to, length));
}

/* As the kernel: a set clock first, then what is due by it. */
static ssize_t
read_timer(struct timer *timer, void *to, size_t length)
{
	struct layout layout;
	char events[1024];

	while (host_read(timer->watch, events, sizeof(events)) > 0)
		;
	read_file(&layout);
	if (timer->armed)
		arm(timer);
	if (timer->cancel && layout.steps != timer->steps) {
		timer->steps = layout.steps;
		errno = ECANCELED;
		return (-1);
	}
	return (host_read(timer->real, to, length));
}

ssize_t
read(int fd, void *to, size_t length)
{
	static ssize_t (*next)(int, void *, size_t);
	struct timer *timer = timer_of(fd);

	if (timer != NULL)
		return (read_timer(timer, to, length));
	if (next == NULL)
		next = (ssize_t(*)(int, void *, size_t))(uintptr_t)dlsym(
		    RTLD_NEXT, "read");
	return (next(fd, to, length));
}

int
close(int fd)
{
	static int (*next)(int);
	struct timer *timer = timer_of(fd);

	if (timer != NULL) {
		timers[fd] = NULL;
		syscall(SYS_close, timer->real);
		syscall(SYS_close, timer->watch);
		free(timer);
	}
	if (next == NULL)
		next = (int (*)(int))(uintptr_t)dlsym(RTLD_NEXT, "close");
	return (next(fd));
}

/*
 * Stamps.
 */

static void
tell_ts(const struct layout *layout, void *at)
{
	struct timespec ts;

	memcpy(&ts, at, sizeof(ts));
	if (ts.tv_sec == 0 && ts.tv_nsec == 0)
		return; /* not stamped */
	set_ts(&ts, told_at(layout, ns_of(&ts)));
	memcpy(at, &ts, sizeof(ts));
}

static void
tell_tv(const struct layout *layout, void *at)
{
	struct timeval tv;
	struct timespec ts;

	memcpy(&tv, at, sizeof(tv));
	set_ts(&ts, told_at(layout, tv.tv_sec * NS + tv.tv_usec * 1000));
	tv.tv_sec = ts.tv_sec;
	tv.tv_usec = ts.tv_nsec / 1000;
	memcpy(at, &tv, sizeof(tv));
}

/* Software stamps; a hardware stamp is of another clock. */
static void
tell_stamps(struct msghdr *message)
{
	struct cmsghdr *part;
	struct layout layout;

	if (message->msg_controllen == 0 || !read_file(&layout))
		return;
	for (part = CMSG_FIRSTHDR(message); part != NULL;
	     part = CMSG_NXTHDR(message, part)) {
		if (part->cmsg_level != SOL_SOCKET)
			continue;
		if (part->cmsg_type == SCM_TIMESTAMPING ||
		    part->cmsg_type == SCM_TIMESTAMPNS)
			tell_ts(&layout, CMSG_DATA(part));
		else if (part->cmsg_type == SCM_TIMESTAMP)
			tell_tv(&layout, CMSG_DATA(part));
	}
}

ssize_t
recvmsg(int fd, struct msghdr *message, int flags)
{
	static ssize_t (*next)(int, struct msghdr *, int);
	ssize_t length;

	if (next == NULL)
		next = (ssize_t(*)(int, struct msghdr *, int))(uintptr_t)dlsym(
		    RTLD_NEXT, "recvmsg");
	length = next(fd, message, flags);
	if (length >= 0)
		tell_stamps(message);
	return (length);
}

int
recvmmsg(int fd, struct mmsghdr *messages, unsigned int room, int flags,
    struct timespec *timeout)
{
	static int (*next)(
	    int, struct mmsghdr *, unsigned int, int, struct timespec *);
	int count;

	if (next == NULL)
		next = (int (*)(int, struct mmsghdr *, unsigned int, int,
		    struct timespec *))(uintptr_t)dlsym(RTLD_NEXT, "recvmmsg");
	count = next(fd, messages, room, flags, timeout);
	for (int i = 0; i < count; i++)
		tell_stamps(&messages[i].msg_hdr);
	return (count);
}
