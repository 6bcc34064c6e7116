/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "probes/ping.h"

#define DRAIN_EVERY 16 /* packets sent */

static const struct ping_settings *
settings_of(const struct ping_run *run)
{
	return (run->probe->settings);
}

static bool
all_sent(const struct ping_run *run)
{
	return (run->next >= run->tally.count);
}

static nanoseconds
next_due(const struct ping_run *run)
{
	return (run->origin + run->next * settings_of(run)->spacing);
}

/* When the run ends, if nothing more comes. All must have been sent. */
static nanoseconds
end_of(const struct ping_run *run)
{
	nanoseconds deadline = run->last_sent + run->tally.timeout, settled;

	if (run->tally.open > 0)
		return (deadline);
	settled =
	    run->last_heard +
	    (2 * run->longest > PING_LINGER ? 2 * run->longest : PING_LINGER);
	return (settled < deadline ? settled : deadline);
}

static void
set_timer(struct ping_run *run, nanoseconds at)
{
	nanoseconds left =
	    at - run->probe->worker->host->monotonic() + NS_PER_US - 1;
	struct timeval tv = {0};

	if (left > 0) {
		tv.tv_sec = left / NS_PER_S;
		tv.tv_usec = left % NS_PER_S / NS_PER_US;
	}
	event_add(run->timer, &tv);
}

void
ping_schedule(struct ping_run *run)
{
	if (all_sent(run))
		set_timer(run, end_of(run));
}

static void
send_next(struct ping_run *run)
{
	struct ping *ping = run->probe->worker->state;
	const struct probe_host *host = ping->host;
	size_t length = ICMP_HEADER + run->request.payload;
	nanoseconds now;
	int refusal;

	run->request.sequence = (uint16_t)run->next;
	icmp_write(&run->request, ping->packet);
	now = host->monotonic();
	refusal = echo_send(run->echo, ping->packet, length, run->probe->target,
	    run->probe->source);
	if (refusal == 0)
		tally_sent(&run->tally, run->next, now);
	else
		run->refused++;
	run->refusal = refusal != 0 ? refusal : run->refusal;
	run->last_sent = now;
	run->next++;
	if (++ping->undrained >= DRAIN_EVERY)
		ping_drain(ping);
}

static void
report(struct ping_run *run, const struct tally_totals *totals)
{
	const struct probe_host *host = run->probe->worker->host;
	char text[PING_ERROR];

	host->count(run->probe, "sent", totals->sent);
	host->count(run->probe, "received", totals->received);
	host->count(run->probe, "lost", totals->lost);
	host->count(run->probe, "late", totals->late);
	host->count(run->probe, "lost_locally", totals->lost_locally);
	host->count(run->probe, "duplicates", totals->duplicates);
	host->count(run->probe, "reordered", totals->reordered);
	host->count(run->probe, "corrupted", totals->corrupted);
	host->stamps(run->probe, STAMP_USER,
	    run->echo->stamped ? STAMP_KERNEL : STAMP_USER);
	if (run->refused > 0) {
		snprintf(text, sizeof(text),
		    "%u packets refused by this host: %s", run->refused,
		    strerror(run->refusal));
		host->text(run->probe, "error", text);
	} else if (run->error[0] != '\0') {
		host->text(run->probe, "error", run->error);
	}
}

/* Nothing is known about the path: why? */
static const char *
explain(struct ping_run *run, const struct tally_totals *totals, char text[128])
{
	if (totals->sent > 0)
		return ("the answers were dropped by this host: its receive "
			"buffer was full (net.core.rmem_max)");
	if (run->refused == 0)
		return ("interrupted before anything was due");
	snprintf(
	    text, 128, "no packet could be sent: %s", strerror(run->refusal));
	return (text);
}

static void
end(struct ping_run *run)
{
	const struct probe_host *host = run->probe->worker->host;
	struct tally_totals totals;
	char text[128];

	tally_total(&run->tally, echo_drops(run->echo) - run->drops, &totals);
	report(run, &totals);
	if (totals.received > 0)
		host->done(run->probe, PROBE_MEASURED, NULL);
	else if (totals.lost > 0)
		host->done(run->probe, PROBE_NO_ANSWER, NULL);
	else
		host->done(
		    run->probe, PROBE_FAILED, explain(run, &totals, text));
}

/* What came in time but was not read yet counts, so look before the end. */
static void
end_when_due(struct ping_run *run)
{
	const struct probe_host *host = run->probe->worker->host;

	if (host->monotonic() >= end_of(run)) {
		ping_drain(run->probe->worker->state);
		if (host->monotonic() >= end_of(run)) {
			event_del(run->timer);
			end(run);
			return;
		}
	}
	set_timer(run, end_of(run));
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct ping_run *run = arg;

	if (all_sent(run)) {
		end_when_due(run);
		return;
	}
	if (run->probe->worker->host->monotonic() >= next_due(run))
		send_next(run);
	set_timer(run, all_sent(run) ? end_of(run) : next_due(run));
}

/* A checksum for the flow: any but 0xffff, which no message can have. */
static uint16_t
flow_checksum(uint64_t flow)
{
	flow *= UINT64_C(0x9e3779b97f4a7c15);
	return ((uint16_t)((flow >> 32) % 0xffff));
}

static int
prepare(struct ping_run *run, struct error *err)
{
	const struct probe_host *host = run->probe->worker->host;
	const struct ping_settings *s = settings_of(run);

	run->request = (struct icmp_echo){
	    .family = run->echo->family,
	    .identifier = run->echo->identifier,
	    .flow = flow_checksum(run->probe->flow),
	    .payload = (size_t)s->size,
	};
	if (getrandom(run->request.cookie, ICMP_COOKIE, 0) != ICMP_COOKIE)
		return (host->error_set(err, "getrandom: %m"));
	run->timer = evtimer_new(run->probe->worker->base, on_timer, run);
	if (run->timer == NULL ||
	    tally_init(&run->tally, (uint32_t)s->count, s->timeout) == -1)
		return (host->error_set(err, "out of memory"));
	return (0);
}

int
ping_start(struct probe_run *given, struct error *err)
{
	struct ping *ping = given->worker->state;
	int i = given->target->sa.sa_family == AF_INET6 ? 1 : 0;
	struct ping_run *run = given->state;

	if (ping->echo[i].fd == -1)
		return (ping->host->error_set(err, "%s", ping->why[i].text));
	run->probe = given;
	run->echo = &ping->echo[i];
	if (prepare(run, err) == -1)
		return (-1);
	run->drops = echo_drops(run->echo);
	run->origin = run->last_heard = ping->host->monotonic();
	ping_add(ping, run);
	on_timer(-1, 0, run);
	return (0);
}

void
ping_stop(struct probe_run *given)
{
	struct ping_run *run = given->state;

	if (run->tally.packets != NULL)
		ping_remove(run);
	tally_free(&run->tally);
	if (run->timer != NULL)
		event_free(run->timer);
}

void
ping_finish(struct probe_run *given)
{
	struct ping_run *run = given->state;
	struct ping *ping = given->worker->state;

	ping_drain(ping);
	tally_withdraw(&run->tally, ping->host->monotonic());
	run->next = run->tally.count;
	run->last_heard = 0; /* copies are not waited for */
	ping_schedule(run);
}
