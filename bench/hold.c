/* SPDX-License-Identifier: BSD-2-Clause */
#include <event2/event.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/crowd.h"
#include "bench/link.h"
#include "common/daemon.h"
#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"

#define FIRST_PAUSE NS_PER_S /* as agent/lane has it */
#define LONGEST_PAUSE (60 * NS_PER_S)
/* as agent/uplink has it: for connection, handshake and answer together */
#define HELLO_SECONDS 60
#define PLAN_SECONDS 90

struct holding;

/* One of an agent's two connections. */
struct lane {
	struct holding *holding;
	struct link *link;
	struct event *timer;    /* the next try, or the next request */
	struct event *patience; /* with the one under way */
	struct sockaddr_in from;
	nanoseconds pause;
	bool plan;           /* it holds the plan; else it says hello */
	bool open, answered; /* answered: since it was opened */
	char etag[80];
};

struct holding {
	struct crowd *crowd;
	struct lane *lanes;
	size_t count;
	char *hello;
	size_t open, answered, refused; /* lanes */
	size_t given_up;                /* tries that took too long */
};

static void
wait_for(struct lane *lane, nanoseconds pause)
{
	struct timeval wait = clock_timeval(pause);

	event_add(lane->timer, &wait);
}

static void
be_patient(struct lane *lane)
{
	const struct timeval wait = {
	    lane->plan ? PLAN_SECONDS : HELLO_SECONDS, 0};

	event_add(lane->patience, &wait);
}

static void
ask(struct lane *lane)
{
	const char *hello = lane->holding->hello;
	char headers[160];

	if (!lane->plan) {
		link_ask(lane->link, "POST", "/agent/v1/hello",
		    "Content-Type: application/json\r\n", hello, strlen(hello));
		return;
	}
	snprintf(headers, sizeof(headers), "Prefer: wait=60\r\n%s%s%s",
	    lane->etag[0] != '\0' ? "If-None-Match: " : "", lane->etag,
	    lane->etag[0] != '\0' ? "\r\n" : "");
	link_ask(lane->link, "GET", "/agent/v1/plan", headers, "", 0);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct lane *lane = arg;

	be_patient(lane);
	if (lane->open)
		ask(lane);
	else
		link_open(lane->link, &lane->from, &lane->holding->crowd->to);
}

static void
note_answered(struct lane *lane)
{
	lane->holding->answered += !lane->answered;
	lane->answered = true;
	lane->pause = FIRST_PAUSE;
}

static void
on_ready(void *arg)
{
	struct lane *lane = arg;

	lane->open = true;
	lane->holding->open++;
	ask(lane);
	/* one whose plan is still good gets no answer for a minute */
	if (lane->plan && lane->etag[0] != '\0')
		note_answered(lane);
}

static void
on_answer(
    void *arg, int status, const char *etag, const char *body, size_t length)
{
	struct lane *lane = arg;

	event_del(lane->patience);
	if (status != 200 && status != 304) {
		if (lane->holding->refused++ == 0)
			log_warnx("HTTP %d: %.400s", status, body);
		wait_for(lane, 10 * NS_PER_S);
		return;
	}
	note_answered(lane);
	if (!lane->plan) {
		wait_for(lane, clock_of_seconds(lane->holding->crowd->beat));
		return;
	}
	if (etag[0] != '\0')
		snprintf(lane->etag, sizeof(lane->etag), "%s", etag);
	be_patient(lane);
	ask(lane);
}

static void
on_closed(void *arg)
{
	struct lane *lane = arg;

	event_del(lane->patience);
	lane->holding->open -= lane->open;
	lane->holding->answered -= lane->answered;
	lane->open = lane->answered = false;
	wait_for(
	    lane, lane->pause / 2 + (nanoseconds)(drand48() * lane->pause / 2));
	lane->pause *= 2;
	if (lane->pause > LONGEST_PAUSE)
		lane->pause = LONGEST_PAUSE;
}

static void
on_patience(evutil_socket_t fd, short what, void *arg)
{
	struct lane *lane = arg;

	lane->holding->given_up++;
	link_close(lane->link);
	on_closed(lane);
}

static void
on_tell(evutil_socket_t fd, short what, void *arg)
{
	const struct holding *holding = arg;

	printf("{\"at\":%.3f,\"lanes\":%zu,\"open\":%zu,\"answered\":%zu,"
	       "\"refused\":%zu,\"given_up\":%zu}\n",
	    clock_seconds(clock_wall()), holding->count, holding->open,
	    holding->answered, holding->refused, holding->given_up);
}

static void
prepare(struct holding *holding, size_t i)
{
	static const struct link_calls calls = {on_ready, on_answer, on_closed};
	struct crowd *crowd = holding->crowd;
	struct lane *lane = &holding->lanes[i];
	size_t box = i % crowd->boxes;

	lane->holding = holding;
	lane->plan = i >= crowd->boxes;
	lane->pause = FIRST_PAUSE;
	crowd_address(crowd, box, &lane->from);
	lane->timer = evtimer_new(crowd->base, on_timer, lane);
	lane->patience = evtimer_new(crowd->base, on_patience, lane);
	lane->link = link_new(crowd->base, crowd->identities.tls,
	    crowd->identities.list[box].certificate, crowd->identities.key,
	    &calls, lane);
	/* the first time over ten seconds: this is not what is measured */
	wait_for(lane, (nanoseconds)(drand48() * 10 * NS_PER_S));
}

int
crowd_hold(struct crowd *crowd)
{
	static const struct timeval often = {0, 100000};
	struct holding holding = {.crowd = crowd};
	char *path = memory_print("%s/hello.json", crowd->folder);
	struct event *tell =
	    event_new(crowd->base, -1, EV_PERSIST, on_tell, &holding);
	struct error err;

	holding.hello = daemon_read_file(path, 1 << 20, NULL, &err);
	if (holding.hello == NULL)
		log_fatal("%s", err.text);
	holding.count = crowd->boxes + crowd->plans;
	holding.lanes = memory_new(holding.count, sizeof(*holding.lanes));
	for (size_t i = 0; i < holding.count; i++)
		prepare(&holding, i);
	event_add(tell, &often);
	return (event_base_dispatch(crowd->base)); /* until it is killed */
}
