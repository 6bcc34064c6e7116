/* SPDX-License-Identifier: BSD-2-Clause */
/* One direction of a control connection in open mode, where a stranger's bytes
 * get furthest. The first byte chooses what is expected at first and the length
 * of the pieces; behind it commands are. What comes out is within the limits, and
 * the same whatever the pieces are. */
#include "probes/owamp/inlet.h"
#include "probes/owamp/outlet.h"

#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "tests/fuzz/target.h"

static const struct inlet_limits limits = {
    .slots = 20, .sessions = 5, .skips = 50};

static uint32_t
check_skips(const struct message_skip *skips, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (skips[i].first > skips[i].last ||
		    (i > 0 && skips[i].first <= skips[i - 1].last))
			abort();
	return (count);
}

static void
check_stop(const struct message_stop *stop)
{
	uint32_t skips = 0;

	if (stop->count > limits.sessions)
		abort();
	for (uint32_t i = 0; i < stop->count; i++)
		skips += check_skips(
		    stop->sessions[i].skips, stop->sessions[i].skip_count);
	if (skips > limits.skips)
		abort();
}

static void
check_statement(const struct message_statement *m)
{
	static const uint8_t iv[CIPHER_BLOCK];
	uint32_t packets = m->next - m->first;
	struct outlet *outlet;

	if (packets > MESSAGE_STATEMENT_MOST ||
	    message_check_statement(m, NULL) == -1)
		abort();
	if (m->stamp_count != 0 && m->stamp_count != packets)
		abort();
	outlet = outlet_new(); /* all of it can be read */
	outlet_protect(outlet, NULL, iv);
	outlet_state(outlet, m);
	outlet_free(outlet);
}

static void
check_request(const struct message_request *request)
{
	uint64_t sum = 0;

	if (request->slot_count > limits.slots)
		abort();
	for (uint32_t i = 0; i < request->slot_count; i++)
		sum += request->slots[i].length;
	if (message_check_request(request, NULL) == ACCEPT_OK && sum > 0) {
		struct timetable *t = timetable_new(request->sid,
		    request->start, request->slots, request->slot_count);

		timetable_next(t);
		timetable_free(t);
	}
}

static void
check_event(struct inlet *inlet, enum inlet_event event)
{
	const union inlet_message *m = inlet_message(inlet);
	static const uint8_t iv[CIPHER_BLOCK];

	if (event == INLET_REQUEST || event == INLET_SESSION)
		check_request(&m->request);
	if (event == INLET_STOP)
		check_stop(&m->stop);
	if (event == INLET_STATE)
		check_statement(&m->statement);
	if (event == INLET_SKIPS)
		check_skips(m->skips.ranges, m->skips.count);
	if (event == INLET_GREETING || event == INLET_SETUP)
		inlet_protect(inlet, NULL, iv);
}

static bool
is_last(const struct inlet *inlet, enum inlet_event event)
{
	if (event == INLET_FETCHED)
		return (inlet_message(inlet)->fetched.accept != ACCEPT_OK);
	return (event != INLET_SESSION && event != INLET_SKIPS &&
		event != INLET_RECORD);
}

/* All of it in pieces; how much was taken of what came out, as one number. */
static uint64_t
replay_pieces(const uint8_t *data, size_t size, unsigned hope, size_t piece)
{
	struct inlet *inlet = inlet_new(&limits);
	enum inlet_event event = INLET_MORE;
	uint64_t mark = 0;
	static const uint8_t iv[CIPHER_BLOCK];

	if (hope > INLET_HOPE_WELCOME)
		inlet_protect(inlet, NULL, iv);
	inlet_allow_statements(inlet);
	inlet_expect(inlet, (enum inlet_hope)hope);
	for (;;) {
		size_t n = size < piece ? size : piece, left = n;
		const uint8_t *at = data;

		if (inlet_take(inlet, &at, &left, &event, NULL) == -1)
			break;
		size -= n - left;
		data += n - left;
		if (event == INLET_MORE && size == 0)
			break;
		if (event == INLET_MORE)
			continue;
		check_event(inlet, event);
		mark = mark * 31 + event;
		if (event == INLET_WELCOME &&
		    inlet_message(inlet)->welcome.accept != ACCEPT_OK)
			break;
		if (is_last(inlet, event))
			inlet_expect(inlet, INLET_HOPE_COMMAND);
	}
	inlet_free(inlet);
	return (mark);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned hope, piece;

	if (size < 1)
		return (0);
	hope = data[0] % (INLET_HOPE_FETCHED + 1);
	piece = 1 + data[0] / 8;
	if (replay_pieces(data + 1, size - 1, hope, piece) !=
	    replay_pieces(data + 1, size - 1, hope, size))
		abort();
	return (0);
}
