/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "probes/ping.h"

#define DRAIN_EVERY ECHO_BATCH /* packets sent */

/* Many may answer what was sent to a group. */
static bool
is_group(const struct ping_run *run)
{
	const union address *target = run->probe->target;

	return (run->echo->family == 6
		    ? IN6_IS_ADDR_MULTICAST(&target->in6.sin6_addr)
		    : IN_MULTICAST(ntohl(target->in.sin_addr.s_addr)));
}

/* Ends the process where there is no memory, as the host does. */
static void *
make(size_t size)
{
	void *memory = calloc(1, size);

	if (memory == NULL)
		abort();
	return (memory);
}

static void
note_fault(struct ping_run *run, int family, const uint8_t *who,
    const struct icmp_message *message)
{
	char text[FAULT_TEXT];

	if (run->faults == NULL)
		run->faults = make(sizeof(*run->faults));
	fault_add(run->faults, family, who, message);
	if (message != NULL && ping_watched(run))
		ping_live(run, message->sequence, "%s",
		    fault_text(run->faults, text));
}

static enum icmp_match
compare(struct ping_run *run, const struct icmp_message *reply)
{
	struct icmp_echo request = run->request;

	request.sequence = reply->sequence;
	return (icmp_match(&request, reply));
}

/* The run of a reply whose cookie was damaged. */
static struct ping_run *
find_by_check(struct ping *ping, int family, const uint8_t *from,
    const struct icmp_message *reply)
{
	struct ping_run *run;

	LIST_FOREACH (
	    run, ping_runs_towards(&ping->runs, family, from), by_target)
		if (ping_is_towards(run, family, from) &&
		    compare(run, reply) != ICMP_FOREIGN)
			return (run);
	return (NULL);
}

static void
take_answer(struct ping_run *run, const struct echo_arrival *arrival)
{
	int64_t enough = ping_settings(run)->pinger_replies;
	uint16_t packet = arrival->message.sequence;
	nanoseconds rtt = 0;

	if (!tally_answer(
		&run->tally, packet, arrival->read, &arrival->came, &rtt)) {
		ping_live(run, packet, "%s",
		    rtt == 0 ? "a further answer" : "too late");
		return;
	}
	if (rtt > run->longest)
		run->longest = rtt;
	run->ttl = arrival->ttl;
	ping_live_trip(run, packet, rtt);
	if (enough > 0 && run->tally.received >= enough)
		run->next = run->tally.count;
}

static void
take_damage(struct ping_run *run, uint16_t packet)
{
	tally_damage(&run->tally, packet);
	ping_live(run, packet, "the answer came damaged");
}

static void
on_reply(struct ping *ping, int family, const struct echo_arrival *arrival)
{
	const uint8_t *from = ping_address(family, &arrival->from);
	const struct icmp_message *reply = &arrival->message;
	struct ping_run *run =
	    reply->length < ICMP_COOKIE
		? NULL
		: ping_runs_find(&ping->runs, reply->payload);
	uint32_t open;

	if (run == NULL)
		run = find_by_check(ping, family, from, reply);
	if (run == NULL)
		return;
	if (!ping_is_towards(run, family, from) && !is_group(run)) {
		note_fault(run, family, from, NULL);
		return;
	}
	open = run->tally.open;
	if (compare(run, reply) == ICMP_SAME)
		take_answer(run, arrival);
	else
		take_damage(run, reply->sequence);
	ping_socket(run)->explained += open - run->tally.open;
	run->last_heard = arrival->when;
	ping_schedule(run);
}

/* Is this quoted request one of the run? A short quote holds no cookie. */
static bool
is_quoted(
    const struct ping_run *run, int family, const struct icmp_message *message)
{
	if (!ping_is_towards(run, family, message->destination))
		return (false);
	return (
	    message->length < ICMP_COOKIE ||
	    memcmp(run->request.cookie, message->payload, ICMP_COOKIE) == 0);
}

static void
on_trouble(struct ping *ping, int family, const struct echo_arrival *arrival)
{
	const struct icmp_message *message = &arrival->message;
	struct ping_chain *chain =
	    ping_runs_towards(&ping->runs, family, message->destination);
	struct ping_run *run;

	LIST_FOREACH (run, chain, by_target) {
		if (!is_quoted(run, family, message) ||
		    !tally_trouble(&run->tally, message->sequence))
			continue;
		ping_socket(run)->explained++;
		note_fault(
		    run, family, ping_address(family, &arrival->from), message);
		run->last_heard = arrival->when;
		ping_schedule(run);
		return;
	}
}

static void
on_arrival(void *arg, const struct echo_arrival *arrival)
{
	struct ping *ping = arg;
	int family = arrival->from.sa.sa_family == AF_INET6 ? 6 : 4;
	const struct echo *echo = &ping->sockets[ping_index(family)].echo;

	if (arrival->message.identifier != echo->identifier)
		return;
	if (arrival->message.kind == ICMP_REPLY)
		on_reply(ping, family, arrival);
	else if (arrival->message.kind == ICMP_TROUBLE)
		on_trouble(ping, family, arrival);
}

static void
on_sent(void *owner, uint32_t packet, nanoseconds when, uint32_t id)
{
	struct ping_run *run = owner;
	struct ping *ping = run->probe->worker->state;
	struct ping_socket *it = ping_socket(run);

	if (packet == 0) {
		run->drops = it->echo.drops;
		run->given_up = it->given_up;
	}
	tally_sent(&run->tally, packet, when, id);
	it->sent++;
	run->waiting--;
	run->last_sent = when;
	ping->undrained++;
}

static void
on_refused(void *owner, uint32_t packet, nanoseconds when, int error)
{
	struct ping_run *run = owner;
	struct ping_socket *it = ping_socket(run);

	if (packet == 0) {
		run->drops = it->echo.drops;
		run->given_up = it->given_up;
	}
	run->refusal = error;
	run->refused += packet >= run->tally.first;
	run->waiting--;
	ping_schedule(run);
}

static void
on_left(void *owner, uint32_t packet, const struct stamp *stamp)
{
	struct ping_run *run = owner;

	tally_left(&run->tally, packet, stamp);
}

const struct echo_calls ping_calls = {
    .sent = on_sent,
    .refused = on_refused,
    .left = on_left,
    .arrived = on_arrival,
};

void
ping_drain(struct ping *ping)
{
	ping->drained = ping->host->monotonic();
	ping->undrained = 0;
	for (int i = 0; i < 2; i++)
		if (ping->sockets[i].sent > 0)
			echo_receive(&ping->sockets[i].echo);
}

void
ping_keep_up(struct ping *ping)
{
	if (ping->undrained >= DRAIN_EVERY)
		ping_drain(ping);
}

void
ping_flush(struct ping *ping)
{
	for (int i = 0; i < 2; i++)
		if (ping->sockets[i].echo.fd != -1)
			echo_flush(&ping->sockets[i].echo);
	ping_keep_up(ping);
}

struct ping_socket *
ping_socket(const struct ping_run *run)
{
	struct ping *ping = run->probe->worker->state;

	return (&ping->sockets[ping_index(run->echo->family)]);
}

struct tally_drops
ping_drops(struct ping_run *run)
{
	const struct ping_socket *it = ping_socket(run);
	struct tally_drops drops = {0, 0};
	uint64_t others;

	if (run->tally.open == 0)
		return (drops);
	drops.most = echo_look(run->echo) - run->drops;
	/* answers that others miss since the run began */
	others = it->sent - it->explained - run->given_up - run->tally.open;
	if (drops.most > others)
		drops.least = drops.most - (uint32_t)others;
	return (drops);
}
