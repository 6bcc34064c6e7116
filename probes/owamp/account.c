/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owamp/account.h"

#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "probes/owamp/account_parts.h"

#define LEAST_ROOM 64 /* packets; a multiple of 8 */

struct account *
account_new(
    uint32_t first, uint32_t most, nanoseconds timeout, struct reorder *order)
{
	struct account *account = memory_new(1, sizeof(*account));

	account->first = first;
	account->most = most;
	account->timeout = timeout;
	account->order = order;
	account->hops_least = account->hops_most = account->hops_last = -1;
	return (account);
}

void
account_free(struct account *account)
{
	if (account == NULL)
		return;
	delays_clear(&account->delays);
	for (size_t i = 0; i < ACCOUNT_MARKS; i++)
		free(account->marks[i]);
	free(account);
}

size_t
account_size(const struct account *account)
{
	return (sizeof(*account) + delays_size(&account->delays) +
		ACCOUNT_MARKS * (account->room / 8));
}

bool
account_marked(const struct account *account, enum account_mark mark, size_t at)
{
	return (at < account->room &&
		(account->marks[mark][at / 8] >> at % 8 & 1) != 0);
}

bool
account_has(const struct account *account, uint32_t sequence)
{
	return (sequence >= account->first &&
		account_marked(account, ACCOUNT_ARRIVED,
		    (size_t)(sequence - account->first)));
}

static void
set_mark(struct account *account, enum account_mark mark, size_t at)
{
	account->marks[mark][at / 8] |= (uint8_t)(1 << at % 8);
}

/* By half as much again: doubling would waste more than it saves. */
static void
grow(struct account *account, size_t room)
{
	size_t old = account->room;

	if (room <= old)
		return;
	if (room < old + old / 2)
		room = old + old / 2;
	if (room < LEAST_ROOM)
		room = LEAST_ROOM;
	account->room = (room + 7) / 8 * 8;
	delays_grow(&account->delays, account->room);
	for (size_t i = 0; i < ACCOUNT_MARKS; i++) {
		account->marks[i] =
		    memory_resize(account->marks[i], account->room / 8, 1);
		memset(
		    account->marks[i] + old / 8, 0, (account->room - old) / 8);
	}
}

static void
take_ttl(struct account *account, int ttl)
{
	int hops = ACCOUNT_TTL - ttl;

	if (ttl == ACCOUNT_NO_TTL)
		return;
	if (account->hops_last == -1 || hops < account->hops_least)
		account->hops_least = hops;
	if (hops > account->hops_most)
		account->hops_most = hops;
	account->hops_last = hops;
}

static void
take_order(struct account *account, size_t at, uint32_t sequence)
{
	unsigned n;

	if (!reorder_add(account->order, sequence, &n))
		return;
	set_mark(account, ACCOUNT_REORDERED, at);
	for (unsigned i = 0; i <= n; i++)
		account->reordered_by[i]++;
}

static void
take_first(
    struct account *account, size_t at, const struct account_arrival *arrival)
{
	nanoseconds delay = arrival->received - arrival->sent;

	set_mark(account, ACCOUNT_ARRIVED, at);
	if (arrival->stamped)
		delays_put(&account->delays, at, delay);
	take_ttl(account, arrival->ttl);
	if (!arrival->stamped || delay <= account->timeout)
		take_order(account, at, arrival->sequence);
}

enum account_verdict
account_arrived(struct account *account, const struct account_arrival *arrival)
{
	uint32_t at = arrival->sequence - account->first;

	if (arrival->sequence < account->first || at >= account->most) {
		account->outside++;
		return (ACCOUNT_OUTSIDE);
	}
	grow(account, (size_t)at + 1);
	if (!account_marked(account, ACCOUNT_ARRIVED, at)) {
		take_first(account, at, arrival);
		return (ACCOUNT_FIRST);
	}
	account->duplicates++;
	set_mark(account, ACCOUNT_COPIED, at);
	return (ACCOUNT_COPY);
}

bool
account_correct(struct account *account, uint32_t sequence, nanoseconds later)
{
	size_t at = sequence - account->first;
	nanoseconds delay;

	if (sequence < account->first || at >= account->room ||
	    !delays_get(&account->delays, at, &delay))
		return (false);
	delays_put(&account->delays, at, delay - later);
	return (true);
}

void
account_dropped(struct account *account, const struct tally_drops *drops)
{
	account->drops.least += drops->least;
	account->drops.most += drops->most;
}
