/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/owd_sending.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "probes/owamp/ntp.h"
#include "tests/unit/loop.h"

#define SOON (20 * NS_PER_MS)

struct sending sending;

static nanoseconds
shifted_wall(void)
{
	return (clock_wall() + sending.clock_shift);
}

static bool
tell_error(nanoseconds *error)
{
	*error = sending.clock_error;
	return (sending.clock_error >= 0);
}

static const struct probe_host host = {
    .wall = shifted_wall,
    .monotonic = clock_monotonic,
    .clock = tell_error,
};

static void
on_caught(void *arg, const struct catch_packet *packet)
{
	uint32_t sequence = packet->packet.sequence;

	assert_in_range(sequence, 0, MOST - 1);
	assert_true(sending.received[sequence] == 0);
	sending.sent[sequence] = packet->sent;
	sending.received[sequence] = packet->received;
	sending.estimate = packet->packet.estimate;
	sending.caught++;
}

static void
on_left(void *arg, uint64_t number, nanoseconds when)
{
	if (sending.withholds && number % 10 == 1 && number < 30)
		sending.withheld++;
	else
		outbound_left(sending.outbound, number, when);
}

static void
on_state(void *arg, const struct message_statement *statement)
{
	uint32_t count = statement->next - statement->first;

	assert_memory_equal(statement->sid, sending.about.sid, KEYS_SID);
	assert_int_equal(statement->first, sending.stated);
	assert_in_range(count, 1, MESSAGE_STATEMENT_MOST);
	sending.stated = statement->next;
	if (sending.first_stated == 0) {
		sending.first_stated = statement->next;
		sending.first_at = shifted_wall();
	}
	for (uint32_t i = 0; i < statement->stamp_count; i++) {
		sending.later[statement->first + i] = statement->later[i];
		sending.stamped += statement->later[i] != MESSAGE_NO_STAMP;
	}
	for (uint32_t i = 0; i < statement->unsent_count; i++)
		for (uint32_t k = statement->unsent[i].first;
		     k <= statement->unsent[i].last; k++) {
			sending.unstated[k] = true;
			sending.unsent++;
		}
	for (uint32_t i = 0; i < statement->stuck_count; i++)
		sending.stuck +=
		    statement->stuck[i].last - statement->stuck[i].first + 1;
}

static void
on_over(void *arg, const char *why)
{
	assert_false(sending.ended);
	sending.ended = true;
	if (why != NULL)
		snprintf(sending.why, sizeof(sending.why), "%s", why);
}

static struct udp *
open_udp(struct udp_calls *calls, unsigned rate)
{
	union address local;
	struct udp_about about = {
	    .host = &host,
	    .base = sending.base,
	    .local = &local,
	    .rate = rate,
	    .calls = calls,
	};
	struct error err;
	struct udp *udp;

	assert_true(address_parse("127.0.0.1", 0, &local));
	udp = udp_new(&about, &err);
	if (udp == NULL)
		fail_msg("%s", err.text);
	return (udp);
}

static void
join(struct udp *udp, struct udp *peer)
{
	union address address;
	struct error err;

	assert_true(address_parse("127.0.0.1", udp_port(peer), &address));
	assert_int_equal(udp_connect(udp, &address, &err), 0);
}

int
sending_make(void **state)
{
	struct event_config *config = event_config_new();

	memset(&sending, 0, sizeof(sending));
	event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	event_config_set_flag(config, EVENT_BASE_FLAG_NO_CACHE_TIME);
	*state = sending.base = event_base_new_with_config(config);
	event_config_free(config);
	sending.clock_shift = 0;
	sending.clock_error = 1500;
	sending.from_calls = (struct udp_calls){.left = on_left};
	sending.to_calls = (struct udp_calls){.arrived = catch_arrived};
	sending.begin = clock_wall() + SOON;
	sending.about = (struct outbound_about){
	    .host = &host,
	    .turns = turns_take(sending.base, NULL),
	    .mode = MODE_OPEN,
	    .slots = sending.slots,
	    .slot_count = 1,
	    .timeout = NS_PER_S,
	    .state = on_state,
	    .over = on_over,
	};
	memset(sending.about.sid, 0x17, KEYS_SID);
	memset(&sending.keys, 0x42, sizeof(sending.keys));
	return (0);
}

int
sending_remove(void **state)
{
	outbound_free(sending.outbound);
	turns_give(sending.about.turns);
	catch_free(sending.catch);
	udp_free(sending.from);
	udp_free(sending.to);
	return (loop_remove(state));
}

void
sending_slot(int i, enum slot_kind kind, nanoseconds length)
{
	sending.slots[i] = (struct slot){kind, ntp_of_duration(length)};
}

void
sending_start(unsigned rate)
{
	struct catch_about about = {
	    .mode = sending.about.mode,
	    .packets = sending.about.packets,
	    .caught = on_caught,
	};

	if (sending.about.mode != MODE_OPEN)
		sending.about.keys = about.keys = &sending.keys;
	sending.catch = catch_new(&about);
	sending.to_calls.arg = sending.catch;
	sending.from = open_udp(&sending.from_calls, 0);
	sending.to = open_udp(&sending.to_calls, rate);
	join(sending.from, sending.to);
	join(sending.to, sending.from);
	sending.about.start = ntp_of_wall(sending.begin);
	sending.about.udp = sending.from;
	sending.outbound = outbound_new(&sending.about);
}

void
sending_stop(void)
{
	outbound_stop(sending.outbound, &sending.stopped);
	loop_count(sending.base, &sending.caught,
	    (int)outbound_sent(sending.outbound));
	assert_memory_equal(sending.stopped.sid, sending.about.sid, KEYS_SID);
	if (sending.about.state != NULL)
		assert_int_equal(sending.stated, sending.stopped.next);
}

void
sending_run(unsigned rate)
{
	sending_start(rate);
	loop_until(sending.base, &sending.ended);
	sending_stop();
}

void
sending_check_times(void)
{
	struct timetable *timetable = timetable_new(sending.about.sid,
	    sending.about.start, sending.slots, sending.about.slot_count);

	for (uint32_t i = 0; i < sending.stopped.next; i++) {
		nanoseconds due = ntp_wall(timetable_next(timetable));
		nanoseconds left = due + sending.later[i];

		if (sending.received[i] == 0)
			continue;
		assert_true(due <= sending.sent[i]);
		assert_true(sending.sent[i] <= due + OUTBOUND_LATEST);
		assert_true(sending.sent[i] <= left && left <= clock_wall());
		assert_true(sending.sent[i] <= sending.received[i]);
	}
	timetable_free(timetable);
}
