/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/commits.h"

#include <event2/event.h>
#include <stdlib.h>

#include "agent/spool.h"
#include "agent/watch.h"
#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/steady.h"

static const struct timeval delay = {.tv_usec = 200000};
static const struct timeval retry = {.tv_usec = 500000};
static const struct timeval beat_period = {.tv_sec = 16};

struct commits {
	struct spool *spool;
	struct watch *watch;
	const struct commits_calls *calls;
	void *arg;
	struct steady steady; /* by which records become old */
	struct event *timer, *beat_timer;
	char *why; /* the last one failed; NULL: it did not */
};

static void
tell_leap(struct commits *commits, nanoseconds now)
{
	nanoseconds steady =
	    steady_time(&commits->steady, now, clock_monotonic());

	spool_set_leap(commits->spool, now - steady);
}

static void
commit(evutil_socket_t fd, short what, void *arg)
{
	struct commits *commits = arg;
	nanoseconds now;
	struct error err;

	free(commits->why);
	commits->why = NULL;
	commits->calls->before(commits->arg);
	if ((now = watch_time(commits->watch)) != 0)
		tell_leap(commits, now);
	if (spool_commit(commits->spool, now, &err) < 0) {
		log_warnx("%s", err.text);
		commits->why = memory_text(err.text);
		evtimer_add(commits->timer, &retry);
	}
	commits->calls->after(commits->arg);
}

void
commits_soon(struct commits *commits)
{
	if (!evtimer_pending(commits->timer, NULL))
		evtimer_add(commits->timer, &delay);
}

static void
beat(evutil_socket_t fd, short what, void *arg)
{
	struct commits *commits = arg;

	watch_look(commits->watch);
	commits_soon(commits);
}

struct commits *
commits_new(struct event_base *base, struct spool *spool, struct watch *watch,
    const struct commits_calls *calls, void *arg)
{
	struct commits *commits = memory_new(1, sizeof(*commits));

	commits->spool = spool;
	commits->watch = watch;
	commits->calls = calls;
	commits->arg = arg;
	if (spool_lived(spool) != 0)
		steady_begin(
		    &commits->steady, spool_lived(spool), clock_monotonic());
	commits->timer = evtimer_new(base, commit, commits);
	commits->beat_timer = event_new(base, -1, EV_PERSIST, beat, commits);
	event_add(commits->beat_timer, &beat_period);
	return (commits);
}

void
commits_free(struct commits *commits)
{
	if (commits == NULL)
		return;
	event_free(commits->beat_timer);
	event_free(commits->timer);
	free(commits->why);
	free(commits);
}

const char *
commits_error(const struct commits *commits)
{
	return (commits->why);
}
