/* SPDX-License-Identifier: BSD-2-Clause */
/* Sessions without an end that the far end sends: what ends them, and what of them
 * the host is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "probes/owamp/ntp.h"
#include "tests/unit/loop.h"
#include "tests/unit/owd_far_end.h"
#include "tests/unit/owd_far_scene.h"

/* A session without an end, of which so many packets have come. */
static struct message_request
receive_some(
    struct caller *caller, struct end *end, const struct message_label *label)
{
	struct message_request request;

	scene_call(caller, MODE_ENCRYPTED);
	if (label != NULL)
		client_label(caller->client, label);
	end_open(end, caller, false);
	request = scene_request(true, udp_port(end->udp));
	request.packets = MESSAGE_NEXT_UNKNOWN;
	scene_ask(caller, &request, ACCEPT_OK);
	end_catch(end, &request);
	caller_start(caller);
	loop_count(scene.base, &end->caught, 100);
	return (request);
}

static void
a_client_stops_it_early(void **state)
{
	static struct caller caller;
	struct end end;

	scene_start();
	receive_some(&caller, &end, NULL);
	assert_true(scene.ask.cost.seconds == 0);
	client_stop(caller.client, &(struct message_stop){0});
	caller_expect(&caller, CLIENT_STOP);
	assert_true(caller.stopped.next >= 100);
	assert_int_equal(caller.stated, caller.stopped.next);
	assert_int_equal(scene.held, 0);
	caller_close(&caller);
	end_free(&end);
}

static void
a_clock_that_is_set_ends_it(void **state)
{
	static struct caller caller;
	struct end end;

	scene_start();
	receive_some(&caller, &end, NULL);
	scene.shift = 3600 * NS_PER_S;
	caller_expect(&caller, CLIENT_STOP);
	assert_int_equal(caller.stop.accept, ACCEPT_FAILURE);
	assert_true(caller.stopped.next >= 10);
	assert_non_null(strstr(scene.note, "clock was set"));
	caller_close(&caller);
	end_free(&end);
}

static void
what_was_sent_and_not_stated_is_told_to_the_host(void **state)
{
	static const struct message_label label = {
	    .name = "flow", .interval = 3600 * NS_PER_S, .start = 0};
	static const struct message_label run = {
	    .name = "flow", .start = 1700000000 * NS_PER_S};
	static const char key[] =
	    "[{\"is\":\"7f000001010203000000000000000000/";
	static struct caller caller;
	struct message_request request;
	struct end end;

	scene_start();
	request = receive_some(&caller, &end, &label);
	assert_int_equal(caller.stated, 0);
	caller_close(&caller);
	loop_count(scene.base, &scene.told, 1);
	assert_true(scene.told_sent >= 100 && scene.told_sent < 100000);
	assert_true(scene.told_from <= ntp_wall(request.start));
	assert_int_equal(scene.told_from % (3600 * NS_PER_S), 0);
	assert_memory_equal(scene.told_json, key, strlen(key));
	end_free(&end);
	scene.told = 0;
	receive_some(&caller, &end, &run);
	caller_close(&caller);
	loop_count(scene.base, &scene.told, 1);
	assert_int_equal(scene.told_from, run.start);
	assert_non_null(strstr(scene.told_json, "00/0\","));
	end_free(&end);
}

static void
what_was_stated_is_not_told_nor_what_nobody_named(void **state)
{
	static const struct message_label labels[] = {
	    {.name = "flow", .interval = 3600 * NS_PER_S},
	    {.name = "flow", .interval = NS_PER_MS}, /* there would be many */
	    {.name = ""}};
	static struct caller caller;
	struct end end;

	scene_start();
	for (size_t i = 0; i < 4; i++) {
		receive_some(&caller, &end, i < 3 ? &labels[i] : NULL);
		if (i == 0) {
			client_stop(caller.client, &(struct message_stop){0});
			caller_expect(&caller, CLIENT_STOP);
			assert_int_equal(caller.stated, caller.stopped.next);
		}
		caller_close(&caller);
		loop_while(scene.base, scene.held > 0);
		assert_int_equal(scene.told, 0);
		end_free(&end);
	}
	far_free(scene.far);
	scene.far = NULL;
	assert_int_equal(scene.told, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_SCENE(a_client_stops_it_early),
	    IN_SCENE(a_clock_that_is_set_ends_it),
	    IN_SCENE(what_was_sent_and_not_stated_is_told_to_the_host),
	    IN_SCENE(what_was_stated_is_not_told_nor_what_nobody_named),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
