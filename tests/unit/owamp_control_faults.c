/* SPDX-License-Identifier: BSD-2-Clause */
/* What an inlet, or a request's reader, does not put up with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/owamp_line.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* Whatever bit is changed on the way, nothing is taken for true that was not
 * sent. */
static void
no_changed_bit_gets_through(void **state)
{
	size_t length = 16 + 48 + 32 + 48 + 16;

	for (size_t bit = 0; bit < 8 * length; bit += 3) {
		struct line line = line_make(true, 1000);
		uint8_t copy[16 + 48 + 32 + 48 + 16];
		const uint8_t *data;
		enum inlet_event event = INLET_MORE;

		line_send_stop(line.out);
		data = outlet_data(line.out, &length);
		memcpy(copy, data, length);
		copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
		data = copy;
		inlet_expect(line.in, INLET_HOPE_COMMAND);
		if (inlet_take(line.in, &data, &length, &event, NULL) == 0)
			assert_int_equal(event, INLET_MORE);
		length = sizeof(copy);
		line_free(&line);
	}
}

static void
other_keys_are_found_out(void **state)
{
	static const struct keys others = {{1, 2, 3}, {4, 5, 7}};
	struct line line = line_make_bare(100);

	outlet_protect(line.out, &line_keys, line_iv);
	inlet_protect(line.in, &others, line_iv);
	outlet_start(line.out);
	assert_int_equal(line_expect(&line, INLET_HOPE_COMMAND), -1);
	assert_string_equal(line.err.text, "Start-Sessions: wrong HMAC");
	assert_int_equal(line_receive(&line), -1); /* for good */
	line_free(&line);
}

static void
check_refused(struct line *line, const char *why)
{
	assert_int_equal(line_expect(line, INLET_HOPE_COMMAND), -1);
	assert_string_equal(line->err.text, why);
	line_free(line);
}

static void
what_a_peer_may_ask_for_has_limits(void **state)
{
	static const struct message_skip many[] = {
	    {0, 0}, {2, 2}, {4, 4}, {6, 6}};
	const struct message_stopped sessions[] = {
	    {.skip_count = 4, .skips = many},
	    {.skip_count = 3, .skips = line_ranges}};
	const struct slot nine[9] = {{SLOT_FIXED, 1}};
	struct message_request large = line_request;
	struct message_stopped five[5] = {{.next = 1}};
	struct line line = line_make(true, 3);

	large.slot_count = 9;
	large.slots = nine;
	outlet_request(line.out, &large);
	check_refused(&line, "schedule slots: 9, expected at most 8");
	line = line_make(true, 3);
	outlet_stop(
	    line.out, &(struct message_stop){.count = 5, .sessions = five});
	check_refused(&line, "sessions: 5, expected at most 4");
	line = line_make(true, 3);
	outlet_stop(
	    line.out, &(struct message_stop){.count = 2, .sessions = sessions});
	check_refused(&line, "skip ranges: 3, expected at most 2");
}

static void
skip_ranges_rise(void **state)
{
	static const struct message_skip bad[][2] = {
	    {{5, 4}, {6, 6}}, {{1, 3}, {3, 4}}, {{9, 9}, {2, 2}}};

	for (size_t i = 0; i < COUNT(bad); i++) {
		const struct message_stopped session = {
		    .skip_count = 2, .skips = bad[i]};
		struct line line = line_make(false, 50);

		outlet_stop(line.out,
		    &(struct message_stop){.count = 1, .sessions = &session});
		assert_int_equal(line_expect(&line, INLET_HOPE_COMMAND), -1);
		line_free(&line);
	}
}

static void
an_unknown_command_ends_it(void **state)
{
	const uint8_t bytes[16] = {5}, *data = bytes;
	size_t length = sizeof(bytes);
	struct line line = line_make(false, 1);
	enum inlet_event event;

	inlet_expect(line.in, INLET_HOPE_COMMAND);
	assert_int_equal(
	    inlet_take(line.in, &data, &length, &event, &line.err), -1);
	assert_string_equal(line.err.text, "command 5, expected 1 to 4");
	line_free(&line);
}

static void
requests_that_nobody_could_meet(void **state)
{
	struct message_request r = line_request;
	const struct slot odd_slot = {(enum slot_kind)2, 1};

	r.family = 5;
	assert_int_equal(message_check_request(&r, NULL), ACCEPT_UNSUPPORTED);
	r = line_request;
	r.sends = 1;
	assert_int_equal(message_check_request(&r, NULL), ACCEPT_UNSUPPORTED);
	r.sends = r.receives = 0;
	assert_int_equal(message_check_request(&r, NULL), ACCEPT_REJECTED);
	r = line_request;
	r.type_p = 0x40000000;
	assert_int_equal(message_check_request(&r, NULL), ACCEPT_UNSUPPORTED);
	r = line_request;
	r.slot_count = 0;
	assert_int_equal(message_check_request(&r, NULL), ACCEPT_REJECTED);
	r.slot_count = 1;
	r.slots = &odd_slot;
	assert_int_equal(message_check_request(&r, NULL), ACCEPT_UNSUPPORTED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_changed_bit_gets_through),
	    cmocka_unit_test(other_keys_are_found_out),
	    cmocka_unit_test(what_a_peer_may_ask_for_has_limits),
	    cmocka_unit_test(skip_ranges_rise),
	    cmocka_unit_test(an_unknown_command_ends_it),
	    cmocka_unit_test(requests_that_nobody_could_meet),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
