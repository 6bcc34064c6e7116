/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "probes/ping.h"

static struct ping_chain *
cookie_chain(struct ping *ping, const uint8_t cookie[static ICMP_COOKIE])
{
	/* random, so its bits are a hash already */
	return (&ping->by_cookie[(cookie[0] << 8 | cookie[1]) % PING_BUCKETS]);
}

static const uint8_t *
raw_address(int family, const union address *address)
{
	return (family == 6 ? (const uint8_t *)&address->in6.sin6_addr
			    : (const uint8_t *)&address->in.sin_addr);
}

static size_t
raw_length(int family)
{
	return (family == 6 ? sizeof(struct in6_addr) : sizeof(struct in_addr));
}

/* FNV-1a */
static struct ping_chain *
target_chain(struct ping *ping, int family, const uint8_t *address)
{
	uint32_t hash = UINT32_C(2166136261);

	for (size_t i = 0; i < raw_length(family); i++)
		hash = (hash ^ address[i]) * UINT32_C(16777619);
	return (&ping->by_target[(hash >> 16 ^ hash) % PING_BUCKETS]);
}

static bool
is_target(const struct ping_run *run, int family, const uint8_t *address)
{
	return (run->echo->family == family &&
		memcmp(raw_address(family, run->probe->target), address,
		    raw_length(family)) == 0);
}

/* Many may answer what was sent to a group. */
static bool
is_group(const struct ping_run *run)
{
	const union address *target = run->probe->target;

	return (run->echo->family == 6
		    ? IN6_IS_ADDR_MULTICAST(&target->in6.sin6_addr)
		    : IN_MULTICAST(ntohl(target->in.sin_addr.s_addr)));
}

void
ping_add(struct ping *ping, struct ping_run *run)
{
	int family = run->echo->family;

	LIST_INSERT_HEAD(
	    cookie_chain(ping, run->request.cookie), run, by_cookie);
	LIST_INSERT_HEAD(
	    target_chain(ping, family, raw_address(family, run->probe->target)),
	    run, by_target);
}

void
ping_remove(struct ping_run *run)
{
	LIST_REMOVE(run, by_cookie);
	LIST_REMOVE(run, by_target);
}

static struct ping_run *
find_by_cookie(struct ping *ping, const struct icmp_message *message)
{
	struct ping_run *run;

	if (message->length < ICMP_COOKIE)
		return (NULL);
	LIST_FOREACH (run, cookie_chain(ping, message->payload), by_cookie)
		if (memcmp(run->request.cookie, message->payload,
			ICMP_COOKIE) == 0)
			return (run);
	return (NULL);
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

	LIST_FOREACH (run, target_chain(ping, family, from), by_target)
		if (is_target(run, family, from) &&
		    compare(run, reply) != ICMP_FOREIGN)
			return (run);
	return (NULL);
}

static void
note(struct ping_run *run, const char *what, int family, const uint8_t *who)
{
	char text[INET6_ADDRSTRLEN] = "";

	inet_ntop(family == 6 ? AF_INET6 : AF_INET, who, text, sizeof(text));
	snprintf(run->error, sizeof(run->error), "%s from %s", what, text);
}

static void
take_answer(struct ping_run *run, const struct echo_arrival *arrival)
{
	const struct probe_host *host = run->probe->worker->host;
	uint16_t packet = arrival->message.sequence;
	nanoseconds rtt;

	if (!tally_answer(&run->tally, packet, arrival->when, &rtt))
		return;
	if (rtt > run->longest)
		run->longest = rtt;
	host->sample(run->probe, "rtt", rtt);
}

static void
on_reply(struct ping *ping, int family, const struct echo_arrival *arrival)
{
	const uint8_t *from = raw_address(family, &arrival->from);
	const struct icmp_message *reply = &arrival->message;
	struct ping_run *run = find_by_cookie(ping, reply);

	if (run == NULL)
		run = find_by_check(ping, family, from, reply);
	if (run == NULL)
		return;
	if (!is_target(run, family, from) && !is_group(run)) {
		note(run, "answers of another address", family, from);
		return;
	}
	if (compare(run, reply) == ICMP_SAME)
		take_answer(run, arrival);
	else
		tally_damage(&run->tally, reply->sequence);
	run->last_heard = arrival->when;
	ping_schedule(run);
}

/* Is this quoted request one of the run? A short quote holds no cookie. */
static bool
is_quoted(
    const struct ping_run *run, int family, const struct icmp_message *message)
{
	if (!is_target(run, family, message->destination))
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
	    target_chain(ping, family, message->destination);
	char text[ICMP_TEXT];
	struct ping_run *run;

	LIST_FOREACH (run, chain, by_target) {
		if (!is_quoted(run, family, message) ||
		    !tally_trouble(&run->tally, message->sequence))
			continue;
		note(run, icmp_describe(family, message, text), family,
		    raw_address(family, &arrival->from));
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
	struct echo *echo = &ping->echo[ping_index(family)];

	if (arrival->message.identifier != echo->identifier)
		return;
	if (arrival->message.kind == ICMP_REPLY)
		on_reply(ping, family, arrival);
	else if (arrival->message.kind == ICMP_TROUBLE)
		on_trouble(ping, family, arrival);
}

void
ping_drain(struct ping *ping)
{
	ping->undrained = 0;
	for (int i = 0; i < 2; i++)
		if (ping->echo[i].fd != -1)
			echo_receive(
			    &ping->echo[i], &ping->buffer, on_arrival, ping);
}
