/* SPDX-License-Identifier: BSD-2-Clause */
/* One socket for the sessions that follow one another between two ports. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "probes/owamp/message.h"
#include "probes/owamp/ntp.h"
#include "probes/owd/catch.h"
#include "tests/unit/loop.h"

#define HERE "127.44.1.9" /* on which no other program has ports */
#define GUESTS 3

static const struct probe_host host = {
    .wall = clock_wall,
    .monotonic = clock_monotonic,
};

/* A session: packets that begin with its letter are its own. */
struct guest {
	char letter;
	struct udp_calls calls;
	int arrived, left;
	uint8_t last;
	uint64_t number;
};

static struct event_base *base;
static struct guest guests[GUESTS];

static bool
owns(void *arg, const struct udp_arrival *arrival)
{
	const struct guest *guest = arg;

	return (arrival->data[0] == (uint8_t)guest->letter);
}

static void
on_arrived(void *arg, const struct udp_arrival *arrival)
{
	struct guest *guest = arg;

	guest->arrived++;
	guest->last = arrival->data[0];
}

static void
on_left(void *arg, uint64_t number, nanoseconds when)
{
	struct guest *guest = arg;

	guest->left++;
	guest->number = number;
}

static int
make(void **state)
{
	int result = loop_make(state);

	base = *state;
	for (int i = 0; i < GUESTS; i++)
		guests[i] = (struct guest){.letter = (char)('a' + i),
		    .calls = {.owns = owns, .arg = &guests[i]}};
	return (result);
}

static struct udp *
open_to(struct guest *guest, bool sends, uint16_t port, uint16_t to)
{
	union address local, peer;
	struct udp_about about = {.host = &host,
	    .base = base,
	    .local = &local,
	    .port = port,
	    .peer = &peer,
	    .calls = &guest->calls};
	struct error err;
	struct udp *udp;

	if (sends)
		guest->calls.left = on_left;
	else
		guest->calls.arrived = on_arrived;
	assert_true(address_parse(HERE, 0, &local));
	assert_true(address_parse(HERE, to, &peer));
	udp = udp_new(&about, &err);
	if (udp == NULL)
		fail_msg("%s", err.text);
	return (udp);
}

static struct udp *
open_udp(struct guest *guest, bool sends)
{
	return (open_to(guest, sends, 0, 0));
}

static void
connect_udp(struct udp *udp, const struct udp *peer)
{
	union address address;
	struct error err;

	assert_true(address_parse(HERE, udp_port(peer), &address));
	assert_true(udp_may_connect(udp, &address));
	if (udp_connect(udp, &address, &err) == -1)
		fail_msg("%s", err.text);
	assert_true(udp_is_to(udp, &address));
}

static void
share(struct udp *udp, struct guest *guest)
{
	guest->calls.arrived = guests[0].calls.arrived;
	guest->calls.left = guests[0].calls.left;
	udp_share(udp, &guest->calls);
}

static uint64_t
send_letter(struct udp *udp, char letter)
{
	uint64_t number;

	assert_int_equal(udp_send(udp, &letter, 1, &number), 0);
	return (number);
}

/* What is of nobody is the oldest one's to count; who has gone hears no more. */
static void
each_session_has_its_own_packets(void **state)
{
	static struct guest sender;
	struct udp *from, *to = open_udp(&guests[0], false);

	sender = (struct guest){.calls = {.arg = &sender}};
	from = open_udp(&sender, true);
	connect_udp(from, to);
	connect_udp(to, from);
	assert_false(udp_is_shared(to));
	share(to, &guests[1]);
	share(to, &guests[2]);
	assert_true(udp_is_shared(to));
	for (const char *p = "cabax"; *p != '\0'; p++)
		send_letter(from, *p);
	loop_count(base, &guests[0].arrived, 3);
	assert_int_equal(guests[0].last, 'x');
	assert_int_equal(guests[1].arrived, 1);
	assert_int_equal(guests[2].arrived, 1);
	udp_quit(to, &guests[0].calls);
	udp_quit(to, &guests[2].calls);
	assert_false(udp_is_shared(to));
	send_letter(from, 'a');
	loop_count(base, &guests[1].arrived, 2);
	assert_int_equal(guests[0].arrived, 3);
	udp_quit(to, &guests[1].calls);
	udp_free(from);
}

static void
stamps_are_told_to_all_who_send(void **state)
{
	static struct guest receiver;
	struct udp *from = open_udp(&guests[0], true), *to;
	nanoseconds deadline = clock_monotonic() + 10 * NS_PER_S;
	uint64_t number = 0;

	receiver = (struct guest){.calls = {.owns = owns, .arg = &receiver}};
	to = open_udp(&receiver, false);
	connect_udp(from, to);
	connect_udp(to, from);
	share(from, &guests[1]);
	/* the kernel begins to take them soon after it was first asked */
	while (guests[0].left == 0 && clock_monotonic() < deadline) {
		number = send_letter(from, 'a');
		udp_notices(from);
	}
	assert_true(guests[0].left > 0);
	assert_int_equal(guests[1].left, guests[0].left);
	assert_int_equal(guests[1].number, number);
	udp_quit(from, &guests[0].calls);
	udp_quit(from, &guests[1].calls);
	udp_free(to);
}

/* A stranger's far end has another port for each session; ours is the same. */
static void
two_peers_may_have_the_same_port_of_ours(void **state)
{
	static struct guest senders[2];
	struct udp *to[2], *from[2];
	union address peer;

	to[0] = open_udp(&guests[0], false);
	for (int i = 0; i < 2; i++) {
		senders[i] = (struct guest){.calls = {.arg = &senders[i]}};
		from[i] = open_udp(&senders[i], true);
		connect_udp(from[i], to[0]);
	}
	connect_udp(to[0], from[0]);
	assert_true(address_parse(HERE, udp_port(from[1]), &peer));
	assert_false(udp_may_connect(to[0], &peer));
	/* but not to the same one, or to one that is not known yet */
	for (int i = 0; i < 2; i++) {
		to[1] = open_to(&guests[1], false, udp_port(to[0]),
		    i == 0 ? udp_port(from[0]) : 0);
		assert_int_not_equal(udp_port(to[1]), udp_port(to[0]));
		udp_free(to[1]);
	}
	to[1] = open_to(&guests[1], false, udp_port(to[0]), udp_port(from[1]));
	assert_int_equal(udp_port(to[1]), udp_port(to[0]));
	connect_udp(to[1], from[1]);
	send_letter(from[0], 'x');
	send_letter(from[1], 'y');
	loop_count(base, &guests[0].arrived, 1);
	loop_count(base, &guests[1].arrived, 1);
	assert_int_equal(guests[0].last, 'x');
	assert_int_equal(guests[1].last, 'y');
	for (int i = 0; i < 2; i++) {
		udp_free(to[i]);
		udp_free(from[i]);
	}
}

#define START (INT64_C(1795000000) * NS_PER_S)
#define LENGTH (20 * NS_PER_MS)

static bool
claims(struct catch *catch, uint32_t sequence, nanoseconds sent)
{
	struct packet_codec *codec =
	    packet_new(MODE_OPEN, CIPHER_ENCRYPT, NULL);
	const struct packet packet = {.sequence = sequence,
	    .sent = ntp_of_wall(sent),
	    .estimate = ntp_synchronised(1000)};
	uint8_t data[PACKET_SECURE];
	const struct udp_arrival arrival = {
	    .data = data, .length = packet_size(MODE_OPEN)};

	packet_write(codec, &packet, data);
	packet_free(codec);
	return (catch_owns(catch, &arrival));
}

/* Without keys, a packet has no more than its number and its time. */
static void
a_session_knows_packets_by_when_they_were_due(void **state)
{
	static const uint8_t sid[KEYS_SID];
	const struct slot slot = {SLOT_FIXED, ntp_of_duration(LENGTH)};
	const struct catch_about about = {.mode = MODE_OPEN,
	    .packets = MESSAGE_NEXT_UNKNOWN,
	    .sid = sid,
	    .start = ntp_of_wall(START),
	    .slots = &slot,
	    .slot_count = 1};
	struct catch *catch = catch_new(&about);

	/* the older session's: before it began, and when it had */
	assert_false(claims(catch, 3, START - NS_PER_MS * 30));
	assert_false(claims(catch, 500, START + LENGTH));
	assert_false(claims(catch, UINT32_MAX, START + 2 * LENGTH));
	assert_true(claims(catch, 0, START + LENGTH));
	assert_true(claims(catch, 1, START + 2 * LENGTH + 90 * NS_PER_MS));
	assert_false(claims(catch, 30, START + 20 * LENGTH));
	assert_true(claims(catch, 30, START + 31 * LENGTH));
	/* behind a later one, and a copy */
	assert_true(claims(catch, 29, START + 30 * LENGTH));
	assert_true(claims(catch, 0, START + LENGTH));
	catch_free(catch);
}

#define test(f) cmocka_unit_test_setup_teardown(f, make, loop_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    test(each_session_has_its_own_packets),
	    test(stamps_are_told_to_all_who_send),
	    test(two_peers_may_have_the_same_port_of_ours),
	    test(a_session_knows_packets_by_when_they_were_due),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
