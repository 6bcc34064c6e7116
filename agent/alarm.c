/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/alarm.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"

#define NEVER (INT64_C(1) << 32) /* seconds: the year 2106 */

struct alarm {
	int fd;
	struct event *event;
	void (*ring)(void *arg);
	void *arg;
};

static void
ready(evutil_socket_t fd, short what, void *arg)
{
	struct alarm *alarm = arg;
	uint64_t count;

	if (read(fd, &count, sizeof(count)) < 0 && errno != ECANCELED &&
	    errno != EAGAIN)
		log_warn("timer");
	alarm->ring(alarm->arg);
}

struct alarm *
alarm_new(struct event_base *base, void (*ring)(void *arg), void *arg,
    struct error *err)
{
	struct alarm *alarm;
	int fd;

	fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (fd < 0)
		return (error_set(err, "timerfd: %m"), NULL);
	alarm = memory_new(1, sizeof(*alarm));
	alarm->fd = fd;
	alarm->ring = ring;
	alarm->arg = arg;
	alarm->event = event_new(base, fd, EV_READ | EV_PERSIST, ready, alarm);
	event_add(alarm->event, NULL);
	return (alarm);
}

void
alarm_free(struct alarm *alarm)
{
	if (alarm == NULL)
		return;
	event_free(alarm->event);
	close(alarm->fd);
	free(alarm);
}

void
alarm_set(struct alarm *alarm, nanoseconds wall)
{
	struct itimerspec when = {{0, 0}, {NEVER, 0}};

	if (wall < NEVER * NS_PER_S) {
		when.it_value.tv_sec = wall > 0 ? wall / NS_PER_S : 0;
		when.it_value.tv_nsec = wall > 0 ? wall % NS_PER_S : 0;
		if (wall <= 0) /* zero would disarm it */
			when.it_value.tv_nsec = 1;
	}
	if (timerfd_settime(alarm->fd,
		TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when, NULL) < 0)
		log_warn("timer");
}
