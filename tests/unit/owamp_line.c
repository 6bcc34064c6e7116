/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/owamp_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/memory.h"
#include "probes/owamp/ntp.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const struct inlet_limits limits = {
    .slots = 8, .sessions = 4, .skips = 6};
const struct keys line_keys = {{1, 2, 3}, {4, 5, 6}};
const uint8_t line_iv[CIPHER_BLOCK] = {7, 8, 9};
static const struct slot slots[] = {
    {SLOT_EXPONENTIAL, NTP_S / 2}, {SLOT_FIXED, 77}, {SLOT_FIXED, 1}};
const struct message_request line_request = {
    .family = 4,
    .receives = 1,
    .packets = 1200,
    .sender_port = 0x1234,
    .receiver_port = 0x5678,
    .sender = {127, 0, 0, 1},
    .receiver = {127, 0, 0, 2},
    .sid = {0x7f, 0, 0, 1, 0xee},
    .padding = 27,
    .start = UINT64_C(0xeeac941d4c3bd599),
    .timeout = 2 * NTP_S,
    .type_p = 0x2e000000,
    .slot_count = COUNT(slots),
    .slots = slots,
};
const struct message_skip line_ranges[LINE_RANGES] = {{0, 0}, {3, 7}, {9, 9}};
static const struct message_skip even[] = {{2, 4}, {100, UINT32_MAX}};

struct line
line_make_bare(size_t piece)
{
	return ((struct line){
	    .out = outlet_new(), .in = inlet_new(&limits), .piece = piece});
}

struct line
line_make(bool secure, size_t piece)
{
	struct line line = line_make_bare(piece);
	const struct keys *keys = secure ? &line_keys : NULL;

	outlet_protect(line.out, keys, line_iv);
	inlet_protect(line.in, keys, line_iv);
	return (line);
}

void
line_free(struct line *line)
{
	outlet_free(line->out);
	inlet_free(line->in);
}

uint8_t *
line_piece(const struct outlet *from, size_t piece, size_t *length)
{
	const uint8_t *data = outlet_data(from, length);
	uint8_t *copy;

	if (*length > piece)
		*length = piece;
	copy = memory_new(*length + 1, 1);
	if (*length > 0)
		memcpy(copy, data, *length);
	return (copy);
}

int
line_receive(struct line *line)
{
	enum inlet_event event = INLET_MORE;

	for (;;) {
		size_t length, offered;
		uint8_t *copy = line_piece(line->out, line->piece, &length);
		const uint8_t *at = copy;
		int result;

		offered = length;
		result = inlet_take(line->in, &at, &length, &event, &line->err);
		free(copy);
		outlet_sent(line->out, offered - length);
		if (result == -1 || event != INLET_MORE || offered == 0)
			return (result == -1 ? -1 : (int)event);
	}
}

int
line_expect(struct line *line, enum inlet_hope hope)
{
	inlet_expect(line->in, hope);
	return (line_receive(line));
}

size_t
line_waiting(const struct line *line)
{
	size_t length;

	outlet_data(line->out, &length);
	return (length);
}

void
line_check_request(const struct message_request *got)
{
	assert_int_equal(got->family, line_request.family);
	assert_int_equal(got->sends, 0);
	assert_int_equal(got->receives, 1);
	assert_int_equal(got->packets, line_request.packets);
	assert_int_equal(got->sender_port, line_request.sender_port);
	assert_int_equal(got->receiver_port, line_request.receiver_port);
	assert_memory_equal(got->sender, line_request.sender, 16);
	assert_memory_equal(got->receiver, line_request.receiver, 16);
	assert_memory_equal(got->sid, line_request.sid, KEYS_SID);
	assert_int_equal(got->padding, line_request.padding);
	assert_true(got->start == line_request.start);
	assert_true(got->timeout == line_request.timeout);
	assert_int_equal(got->type_p, line_request.type_p);
	assert_int_equal(got->slot_count, COUNT(slots));
	for (size_t i = 0; i < COUNT(slots); i++) {
		assert_int_equal(got->slots[i].kind, slots[i].kind);
		assert_true(got->slots[i].length == slots[i].length);
	}
	assert_int_equal(message_check_request(got, NULL), ACCEPT_OK);
}

static void
check_stop(const struct message_stop *got)
{
	assert_int_equal(got->accept, 0);
	assert_int_equal(got->count, 3);
	assert_int_equal(got->sessions[0].sid[0], 1);
	assert_int_equal(got->sessions[0].next, 1000);
	assert_int_equal(got->sessions[0].skip_count, LINE_RANGES);
	assert_memory_equal(
	    got->sessions[0].skips, line_ranges, sizeof(line_ranges));
	assert_int_equal(got->sessions[1].skip_count, 0);
	assert_int_equal(got->sessions[1].next, MESSAGE_NEXT_UNKNOWN);
	assert_int_equal(got->sessions[2].sid[0], 3);
	assert_int_equal(got->sessions[2].skip_count, COUNT(even));
	assert_memory_equal(got->sessions[2].skips, even, sizeof(even));
}

void
line_send_stop(struct outlet *out)
{
	const struct message_stopped sessions[] = {
	    {.sid = {1},
		.next = 1000,
		.skip_count = LINE_RANGES,
		.skips = line_ranges},
	    {.sid = {2}, .next = MESSAGE_NEXT_UNKNOWN},
	    {.sid = {3}, .skip_count = COUNT(even), .skips = even},
	};

	outlet_stop(
	    out, &(struct message_stop){.count = 3, .sessions = sessions});
}

void
line_talk(struct line *line)
{
	const union inlet_message *m = inlet_message(line->in);

	outlet_request(line->out, &line_request);
	outlet_accepted(
	    line->out, &(struct message_accepted){
			   .accept = ACCEPT_LATER, .port = 8765, .sid = {9}});
	outlet_start(line->out);
	outlet_started(line->out, ACCEPT_OK);
	line_send_stop(line->out);
	outlet_stop(line->out, &(struct message_stop){.accept = 2});
	outlet_fetch(
	    line->out, &(struct message_fetch){
			   .begin = 5, .end = UINT32_MAX, .sid = {1, 2}});
	assert_int_equal(line_expect(line, INLET_HOPE_COMMAND), INLET_REQUEST);
	line_check_request(&m->request);
	assert_int_equal(
	    line_expect(line, INLET_HOPE_ACCEPTED), INLET_ACCEPTED);
	assert_int_equal(m->accepted.accept, ACCEPT_LATER);
	assert_int_equal(m->accepted.port, 8765);
	assert_int_equal(m->accepted.sid[0], 9);
	assert_int_equal(line_expect(line, INLET_HOPE_COMMAND), INLET_START);
	assert_int_equal(line_expect(line, INLET_HOPE_STARTED), INLET_STARTED);
	assert_int_equal(m->started, ACCEPT_OK);
	assert_int_equal(line_expect(line, INLET_HOPE_COMMAND), INLET_STOP);
	check_stop(&m->stop);
	assert_int_equal(line_expect(line, INLET_HOPE_COMMAND), INLET_STOP);
	assert_int_equal(m->stop.accept, 2);
	assert_int_equal(m->stop.count, 0);
	assert_int_equal(line_expect(line, INLET_HOPE_COMMAND), INLET_FETCH);
	assert_int_equal(m->fetch.begin, 5);
	assert_true(m->fetch.end == UINT32_MAX);
	assert_int_equal(line_waiting(line), 0);
}
