/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "probes/ping.h"

#define LEAST 64 /* chains at first */
#define MORE 4   /* times as many, when there are as many runs as chains */

static struct ping_chain *
cookie_chain(
    const struct ping_runs *runs, const uint8_t cookie[static ICMP_COOKIE])
{
	uint32_t random;

	memcpy(&random, cookie, sizeof(random));
	return (&runs->by_cookie[random & (runs->room - 1)]);
}

const uint8_t *
ping_address(int family, const union address *address)
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
static uint32_t
hash_of(int family, const uint8_t *address)
{
	uint32_t hash = UINT32_C(2166136261);

	for (size_t i = 0; i < raw_length(family); i++)
		hash = (hash ^ address[i]) * UINT32_C(16777619);
	return (hash);
}

static struct ping_chain *
hash_chain(const struct ping_runs *runs, uint32_t hash)
{
	return (&runs->by_target[(hash >> 16 ^ hash) & (runs->room - 1)]);
}

struct ping_chain *
ping_runs_towards(
    const struct ping_runs *runs, int family, const uint8_t *address)
{
	return (hash_chain(runs, hash_of(family, address)));
}

bool
ping_is_towards(const struct ping_run *run, int family, const uint8_t *address)
{
	return (run->echo->family == family &&
		memcmp(ping_address(family, run->probe->target), address,
		    raw_length(family)) == 0);
}

struct ping_run *
ping_runs_find(const struct ping_runs *runs, const uint8_t *cookie)
{
	struct ping_run *run;

	LIST_FOREACH (run, cookie_chain(runs, cookie), by_cookie)
		if (memcmp(run->request.cookie, cookie, ICMP_COOKIE) == 0)
			return (run);
	return (NULL);
}

/* Ends the process where there is no memory, as the host does. */
static void *
make(size_t n, size_t size)
{
	void *memory = calloc(n, size);

	if (memory == NULL)
		abort();
	return (memory);
}

static void
insert(struct ping_runs *runs, struct ping_run *run)
{
	LIST_INSERT_HEAD(
	    cookie_chain(runs, run->request.cookie), run, by_cookie);
	LIST_INSERT_HEAD(hash_chain(runs, run->hash), run, by_target);
}

static void
make_chains(struct ping_runs *runs, uint32_t room)
{
	runs->room = room;
	runs->by_cookie = make(runs->room, sizeof(*runs->by_cookie));
	runs->by_target = make(runs->room, sizeof(*runs->by_target));
}

void
ping_runs_open(struct ping_runs *runs)
{
	make_chains(runs, LEAST);
}

void
ping_runs_close(struct ping_runs *runs)
{
	free(runs->by_cookie);
	free(runs->by_target);
}

static void
grow(struct ping_runs *runs)
{
	struct ping_runs old = *runs;
	struct ping_run *run, *next;

	make_chains(runs, MORE * old.room);
	for (uint32_t i = 0; i < old.room; i++)
		for (run = LIST_FIRST(&old.by_cookie[i]); run != NULL;
		     run = next) {
			next = LIST_NEXT(run, by_cookie);
			insert(runs, run);
		}
	ping_runs_close(&old);
}

/* Of another run towards it, or a new one. */
static struct ping_target *
share_target(const struct ping_runs *runs, const struct ping_run *run)
{
	int family = run->echo->family;
	const uint8_t *address = ping_address(family, run->probe->target);
	struct ping_target *target;
	struct ping_run *other;

	LIST_FOREACH (other, hash_chain(runs, run->hash), by_target)
		if (other->hash == run->hash &&
		    ping_is_towards(other, family, address)) {
			other->target->users++;
			return (other->target);
		}
	target = make(1, sizeof(*target));
	target->users = 1;
	return (target);
}

void
ping_runs_add(struct ping_runs *runs, struct ping_run *run)
{
	int family = run->echo->family;

	run->hash = hash_of(family, ping_address(family, run->probe->target));
	run->target = share_target(runs, run);
	if (runs->count++ == runs->room)
		grow(runs);
	insert(runs, run);
}

void
ping_runs_remove(struct ping_runs *runs, struct ping_run *run)
{
	LIST_REMOVE(run, by_cookie);
	LIST_REMOVE(run, by_target);
	runs->count--;
	if (--run->target->users == 0)
		free(run->target);
}
