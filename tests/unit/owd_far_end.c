/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/owd_far_end.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "probes/owamp/ntp.h"
#include "tests/unit/owd_far_scene.h"

static void
on_arrived(void *arg, const struct udp_arrival *arrival)
{
	struct end *end = arg;

	if (end->catch != NULL)
		catch_arrived(end->catch, arrival);
}

static void
on_left(void *arg, uint64_t number, nanoseconds when)
{
	struct end *end = arg;

	if (end->outbound != NULL)
		outbound_left(end->outbound, number, when);
}

static void
on_caught(void *arg, const struct catch_packet *packet)
{
	struct end *end = arg;

	assert_int_equal(packet->packet.sequence, end->caught);
	assert_int_equal(packet->ttl, 255);
	end->caught++;
}

static void
on_state(void *arg, const struct message_statement *statement)
{
	struct end *end = arg;

	client_state(end->caller->client, statement);
	caller_flush(end->caller);
}

static void
on_over(void *arg, const char *why)
{
	struct end *end = arg;

	assert_null(why);
	end->over = true;
}

void
end_open(struct end *end, struct caller *caller, bool sends)
{
	union address local;
	const struct udp_about about = {.host = &scene.host,
	    .base = scene.base,
	    .local = &local,
	    .rate = 1000,
	    .calls = &end->calls};

	*end = (struct end){.caller = caller};
	assert_true(address_parse("127.0.0.1", 0, &local));
	end->calls.arg = end;
	if (sends)
		end->calls.left = on_left;
	else
		end->calls.arrived = on_arrived;
	end->udp = udp_new(&about, NULL);
	assert_non_null(end->udp);
}

void
end_free(struct end *end)
{
	outbound_free(end->outbound);
	turns_give(end->turns);
	catch_free(end->catch);
	udp_free(end->udp);
}

static const struct keys *
end_keys(struct end *end, const uint8_t *sid)
{
	const struct keys *keys = client_keys(end->caller->client);

	if (keys == NULL)
		return (NULL);
	keys_session(keys, sid, &end->keys);
	return (&end->keys);
}

void
end_connect(struct end *end, uint16_t port)
{
	union address peer;

	assert_true(address_parse("127.0.0.1", port, &peer));
	assert_int_equal(udp_connect(end->udp, &peer, NULL), 0);
}

void
end_catch(struct end *end, const struct message_request *request)
{
	const struct catch_about about = {
	    .mode = client_mode(end->caller->client),
	    .keys = end_keys(end, request->sid),
	    .packets = request->packets,
	    .caught = on_caught,
	    .arg = end};

	end_connect(end, end->caller->accepted.port);
	end->catch = catch_new(&about);
}

void
end_send(struct end *end, const struct message_request *request, bool states)
{
	const uint8_t *sid = end->caller->accepted.sid;
	struct outbound_about about = {.host = &scene.host,
	    .turns = turns_take(scene.base, NULL),
	    .udp = end->udp,
	    .mode = client_mode(end->caller->client),
	    .keys = end_keys(end, sid),
	    .start = request->start,
	    .slots = request->slots,
	    .slot_count = request->slot_count,
	    .packets = request->packets,
	    .timeout = ntp_duration(request->timeout),
	    .state = states ? on_state : NULL,
	    .over = on_over,
	    .arg = end};

	memcpy(about.sid, sid, KEYS_SID);
	end->turns = about.turns;
	end->outbound = outbound_new(&about);
}
