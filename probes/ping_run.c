/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "probes/ping.h"

static bool
all_sent(const struct ping_run *run)
{
	return (run->next >= run->tally.count);
}

static nanoseconds
next_due(const struct ping_run *run)
{
	return (run->origin + run->next * ping_settings(run)->spacing);
}

/* How long to wait for further copies. */
static nanoseconds
linger_of(const struct ping_run *run)
{
	nanoseconds linger = PING_LINGER * run->longest;

	if (linger < PING_LINGER_LEAST)
		linger = PING_LINGER_LEAST;
	if (linger > PING_LINGER_MOST)
		linger = PING_LINGER_MOST;
	return (linger > 2 * run->longest ? linger : 2 * run->longest);
}

/* When the run ends, if nothing more comes. All must have been sent. */
static nanoseconds
end_of(const struct ping_run *run)
{
	nanoseconds deadline = run->last_sent + run->tally.timeout, settled;

	if (run->tally.open > 0 || run->waiting > 0)
		return (deadline);
	settled = run->last_heard + linger_of(run);
	return (settled < deadline ? settled : deadline);
}

static void
wait_for_end(struct ping_run *run)
{
	nanoseconds end = end_of(run), next = ping_live_next(run, end);

	if (next < end)
		ping_wake(run, next);
	else
		ping_wake_about(run, end);
}

void
ping_schedule(struct ping_run *run)
{
	if (all_sent(run))
		wait_for_end(run);
}

static void
send_next(struct ping_run *run, nanoseconds now)
{
	struct ping *ping = run->probe->worker->state;
	size_t length = ICMP_HEADER + run->request.payload;

	run->request.sequence = (uint16_t)run->next;
	icmp_write(&run->request, echo_room(run->echo, length));
	run->waiting++;
	run->last_sent = now;
	run->slot = 0;
	echo_push(run->echo, length, &run->route, run, run->next++);
	if (run->waiting > 0 && !ping->gathered)
		event_active(ping->flusher, EV_TIMEOUT, 0);
	ping->gathered |= run->waiting > 0;
	ping_keep_up(ping);
}

/* When the ceilings let the next packet go; 0: not soon enough. */
static nanoseconds
take_turn(struct ping_run *run, nanoseconds now)
{
	struct ping *ping = run->probe->worker->state;
	const struct ping_settings *s = ping_settings(run);
	struct pace *own = &run->target->pace;
	nanoseconds slot = pace_look(own, now),
		    all = pace_look(&ping->pace, now);

	if (slot - now > PING_LATEST || all - now > PING_LATEST)
		return (0);
	slot = pace_take(own, s->target_ceiling, now);
	all = pace_take(&ping->pace, s->ceiling, now);
	return (slot > all ? slot : all);
}

/* Sends it, unless it has to wait. When the next one's time comes, or its. */
static nanoseconds
send_in_turn(struct ping_run *run, nanoseconds now)
{
	if (run->slot == 0)
		run->slot = take_turn(run, now);
	if (run->slot > now)
		return (run->slot);
	if (run->slot != 0) {
		send_next(run, now);
	} else {
		run->crowded++;
		run->next++;
		run->last_sent = now;
	}
	return (next_due(run));
}

/* What came in time but was not read yet counts, so look before the end. */
static void
end_when_due(struct ping_run *run)
{
	struct ping *ping = run->probe->worker->state;

	if (ping->drained < end_of(run) &&
	    ping->host->monotonic() >= end_of(run))
		ping_drain(ping);
	if (ping->drained < end_of(run)) {
		wait_for_end(run);
		return;
	}
	event_del(run->timer);
	ping_report(run);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct ping_run *run = arg;
	nanoseconds now, next;

	ping_live_silence(run);
	if (all_sent(run)) {
		end_when_due(run);
		return;
	}
	now = run->probe->worker->host->monotonic();
	next = next_due(run);
	if (now >= next)
		next = send_in_turn(run, now);
	if (all_sent(run))
		wait_for_end(run);
	else
		ping_wake(run, ping_live_next(run, next));
}

/* A checksum for the flow: any but 0xffff, which no message can have. */
static uint16_t
flow_checksum(uint64_t flow)
{
	flow *= UINT64_C(0x9e3779b97f4a7c15);
	return ((uint16_t)((flow >> 32) % 0xffff));
}

static int
take_cookie(struct ping_run *run, struct error *err)
{
	struct ping *ping = run->probe->worker->state;

	if (ping->cookies < ICMP_COOKIE) {
		if (getrandom(ping->random, sizeof(ping->random), 0) !=
		    sizeof(ping->random))
			return (ping->host->error_set(err, "getrandom: %m"));
		ping->cookies = sizeof(ping->random);
	}
	ping->cookies -= ICMP_COOKIE;
	memcpy(run->request.cookie, ping->random + ping->cookies, ICMP_COOKIE);
	return (0);
}

static int
take_source(struct ping_run *run, struct error *err)
{
	const struct ping_settings *s = ping_settings(run);
	const struct probe_host *host = run->probe->worker->host;
	bool v6 = run->echo->family == 6;
	void *at = v6 ? (void *)&run->source.in6.sin6_addr
		      : (void *)&run->source.in.sin_addr;

	run->source = *run->probe->source;
	if (s->source[0] == '\0')
		return (0);
	run->source.sa.sa_family = v6 ? AF_INET6 : AF_INET;
	if (inet_pton(run->source.sa.sa_family, s->source, at) != 1)
		return (host->error_set(err,
		    "source %s: expected an IPv%d address, as the target's is",
		    s->source, run->echo->family));
	return (0);
}

static int
take_route(struct ping_run *run, struct error *err)
{
	const struct ping_settings *s = ping_settings(run);

	if (take_source(run, err) == -1)
		return (-1);
	run->route = (struct echo_route){
	    .target = run->probe->target,
	    .source = &run->source,
	    .dscp = (int)s->dscp,
	    .plain =
		s->count == 1 && !s->discard_first && s->ceiling > PING_PLAIN,
	};
	if (s->interface[0] == '\0')
		return (0);
	run->route.interface = if_nametoindex(s->interface);
	if (run->route.interface == 0)
		return (run->probe->worker->host->error_set(
		    err, "interface %s: %m", s->interface));
	return (0);
}

static int
prepare(struct ping_run *run, struct error *err)
{
	const struct probe_host *host = run->probe->worker->host;
	const struct ping_settings *s = ping_settings(run);

	run->request = (struct icmp_echo){
	    .family = run->echo->family,
	    .identifier = run->echo->identifier,
	    .flow = flow_checksum(run->probe->flow),
	    .payload = (size_t)s->size,
	    .page = s->page,
	    .page_length = strlen(s->page),
	};
	if (take_cookie(run, err) == -1 || take_route(run, err) == -1)
		return (-1);
	run->timer = evtimer_new(run->probe->worker->base, on_timer, run);
	if (run->timer == NULL || tally_init(&run->tally, s->discard_first,
				      (uint32_t)s->count, s->timeout) == -1)
		return (host->error_set(err, "out of memory"));
	return (0);
}

int
ping_start(struct probe_run *given, struct error *err)
{
	struct ping *ping = given->worker->state;
	int family = given->target->sa.sa_family == AF_INET6 ? 6 : 4;
	struct ping_socket *it = &ping->sockets[ping_index(family)];
	struct ping_run *run = given->state;

	if (it->echo.fd == -1)
		return (ping->host->error_set(err, "%s", it->why.text));
	run->probe = given;
	run->echo = &it->echo;
	if (prepare(run, err) == -1)
		return (-1);
	run->origin = run->last_heard = ping->host->monotonic();
	ping_runs_add(&ping->runs, run);
	on_timer(-1, 0, run);
	return (0);
}

void
ping_stop(struct probe_run *given)
{
	struct ping_run *run = given->state;
	struct ping *ping = given->worker->state;

	if (run->waiting > 0)
		echo_flush(run->echo);
	if (run->tally.packets != NULL) {
		for (uint32_t i = 0; i < run->tally.count; i++)
			echo_forget(run->echo, run->tally.packets[i].id, run);
		ping_socket(run)->given_up += run->tally.open;
		ping_runs_remove(&ping->runs, run);
		if (ping->runs.count == 0)
			echo_rest(run->echo);
	}
	tally_free(&run->tally);
	free(run->faults);
	if (run->timer != NULL)
		event_free(run->timer);
}

void
ping_finish(struct probe_run *given)
{
	struct ping_run *run = given->state;
	struct ping *ping = given->worker->state;
	uint32_t open;

	ping_flush(ping);
	ping_drain(ping);
	open = run->tally.open;
	tally_withdraw(&run->tally, ping->host->monotonic());
	ping_socket(run)->given_up += open - run->tally.open;
	run->next = run->tally.count;
	run->last_heard = 0; /* copies are not waited for */
	ping_schedule(run);
}
