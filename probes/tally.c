/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/tally.h"

#include <stdlib.h>

enum state {
	UNSENT,
	OPEN,
	ANSWERED,
	LATE,
	DAMAGED, /* only damaged copies came */
	TROUBLE, /* a router said that it went no further */
	STATES
};

int
tally_init(
    struct tally *tally, uint32_t first, uint32_t count, nanoseconds timeout)
{
	*tally = (struct tally){
	    .first = first, .count = first + count, .timeout = timeout};
	tally->packets = tally->count == 1
			     ? &tally->only
			     : calloc(tally->count, sizeof(*tally->packets));
	return (tally->packets == NULL ? -1 : 0);
}

void
tally_free(struct tally *tally)
{
	if (tally->packets != &tally->only)
		free(tally->packets);
	tally->packets = NULL;
}

static struct tally_packet *
find_sent(struct tally *tally, uint32_t packet)
{
	if (packet >= tally->count || tally->packets[packet].state == UNSENT)
		return (NULL);
	return (&tally->packets[packet]);
}

static void
set_state(struct tally *tally, struct tally_packet *packet, enum state state)
{
	tally->open -= packet->state == OPEN;
	tally->open += state == OPEN;
	packet->state = (uint8_t)state;
}

void
tally_sent(struct tally *tally, uint32_t packet, nanoseconds when, uint32_t id)
{
	tally->packets[packet].trip.sent = when;
	tally->packets[packet].id = id;
	set_state(tally, &tally->packets[packet], OPEN);
}

void
tally_left(struct tally *tally, uint32_t packet, const struct stamp *stamp)
{
	struct tally_packet *p = find_sent(tally, packet);

	if (p == NULL)
		return;
	if (stamp->kernel != 0)
		p->trip.left.kernel = stamp->kernel;
	if (stamp->card != 0)
		p->trip.left.card = stamp->card;
}

/* The first good copy of an answer. */
static bool
take_first(struct tally *tally, struct tally_packet *p, nanoseconds rtt)
{
	uint32_t packet = (uint32_t)(p - tally->packets);

	if (rtt > tally->timeout) {
		set_state(tally, p, LATE);
		return (false);
	}
	set_state(tally, p, ANSWERED);
	if (packet < tally->first)
		return (true);
	tally->received++;
	if (packet < tally->next_expected)
		tally->reordered++;
	else
		tally->next_expected = packet + 1;
	return (true);
}

bool
tally_answer(struct tally *tally, uint32_t packet, nanoseconds read,
    const struct stamp *came, nanoseconds *rtt)
{
	struct tally_packet *p = find_sent(tally, packet);
	enum probe_stamp classes[2];

	if (p == NULL)
		return (false);
	if (p->state == ANSWERED || p->state == LATE) {
		tally->duplicates += packet >= tally->first;
		return (false);
	}
	p->trip.received = read;
	p->trip.came = *came;
	*rtt = stamp_round_trip(&p->trip, classes);
	return (take_first(tally, p, *rtt));
}

bool
tally_round_trip(const struct tally *tally, uint32_t packet, nanoseconds *rtt,
    enum probe_stamp classes[static 2])
{
	const struct tally_packet *p = &tally->packets[packet];

	if (p->state != ANSWERED)
		return (false);
	*rtt = stamp_round_trip(&p->trip, classes);
	return (true);
}

bool
tally_when(const struct tally *tally, uint32_t packet, nanoseconds *when)
{
	const struct tally_packet *p = &tally->packets[packet];

	*when = p->trip.left.kernel > p->trip.sent ? p->trip.left.kernel
						   : p->trip.sent;
	return (p->state != UNSENT);
}

void
tally_damage(struct tally *tally, uint32_t packet)
{
	struct tally_packet *p = find_sent(tally, packet);

	if (p != NULL && (p->state == OPEN || p->state == TROUBLE))
		set_state(tally, p, DAMAGED);
}

bool
tally_trouble(struct tally *tally, uint32_t packet)
{
	struct tally_packet *p = find_sent(tally, packet);

	if (p == NULL || p->state != OPEN)
		return (false);
	set_state(tally, p, TROUBLE);
	return (true);
}

nanoseconds
tally_open_until(const struct tally *tally, uint32_t packet)
{
	const struct tally_packet *p = &tally->packets[packet];

	return (p->state == OPEN ? p->trip.sent + tally->timeout : 0);
}

void
tally_withdraw(struct tally *tally, nanoseconds now)
{
	for (uint32_t i = 0; i < tally->count; i++) {
		struct tally_packet *p = &tally->packets[i];

		if (p->state == OPEN && now - p->trip.sent <= tally->timeout)
			set_state(tally, p, UNSENT);
	}
}

static uint32_t
lesser(uint32_t a, uint32_t b)
{
	return (a < b ? a : b);
}

/* What became of them; returns how many of the open ones have no stamp of their
 * leaving, though others have. */
static uint32_t
count_states(const struct tally *tally, uint32_t n[static STATES])
{
	uint32_t stamped = 0, unstamped = 0;

	for (uint32_t i = tally->first; i < tally->count; i++) {
		const struct tally_packet *p = &tally->packets[i];

		n[p->state]++;
		stamped += p->trip.left.kernel != 0;
		unstamped += p->state == OPEN && p->trip.left.kernel == 0;
	}
	return (stamped > 0 ? unstamped : 0);
}

void
tally_total(const struct tally *tally, const struct tally_drops *drops,
    struct tally_totals *totals)
{
	uint32_t n[STATES] = {0}, unstamped = count_states(tally, n);
	uint32_t local = lesser(drops->most, n[OPEN] - unstamped) + unstamped;

	*totals = (struct tally_totals){
	    .sent = tally->count - tally->first - n[UNSENT],
	    .received = n[ANSWERED],
	    .late = n[LATE],
	    .corrupted = n[DAMAGED],
	    .lost_locally = local,
	    .unsure = local - lesser(drops->least, local),
	    .duplicates = tally->duplicates,
	    .reordered = tally->reordered,
	};
	totals->lost = totals->sent - totals->received - totals->lost_locally;
}
