/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a worker is told of fleet and clock, what it does as the far end of others,
 * and what it asks for that.
 */
#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/mate_parts.h"
#include "agent/told_clock.h"
#include "common/child.h"
#include "common/member.h"
#include "common/memory.h"

#define GUESTS_MOST 100000
#define PENDING_MOST 65536 /* bytes beyond what the socket takes */
#define STUCK_LOOKS 8      /* at the clock, every 16 s */

static void
send(struct mate *mate, const char *kind, json_object *order)
{
	member_add_text(order, "m", kind);
	if (mate->running)
		child_send(mate->child, order);
	else
		json_object_put(order);
}

static void
send_respond(struct mate *mate)
{
	json_object *order = json_object_new_object();

	json_object_object_add(
	    order, "settings", json_object_get(mate->responds));
	send(mate, "respond", order);
}

static void
send_clock(struct mate *mate)
{
	send(mate, "clock", told_clock_json(&mate->clock, mate->host));
}

/* A worker that has runs is found by their patience; one that is only a far end by
 * what it leaves unread, which grows with each word of the clock. */
static void
look_for_hang(struct mate *mate)
{
	size_t pending = child_pending(mate->child);

	if (pending > PENDING_MOST && pending >= mate->pending)
		mate->stuck++;
	else
		mate->stuck = 0;
	mate->pending = pending;
	if (mate->running && mate->stuck >= STUCK_LOOKS)
		mate_kill_worker(mate, "hangs");
}

void
mate_clock(struct mate *mate, const struct discipline *clock, nanoseconds host)
{
	look_for_hang(mate);
	mate->clock = *clock;
	mate->host = host;
	send_clock(mate);
}

void
mate_far_started(struct mate *mate)
{
	if (mate->clock.source[0] != '\0')
		send_clock(mate);
	if (mate->fleet != NULL)
		child_send(mate->child, json_object_get(mate->fleet));
	if (mate->responds != NULL)
		send_respond(mate);
}

void
mate_fleet(struct mate *mate, struct json_object *fleet)
{
	json_object_put(mate->fleet);
	mate->fleet = json_object_get(fleet);
	if (mate->running)
		child_send(mate->child, json_object_get(fleet));
}

void
mate_respond(struct mate *mate, struct json_object *settings)
{
	bool did = mate->responds != NULL;

	json_object_put(mate->responds);
	mate->responds = json_object_get(settings);
	if (settings != NULL)
		send_respond(mate);
	else if (did)
		send(mate, "silence", json_object_new_object());
}

/*
 * Guests.
 */

/* Its place; guest_count: there is none of that number. */
static size_t
find_guest(const struct mate *mate, int64_t ask)
{
	size_t i = 0;

	while (i < mate->guest_count && mate->guests[i] != ask)
		i++;
	return (i);
}

void
mate_admitted(struct mate *mate, int64_t ask, const char *why)
{
	json_object *order;

	if (find_guest(mate, ask) == mate->guest_count)
		return;
	order = json_object_new_object();
	member_add_whole(order, "ask", ask);
	member_add_text(order, "why", why);
	send(mate, "admitted", order);
}

static void
release(struct mate *mate, size_t place)
{
	int64_t ask = mate->guests[place];

	mate->guests[place] = mate->guests[--mate->guest_count];
	if (mate->far->released != NULL)
		mate->far->released(mate->far->arg, mate->probe, ask);
}

/* Its numbers and prices may be anything, for it is anybody's plug-in. */
static bool
read_guest(struct crew_guest *guest, json_object *message)
{
	struct cost *cost = &guest->cost;

	guest->ask = member_whole_or(message, "ask", 0);
	guest->peer = member_text_or(message, "peer", "somebody");
	cost->packets = member_number_or(message, "packets", -1);
	cost->bits = member_number_or(message, "bits", -1);
	cost->seconds = member_number_or(message, "seconds", -1);
	cost->heavy = json_object_get_boolean(member_get(message, "heavy"));
	return (guest->ask > 0 && cost->packets >= 0 && cost->bits >= 0 &&
		cost->seconds >= 0);
}

static void
take_guest(struct mate *mate, json_object *message)
{
	struct crew_guest guest = {.probe = mate->probe};

	if (!read_guest(&guest, message) || mate->guest_count == GUESTS_MOST ||
	    find_guest(mate, guest.ask) < mate->guest_count) {
		mate_kill_worker(mate, "asks for what cannot be served");
		return;
	}
	mate->guests = memory_resize(
	    mate->guests, mate->guest_count + 1, sizeof(*mate->guests));
	mate->guests[mate->guest_count++] = guest.ask;
	if (mate->far->admit != NULL)
		mate->far->admit(mate->far->arg, &guest);
	else
		mate_admitted(mate, guest.ask, "there is nobody to be asked");
}

static void
tell_ready(struct mate *mate, const char *why_not)
{
	if (mate->far->ready != NULL)
		mate->far->ready(mate->far->arg, mate->probe, why_not);
}

static void
take_statement(struct mate *mate, json_object *message)
{
	if (hearing_surplus(
		&mate->stating, clock_monotonic(), HEARING_STATED)) {
		mate->killed = true;
		mate_kill_worker(mate, "states more than it can have done");
	} else if (mate->far->stated != NULL)
		mate->far->stated(mate->far->arg, mate->probe, message);
}

bool
mate_far_hear(struct mate *mate, const char *kind, json_object *message)
{
	size_t place;

	if (mate->responds == NULL && mate->guest_count == 0)
		return (false);
	if (strcmp(kind, "admit") == 0) {
		take_guest(mate, message);
	} else if (strcmp(kind, "release") == 0) {
		place = find_guest(mate, member_whole_or(message, "ask", 0));
		if (place < mate->guest_count)
			release(mate, place);
	} else if (strcmp(kind, "state") == 0) {
		take_statement(mate, message);
	} else if (strcmp(kind, "responds") == 0) {
		tell_ready(mate, member_text_or(message, "why", NULL));
	} else {
		return (false);
	}
	return (true);
}

void
mate_far_ended(struct mate *mate, const char *why)
{
	while (mate->guest_count > 0)
		release(mate, mate->guest_count - 1);
	if (mate->responds != NULL)
		tell_ready(mate, why);
}
