/* SPDX-License-Identifier: BSD-2-Clause */
/* How client and server agree on a mode and a key, or do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/owamp_wire.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void
the_strongest_mode_of_both_is_taken(void **state)
{
	struct wire wire;

	wire_open(&wire, MODE_ALL, &wire_wish, 100);
	wire_set_up(&wire);
	assert_int_equal(server_mode(wire.server), MODE_ENCRYPTED);
	assert_string_equal(server_key_id(wire.server), "nyc");
	assert_memory_equal(server_keys(wire.server), client_keys(wire.client),
	    sizeof(struct keys));
	wire_close(&wire);
	wire_open(&wire, MODE_OPEN | MODE_AUTHENTICATED, &wire_wish, 100);
	wire_set_up(&wire);
	assert_int_equal(server_mode(wire.server), MODE_AUTHENTICATED);
	wire_close(&wire);
	wire_open(&wire, MODE_OPEN, &wire_wish, 100);
	wire_set_up(&wire);
	assert_null(server_keys(wire.server));
	wire_close(&wire);
}

static void
check_turned_away(const struct client_wish *w, const char *why)
{
	struct wire wire;

	wire_open(&wire, MODE_AUTHENTICATED, w, 7);
	assert_int_equal(wire_hear_client(&wire), CLIENT_MORE);
	assert_int_equal(wire_hear_server(&wire), SERVER_REFUSED);
	assert_string_equal(wire.server_err.text, why);
	assert_int_equal(wire_hear_client(&wire), -1);
	assert_string_equal(wire.client_err.text,
	    "it refused us: the key is unknown there, or another one");
	wire_close(&wire);
}

static void
who_does_not_know_the_secret_is_turned_away(void **state)
{
	struct client_wish w = wire_wish;

	w.secret = "secreT";
	check_turned_away(&w, "key \"nyc\": unknown, or another secret");
	w.secret = "secret";
	w.key_id = "lon";
	check_turned_away(&w, "key \"lon\": unknown, or another secret");
}

/* As perfSONAR's server lets anybody in who chooses open mode. */
static void
a_mode_that_was_not_offered_is_refused(void **state)
{
	const struct message_setup forced = {.mode = MODE_OPEN};
	struct wire wire;

	wire_open(&wire, MODE_ENCRYPTED, &wire_wish, 50);
	outlet_setup(client_outlet(wire.client), &forced);
	assert_int_equal(wire_hear_server(&wire), SERVER_REFUSED);
	assert_string_equal(wire.server_err.text, "mode 1, offered were 4");
	assert_int_equal(wire.lobby.count, 1);
	wire_close(&wire);
	assert_int_equal(wire.lobby.count, 0);
}

static void
a_client_takes_no_offer_that_it_does_not_want(void **state)
{
	struct client_wish w = wire_wish;
	struct wire wire;

	w.modes = MODE_ENCRYPTED;
	wire_open(&wire, MODE_OPEN, &w, 50);
	assert_int_equal(wire_hear_client(&wire), -1);
	assert_string_equal(wire.client_err.text,
	    "it talks in other modes than we: open; expected encrypted");
	wire_close(&wire);
	wire_open(&wire, 0, &w, 50);
	assert_int_equal(wire_hear_client(&wire), -1);
	wire_close(&wire);
}

static void
a_client_does_not_count_for_ever(void **state)
{
	struct message_greeting greeting = {
	    .modes = MODE_ALL, .count = UINT32_C(1) << 31};
	struct outlet *out = outlet_new();
	struct client *client = client_new(&wire_wish);
	enum client_event event;
	const uint8_t *data;
	struct error err;
	size_t length;

	outlet_greeting(out, &greeting);
	data = outlet_data(out, &length);
	assert_int_equal(client_take(client, &data, &length, &event, &err), -1);
	assert_non_null(strstr(err.text, "expected a power of two"));
	client_free(client);
	outlet_free(out);
}

static void
those_who_say_nothing_keep_nobody_out(void **state)
{
	struct server *crowd[3000], *evicted;
	struct wire early, late;
	size_t left = 0;

	wire_open(&early, MODE_ALL, &wire_wish, 50);
	early.lobby.most = 100;
	wire_set_up(&early);
	for (size_t i = 0; i < COUNT(crowd); i++) {
		crowd[i] = server_new(&early.policy, &early.lobby, &evicted);
		assert_true(evicted == (i < 100 ? NULL : crowd[left]));
		if (evicted != NULL) {
			server_free(evicted);
			left++;
		}
	}
	assert_int_equal(early.lobby.count, 100);
	/* one more, who speaks */
	late = early;
	late.server = server_new(&early.policy, &early.lobby, &evicted);
	late.client = client_new(&wire_wish);
	assert_true(evicted == crowd[left]);
	server_free(crowd[left++]);
	assert_int_equal(wire_hear_client(&late), CLIENT_MORE);
	assert_int_equal(wire_hear_server(&late), SERVER_READY);
	assert_int_equal(wire_hear_client(&late), CLIENT_READY);
	assert_int_equal(early.lobby.count, 99);
	wire_ask(&late);
	wire_ask(&early); /* set up before: not touched */
	while (left < COUNT(crowd))
		server_free(crowd[left++]);
	assert_int_equal(early.lobby.count, 0);
	wire_close(&late);
	wire_close(&early);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_strongest_mode_of_both_is_taken),
	    cmocka_unit_test(who_does_not_know_the_secret_is_turned_away),
	    cmocka_unit_test(a_mode_that_was_not_offered_is_refused),
	    cmocka_unit_test(a_client_takes_no_offer_that_it_does_not_want),
	    cmocka_unit_test(a_client_does_not_count_for_ever),
	    cmocka_unit_test(those_who_say_nothing_keep_nobody_out),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
