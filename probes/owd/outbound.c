/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owd/outbound.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "common/memory.h"
#include "probes/owamp/ntp.h"
#include "probes/owamp/packet.h"
#include "probes/owd/departures.h"
#include "probes/owd/skips.h"
#include "probes/owd/step.h"

#define BUNCH 128     /* packets, until others have their turn */
#define LOOK NS_PER_S /* how often both clocks are looked at, at least */
#define PACKET_MOST UINT16_MAX /* bytes; no host takes one so long */
#define NEVER (INT64_MAX / 2)  /* wall-clock */
#define LINGER NS_PER_S        /* as perfSONAR's senders do */
#define DOZE_MOST NS_PER_S
#define UNREAD (UDP_UNREAD / 2)
#define SETTLED (DEPARTURES_LATEST + DEPARTURES_SOON) /* any packet is */

struct outbound {
	struct outbound_about about; /* void: keys, slots */
	struct turn turn;
	struct timetable *timetable;
	struct packet_codec *codec;
	uint8_t *packet; /* the last one; its padding is that of all */
	size_t length;
	nanoseconds latest;
	uint32_t next, sent;
	nanoseconds due;     /* of packet next ... */
	uint64_t due_ntp;    /* ... on the wire; before the first: the start */
	nanoseconds look_at; /* monotonic */
	/* monotonic: the next statement; sooner, when there are a few to state */
	nanoseconds state_at, state_few_at;
	uint16_t estimate;
	uint32_t unread; /* packets sent since stamps were read */
	struct step step;
	struct departures departures;
	struct skips skips;
};

/* A gap of more than 68 years would seem to lead back. */
static void
find_due(struct outbound *outbound)
{
	uint64_t due = timetable_next(outbound->timetable);

	outbound->due =
	    due - outbound->due_ntp < NTP_S << 31 ? ntp_wall(due) : NEVER;
	outbound->due_ntp = due;
}

static bool
is_through(const struct outbound *outbound)
{
	return (outbound->next == outbound->about.packets);
}

static void
skip(struct outbound *outbound)
{
	skips_add(&outbound->skips, outbound->next);
	if (outbound->about.state != NULL)
		departures_add(&outbound->departures, DEPARTURE_UNSENT,
		    outbound->due, 0, 0);
}

static void
note_sent(struct outbound *outbound, nanoseconds now, uint64_t number)
{
	bool blind = number == UDP_NO_STAMP;

	outbound->sent++;
	outbound->unread += blind ? UNREAD : 1;
	if (outbound->about.state != NULL)
		departures_add(&outbound->departures,
		    blind ? DEPARTURE_BLIND : DEPARTURE_WAITING, outbound->due,
		    now - outbound->due, number);
}

/* now: just read. */
static void
send_packet(struct outbound *outbound, nanoseconds now)
{
	const struct packet packet = {
	    .sequence = outbound->next,
	    .sent = ntp_of_wall(now),
	    .estimate = outbound->estimate,
	};
	uint64_t number;

	packet_write(outbound->codec, &packet, outbound->packet);
	if (udp_send(outbound->about.udp, outbound->packet, outbound->length,
		&number) == 0) {
		note_sent(outbound, now, number);
		return;
	}
	outbound->unread += UNREAD;
	skip(outbound);
}

static void
send_due(struct outbound *outbound)
{
	for (int i = 0; i < BUNCH && !is_through(outbound); i++) {
		nanoseconds now = outbound->about.host->wall();

		if (now < outbound->due ||
		    outbound->due >= outbound->about.until)
			break;
		if (now - outbound->due > outbound->latest)
			skip(outbound);
		else
			send_packet(outbound, now);
		outbound->next++;
		find_due(outbound);
	}
}

static void
state_settled(struct outbound *outbound)
{
	struct message_statement statement;

	while (departures_state(&outbound->departures, &statement)) {
		memcpy(
		    statement.sid, outbound->about.sid, sizeof(statement.sid));
		outbound->about.state(outbound->about.arg, &statement);
	}
}

/* What has not come by now may still come, for a while. */
static uint32_t
read_stamps(struct outbound *outbound)
{
	nanoseconds now = outbound->about.host->wall();

	outbound->unread = 0;
	udp_notices(outbound->about.udp);
	return (departures_settle(&outbound->departures, now));
}

/* Until all that was due in a report is settled, and then a while: many sessions
 * have the same reports. */
static nanoseconds
wait_for_report(const struct outbound *outbound)
{
	nanoseconds interval = outbound->about.interval;
	nanoseconds now = outbound->about.host->wall();
	uint64_t chance;

	memcpy(&chance, outbound->about.sid + KEYS_SID - sizeof(chance),
	    sizeof(chance));
	now -= SETTLED + (nanoseconds)(chance % (OUTBOUND_PERIOD - SETTLED));
	return (interval - now % interval);
}

static void
plan_statement(struct outbound *outbound, nanoseconds monotonic)
{
	outbound->state_few_at = monotonic + OUTBOUND_PERIOD;
	outbound->state_at =
	    monotonic + (outbound->about.interval > OUTBOUND_PERIOD
				? wait_for_report(outbound)
				: OUTBOUND_PERIOD);
}

static bool
must_state(const struct outbound *outbound, nanoseconds monotonic)
{
	return (monotonic >= outbound->state_at || is_through(outbound) ||
		(monotonic >= outbound->state_few_at &&
		    departures_count(&outbound->departures) >= OUTBOUND_FEW));
}

/* Is all known that will ever be known? */
static bool
tend(struct outbound *outbound, nanoseconds monotonic)
{
	bool through = is_through(outbound);
	bool time = must_state(outbound, monotonic);
	uint32_t settled = 0;

	if (outbound->unread >= UNREAD || time)
		settled = read_stamps(outbound);
	if (time || settled >= OUTBOUND_MANY) {
		state_settled(outbound);
		plan_statement(outbound, monotonic);
	}
	return (through &&
		outbound->departures.settled == outbound->departures.next);
}

static nanoseconds
least(nanoseconds a, nanoseconds b)
{
	return (a < b ? a : b);
}

/* Through: only stamps are waited for. */
static void
arm(struct outbound *outbound)
{
	const struct probe_host *host = outbound->about.host;
	nanoseconds wait = NS_PER_S, now;

	if (is_through(outbound))
		wait = DEPARTURES_SOON;
	else if (outbound->due < outbound->about.until)
		wait = outbound->due - host->wall();
	now = host->monotonic();
	turns_set(outbound->about.turns, &outbound->turn,
	    least(now + wait, least(outbound->look_at, outbound->state_at)));
}

static void
refresh_estimate(struct outbound *outbound, nanoseconds monotonic)
{
	nanoseconds error;

	if (monotonic < outbound->look_at)
		return;
	outbound->look_at = monotonic + LOOK;
	outbound->estimate = outbound->about.host->clock(&error)
				 ? ntp_synchronised(error)
				 : NTP_UNSYNCHRONISED;
}

static void
give_up(struct outbound *outbound, nanoseconds set)
{
	char why[64];

	snprintf(why, sizeof(why), "the wall clock was set by %+.3f s",
	    clock_seconds(set));
	outbound->about.over(outbound->about.arg, why);
}

/* The outbound may be gone behind over(). */
static void
on_turn(void *arg)
{
	struct outbound *outbound = arg;
	nanoseconds monotonic = outbound->about.host->monotonic();
	nanoseconds set = step_look(&outbound->step, outbound->about.host);

	if (set != 0) {
		give_up(outbound, set);
		return;
	}
	refresh_estimate(outbound, monotonic);
	send_due(outbound);
	if (tend(outbound, monotonic))
		outbound->about.over(outbound->about.arg, NULL);
	else
		arm(outbound);
}

static void
make_packet(struct outbound *outbound)
{
	size_t size = packet_size(outbound->about.mode);

	outbound->length = size + outbound->about.padding;
	if (outbound->length > PACKET_MOST)
		outbound->length = PACKET_MOST;
	outbound->packet = memory_new(1, outbound->length);
	/* random: some links compress */
	for (size_t at = size; at < outbound->length;) {
		ssize_t n =
		    getrandom(outbound->packet + at, outbound->length - at, 0);

		at += n > 0 ? (size_t)n : 0;
	}
}

/* So that no time between packets is another one for it. */
static nanoseconds
find_slack(const struct outbound_about *about)
{
	nanoseconds slack = OUTBOUND_SLACK;

	for (uint32_t i = 0; i < about->slot_count; i++)
		slack =
		    least(slack, ntp_duration(about->slots[i].length) / 1000);
	return (slack);
}

struct outbound *
outbound_new(const struct outbound_about *about)
{
	struct outbound *outbound = memory_new(1, sizeof(*outbound));
	nanoseconds monotonic = about->host->monotonic();

	outbound->about = *about;
	if (about->until == 0)
		outbound->about.until = INT64_MAX;
	outbound->timetable = timetable_new(
	    about->sid, about->start, about->slots, about->slot_count);
	outbound->codec = packet_new(about->mode, CIPHER_ENCRYPT, about->keys);
	outbound->latest = least(OUTBOUND_LATEST, about->timeout);
	outbound->due_ntp = about->start;
	find_due(outbound);
	outbound->look_at = monotonic;
	step_look(&outbound->step, about->host);
	plan_statement(outbound, monotonic);
	make_packet(outbound);
	outbound->turn = (struct turn){
	    .come = on_turn, .arg = outbound, .slack = find_slack(about)};
	arm(outbound);
	return (outbound);
}

void
outbound_free(struct outbound *outbound)
{
	if (outbound == NULL)
		return;
	turns_drop(outbound->about.turns, &outbound->turn);
	timetable_free(outbound->timetable);
	packet_free(outbound->codec);
	departures_clear(&outbound->departures);
	skips_clear(&outbound->skips);
	free(outbound->packet);
	free(outbound);
}

void
outbound_left(void *arg, uint64_t number, nanoseconds when)
{
	struct outbound *outbound = arg;

	if (outbound->about.state != NULL)
		departures_stamp(&outbound->departures, number, when);
}

void
outbound_stop(struct outbound *outbound, struct message_stopped *stopped)
{
	turns_drop(outbound->about.turns, &outbound->turn);
	read_stamps(outbound);
	departures_settle(&outbound->departures, DEPARTURES_ALL);
	if (outbound->about.state != NULL)
		state_settled(outbound);
	*stopped = (struct message_stopped){
	    .next = outbound->next,
	    .skip_count = outbound->skips.count,
	    .skips = outbound->skips.ranges,
	};
	memcpy(stopped->sid, outbound->about.sid, sizeof(stopped->sid));
}

nanoseconds
outbound_due(const struct outbound *outbound, uint32_t packet)
{
	return (departures_due(&outbound->departures, packet));
}

nanoseconds
outbound_told(const struct outbound *outbound)
{
	const struct departures *departures = &outbound->departures;

	if (departures->first != departures->next)
		return (departures_due(departures, departures->first));
	return (is_through(outbound) ? NEVER : outbound->due);
}

void
outbound_leave(struct outbound *outbound, nanoseconds until)
{
	if (until < outbound->about.until)
		outbound->about.until = until;
}

nanoseconds
outbound_until(const struct outbound *outbound)
{
	return (outbound->about.until);
}

nanoseconds
outbound_next(const struct outbound *outbound)
{
	return (outbound->due);
}

nanoseconds
outbound_doze(double mean)
{
	return (least(DOZE_MOST, clock_of_seconds(2 * mean)));
}

nanoseconds
outbound_linger(double mean, bool states)
{
	return (states ? LINGER : LINGER + outbound_doze(mean));
}

uint32_t
outbound_sent(const struct outbound *outbound)
{
	return (outbound->sent);
}
