/* SPDX-License-Identifier: BSD-2-Clause */
/* What the far end keeps, and of whom it knows how many came. */
#include "probes/owd/shelf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"
#include "probes/owamp/ntp.h"
#include "probes/owd/crowd.h"
#include "probes/owd/prefixes.h"
#include "tests/unit/loop.h"

static const struct slot slot = {SLOT_FIXED, NTP_S / 1000};

static struct shelf_item *
add_long(struct shelf *shelf, uint8_t number, uint32_t packets)
{
	const struct message_request request = {.packets = packets,
	    .sid = {1, 2, [KEYS_SID - 1] = number},
	    .timeout = NTP_S,
	    .slot_count = 1,
	    .slots = &slot};

	return (shelf_add(shelf, &request, false));
}

static struct shelf_item *
add(struct shelf *shelf, uint8_t number)
{
	return (add_long(shelf, number, 100000));
}

static bool
has(const struct shelf *shelf, uint8_t number)
{
	const uint8_t sid[KEYS_SID] = {1, 2, [KEYS_SID - 1] = number};

	return (shelf_find(shelf, sid) != NULL);
}

static void
fill(struct shelf *shelf, struct shelf_item *item, uint32_t packets)
{
	for (uint32_t i = 0; i < packets; i++)
		shelf_record(
		    shelf, item, &(struct message_record){.sequence = i});
}

static void
a_session_is_found_by_its_name(void **state)
{
	const struct shelf_limits limits = {
	    .bytes = 1 << 20, .item = 1 << 18, .keep = NS_PER_S};
	struct shelf *shelf = shelf_new(*state, &limits);
	struct shelf_item *item = add(shelf, 1);

	add(shelf, 2);
	assert_true(has(shelf, 1));
	assert_true(has(shelf, 2));
	assert_false(has(shelf, 3));
	assert_int_equal(item->request.slots[0].length, slot.length);
	shelf_free(shelf);
}

static void
the_oldest_that_are_over_make_room(void **state)
{
	const struct shelf_limits limits = {
	    .bytes = 950000, .item = 1 << 22, .keep = 1000 * NS_PER_S};
	struct shelf *shelf = shelf_new(*state, &limits);
	struct shelf_item *items[3], *last;

	for (uint8_t i = 0; i < 3; i++) {
		items[i] = add(shelf, i);
		fill(shelf, items[i], 4000);
	}
	shelf_hold(items[1]);
	shelf_over(shelf, items[1], SHELF_NORMAL, 0);
	shelf_over(shelf, items[0], SHELF_NORMAL, 0);
	last = add(shelf, 9);
	fill(shelf, last, 8000);
	assert_true(has(shelf, 1)); /* it is older, but somebody reads it */
	assert_false(has(shelf, 0));
	assert_true(has(shelf, 2));
	assert_true(has(shelf, 9));
	shelf_release(items[1]);
	/* nothing is left that is over: it keeps no more */
	fill(shelf, last, 40000);
	assert_false(has(shelf, 1));
	assert_true(has(shelf, 2));
	assert_true(trace_missed(last->trace) > 0);
	assert_true(trace_size(last->trace) < 2 << 20);
	shelf_free(shelf);
}

/* It is longer than it may be: nobody gets all of it any more. */
static void
one_without_end_takes_no_room_for_good(void **state)
{
	const struct shelf_limits limits = {
	    .bytes = 1 << 20, .item = 1 << 18, .keep = NS_PER_S};
	const struct trace_span all = {.end = UINT32_MAX};
	struct shelf *shelf = shelf_new(*state, &limits);
	struct shelf_item *item = add_long(shelf, 1, MESSAGE_NEXT_UNKNOWN);
	struct message_stopped stopped = {.next = 5001};
	struct trace_reader *reader;

	fill(shelf, item, 2000);
	assert_int_equal(trace_missed(item->trace), 0);
	shelf_hold(item);
	reader = trace_read(item->trace, &all);
	assert_int_equal(trace_read_count(reader), 2000);
	fill(shelf, item, 5000);
	assert_true(trace_missed(item->trace) > 0);
	assert_true(trace_size(item->trace) > 100000);
	trace_read_free(reader);
	shelf_release(item);
	shelf_record(shelf, item, &(struct message_record){.sequence = 5000});
	assert_true(trace_size(item->trace) < 1000);
	assert_int_equal(trace_missed(item->trace), 7001);
	assert_int_equal(trace_stop(item->trace, &stopped, NTP_S), 0);
	assert_false(trace_is_whole(item->trace));
	reader = trace_read(item->trace, &all);
	assert_int_equal(trace_read_count(reader), 0);
	trace_read_free(reader);
	shelf_free(shelf);
}

static void
what_is_over_goes_after_a_while(void **state)
{
	const struct shelf_limits limits = {
	    .bytes = 1 << 20, .item = 1 << 18, .keep = 20 * NS_PER_MS};
	struct shelf *shelf = shelf_new(*state, &limits);
	nanoseconds begun = clock_monotonic();

	add(shelf, 1);
	shelf_over(shelf, add(shelf, 2), SHELF_INCOMPLETE, 0);
	shelf_over(shelf, add(shelf, 3), SHELF_NORMAL, 0);
	assert_true(has(shelf, 2));
	loop_while(*state, has(shelf, 2) || has(shelf, 3));
	assert_true(clock_monotonic() - begun >= limits.keep);
	assert_true(has(shelf, 1));
	shelf_free(shelf);
}

static union address
address(const char *text)
{
	union address address;

	assert_true(address_parse(text, 0, &address));
	return (address);
}

static bool
is_in(const char *list, const char *text)
{
	struct prefixes *prefixes = prefixes_new(list, NULL);
	union address a = address(text);
	bool in;

	assert_non_null(prefixes);
	in = prefixes_have(prefixes, &a);
	prefixes_free(prefixes);
	return (in);
}

static void
prefixes_are_told_apart_to_the_bit(void **state)
{
	assert_true(is_in("192.0.2.0/25", "192.0.2.127"));
	assert_false(is_in("192.0.2.0/25", "192.0.2.128"));
	assert_true(is_in("10.0.0.0/8, 192.0.2.7", "192.0.2.7"));
	assert_false(is_in("10.0.0.0/8, 192.0.2.7", "192.0.2.6"));
	assert_true(is_in("0.0.0.0/0", "255.1.2.3"));
	assert_false(is_in("0.0.0.0/0", "::1"));
	assert_false(is_in("::/0", "1.2.3.4"));
	assert_true(is_in("2001:db8::/33 ::1", "2001:db8:7fff::1"));
	assert_false(is_in("2001:db8::/33 ::1", "2001:db8:8000::1"));
	assert_false(is_in("", "127.0.0.1"));
}

static void
prefixes_that_are_none_are_named(void **state)
{
	static const char *const wrong[] = {"x", "10.0.0.0/", "10.0.0.0/33",
	    "10.0.0.0/-1", "10.0.0.0/8x", "::/129", "/8", "10.0.0.1 10.0.0/8",
	    "::ffff:10.0.0.0/104"};
	struct error err;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_null(prefixes_new(wrong[i], &err));
		assert_non_null(strstr(err.text, "expected"));
	}
}

static const struct crowd_limits few = {
    .most = 2, .burst = 3, .rate = 10, .burst_of_all = 5, .rate_of_all = 100};

static bool
share(struct crowd *crowd, const union address *a, const union address *b)
{
	bool shared;

	for (uint32_t i = 0; i < few.most; i++)
		assert_true(crowd_enter(crowd, a));
	shared = !crowd_enter(crowd, b);
	if (!shared)
		crowd_leave(crowd, b);
	for (uint32_t i = 0; i < few.most; i++)
		crowd_leave(crowd, a);
	return (shared);
}

/* Two addresses share a number by chance, in one of 4096 crowds. */
static struct crowd *
make_crowd(
    const union address *a, const union address *b, const union address *c)
{
	struct crowd *crowd = crowd_new(&few);

	for (int tries = 0;
	     share(crowd, a, b) || share(crowd, a, c) || share(crowd, b, c);
	     tries++) {
		assert_in_range(tries, 0, 5);
		crowd_free(crowd);
		crowd = crowd_new(&few);
	}
	return (crowd);
}

static void
each_address_has_its_own_number(void **state)
{
	union address a = address("192.0.2.1"), b = address("192.0.2.2");
	union address six = address("2001:db8::1");
	union address same = address("2001:db8::2"); /* /64 */
	struct crowd *crowd = make_crowd(&a, &b, &six);

	assert_true(crowd_enter(crowd, &a));
	assert_true(crowd_enter(crowd, &a));
	assert_false(crowd_enter(crowd, &a));
	assert_true(crowd_enter(crowd, &b));
	crowd_leave(crowd, &a);
	assert_true(crowd_enter(crowd, &a));
	assert_true(crowd_enter(crowd, &six));
	assert_true(crowd_enter(crowd, &same));
	assert_false(crowd_enter(crowd, &six));
	crowd_free(crowd);
}

static void
passes_come_back_with_time(void **state)
{
	union address a = address("192.0.2.1"), b = address("192.0.2.2");
	union address c = address("192.0.2.3");
	struct crowd *crowd = make_crowd(&a, &b, &c);
	nanoseconds now = 1000 * NS_PER_S, wait;

	for (int i = 0; i < 3; i++)
		assert_true(crowd_pass(crowd, &a, now, &wait));
	assert_false(crowd_pass(crowd, &a, now, &wait));
	assert_in_range(wait, 99 * NS_PER_MS, 101 * NS_PER_MS);
	assert_true(crowd_pass(crowd, &b, now, &wait));
	assert_true(crowd_pass(crowd, &b, now, &wait));
	assert_false(crowd_pass(crowd, &b, now, &wait)); /* 5 of all */
	assert_in_range(wait, 9 * NS_PER_MS, 11 * NS_PER_MS);
	now += wait;
	assert_true(crowd_pass(crowd, &b, now, &wait));
	now += 100 * NS_PER_MS;
	assert_true(crowd_pass(crowd, &a, now, &wait));
	assert_false(crowd_pass(crowd, &a, now, &wait));
	crowd_free(crowd);
}

#define WITH_LOOP(test) \
	cmocka_unit_test_setup_teardown(test, loop_make, loop_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_LOOP(a_session_is_found_by_its_name),
	    WITH_LOOP(the_oldest_that_are_over_make_room),
	    WITH_LOOP(one_without_end_takes_no_room_for_good),
	    WITH_LOOP(what_is_over_goes_after_a_while),
	    cmocka_unit_test(prefixes_are_told_apart_to_the_bit),
	    cmocka_unit_test(prefixes_that_are_none_are_named),
	    cmocka_unit_test(each_address_has_its_own_number),
	    cmocka_unit_test(passes_come_back_with_time),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
