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
tally_init(struct tally *tally, uint32_t count, nanoseconds timeout)
{
	*tally = (struct tally){.count = count, .timeout = timeout};
	tally->packets = calloc(count, sizeof(*tally->packets));
	return (tally->packets == NULL ? -1 : 0);
}

void
tally_free(struct tally *tally)
{
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
tally_sent(struct tally *tally, uint32_t packet, nanoseconds when)
{
	tally->packets[packet].sent = when;
	set_state(tally, &tally->packets[packet], OPEN);
}

bool
tally_answer(
    struct tally *tally, uint32_t packet, nanoseconds when, nanoseconds *rtt)
{
	struct tally_packet *p = find_sent(tally, packet);

	if (p == NULL)
		return (false);
	if (p->state == ANSWERED || p->state == LATE) {
		tally->duplicates++;
		return (false);
	}
	*rtt = when - p->sent;
	if (*rtt > tally->timeout) {
		set_state(tally, p, LATE);
		return (false);
	}
	set_state(tally, p, ANSWERED);
	if (packet < tally->next_expected)
		tally->reordered++;
	else
		tally->next_expected = packet + 1;
	return (true);
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

void
tally_withdraw(struct tally *tally, nanoseconds now)
{
	for (uint32_t i = 0; i < tally->count; i++) {
		struct tally_packet *p = &tally->packets[i];

		if (p->state == OPEN && now - p->sent <= tally->timeout)
			set_state(tally, p, UNSENT);
	}
}

void
tally_total(
    const struct tally *tally, uint32_t drops, struct tally_totals *totals)
{
	uint32_t n[STATES] = {0};

	for (uint32_t i = 0; i < tally->count; i++)
		n[tally->packets[i].state]++;
	*totals = (struct tally_totals){
	    .sent = tally->count - n[UNSENT],
	    .received = n[ANSWERED],
	    .late = n[LATE],
	    .corrupted = n[DAMAGED],
	    .lost_locally = drops < n[OPEN] ? drops : n[OPEN],
	    .duplicates = tally->duplicates,
	    .reordered = tally->reordered,
	};
	totals->lost = totals->sent - totals->received - totals->lost_locally;
}
