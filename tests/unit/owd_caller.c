/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/owd_caller.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/address.h"
#include "common/memory.h"
#include "tests/unit/loop.h"

static void
copy_skips(
    struct caller *caller, const struct message_skip *skips, uint32_t count)
{
	for (uint32_t i = 0; i < count && i < 10; i++)
		caller->skips[i] = skips[i];
}

static void
take_stop(struct caller *caller, const struct message_stop *stop)
{
	caller->stop = *stop;
	if (stop->count == 0)
		return;
	caller->stopped = stop->sessions[0];
	copy_skips(
	    caller, stop->sessions[0].skips, stop->sessions[0].skip_count);
}

static void
take_event(struct caller *caller, enum client_event event)
{
	const union inlet_message *m = client_message(caller->client);

	caller->said[event]++;
	if (event == CLIENT_ACCEPTED)
		caller->accepted = m->accepted;
	else if (event == CLIENT_STARTED)
		caller->started = m->started;
	else if (event == CLIENT_STOP)
		take_stop(caller, &m->stop);
	else if (event == CLIENT_FETCHED) {
		caller->fetched = m->fetched;
		caller->record_count = 0;
		caller->records = memory_resize(caller->records,
		    (size_t)m->fetched.records + 1, sizeof(m->record));
	} else if (event == CLIENT_SESSION)
		caller->session = m->request;
	else if (event == CLIENT_SKIPS)
		copy_skips(caller, m->skips.ranges, m->skips.count);
	else if (event == CLIENT_RECORD) {
		caller->records[caller->record_count++] = m->record;
	} else if (event == CLIENT_STATE) {
		const struct message_statement *s = &m->statement;

		assert_int_equal(s->first, caller->stated);
		caller->stated = s->next;
		for (uint32_t i = 0; i < s->stamp_count; i++)
			caller->stamps += s->later[i] != MESSAGE_NO_STAMP;
	}
}

static void
readable(struct bufferevent *stream, void *arg)
{
	struct caller *caller = arg;
	struct evbuffer *input = bufferevent_get_input(stream);
	enum client_event event = CLIENT_READY;

	while (event != CLIENT_MORE) {
		size_t length = evbuffer_get_length(input), left = length;
		const uint8_t *at = evbuffer_pullup(input, -1);

		if (client_take(caller->client, &at, &left, &event,
			&caller->why) == -1) {
			caller->gone = true;
			return;
		}
		evbuffer_drain(input, length - left);
		take_event(caller, event);
	}
	caller_flush(caller);
}

static void
ended(struct bufferevent *stream, short what, void *arg)
{
	struct caller *caller = arg;

	(void)stream;
	if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) != 0)
		caller->gone = true;
}

void
caller_open(struct caller *caller, struct event_base *base, int family,
    uint16_t port, const struct client_wish *wish)
{
	union address address;

	memset(caller, 0, sizeof(*caller));
	assert_true(
	    address_parse(family == 6 ? "::1" : "127.0.0.1", port, &address));
	caller->base = base;
	caller->client = client_new(wish);
	caller->stream =
	    bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(caller->stream, readable, NULL, ended, caller);
	bufferevent_enable(caller->stream, EV_READ | EV_WRITE);
	assert_int_equal(bufferevent_socket_connect(caller->stream, &address.sa,
			     (int)address_length(&address)),
	    0);
}

void
caller_close(struct caller *caller)
{
	client_free(caller->client);
	bufferevent_free(caller->stream);
	free(caller->records);
}

void
caller_flush(struct caller *caller)
{
	size_t length;
	const uint8_t *data =
	    outlet_data(client_outlet(caller->client), &length);

	if (length == 0)
		return;
	bufferevent_write(caller->stream, data, length);
	outlet_sent(client_outlet(caller->client), length);
}

static void
turn(struct caller *caller, nanoseconds deadline)
{
	const struct timeval tick = {.tv_usec = 100000};

	assert_true(clock_monotonic() < deadline);
	event_base_loopexit(caller->base, &tick);
	event_base_loop(caller->base, EVLOOP_ONCE);
}

void
caller_expect(struct caller *caller, enum client_event event)
{
	nanoseconds deadline = clock_monotonic() + 10 * NS_PER_S;
	int before = caller->said[event];

	caller_flush(caller);
	while (caller->said[event] == before && !caller->gone)
		turn(caller, deadline);
	if (caller->gone)
		print_error("gone: %s\n", caller->why.text);
	assert_false(caller->gone);
}

void
caller_expect_end(struct caller *caller)
{
	nanoseconds deadline = clock_monotonic() + 10 * NS_PER_S;

	caller_flush(caller);
	while (!caller->gone)
		turn(caller, deadline);
}

void
caller_start(struct caller *caller)
{
	client_start(caller->client);
	caller_expect(caller, CLIENT_STARTED);
	assert_int_equal(caller->started, ACCEPT_OK);
}

void
caller_fetch(struct caller *caller, const uint8_t sid[static KEYS_SID])
{
	struct message_fetch message = {.end = UINT32_MAX};

	memcpy(message.sid, sid, KEYS_SID);
	client_fetch(caller->client, &message);
	caller_expect(caller, CLIENT_FETCHED);
	assert_int_equal(caller->fetched.accept, ACCEPT_OK);
	while (!client_is_idle(caller->client))
		caller_expect(caller, CLIENT_END);
	assert_int_equal(caller->record_count, caller->fetched.records);
}
