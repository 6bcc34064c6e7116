/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/owd_far_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/memory.h"
#include "common/option.h"
#include "probes/owamp/ntp.h"
#include "tests/unit/loop.h"

struct scene scene;
const struct slot scene_slot = {SLOT_FIXED, NTP_S / 1000};

struct probe_ticket {
	probe_answer answer;
	void *arg;
	struct event *event;
};
static struct probe_ticket *held_back;

static nanoseconds
wall(void)
{
	return (clock_wall() + scene.shift);
}

static bool
tell_clock(nanoseconds *error)
{
	*error = 1000;
	return (true);
}

static const struct probe_peer *
find_peer(struct probe_worker *worker, const char *box)
{
	assert_ptr_equal(worker, &scene.worker);
	return (
	    scene.is_member && strcmp(box, "nyc") == 0 ? &scene.peer : NULL);
}

static void
answer(evutil_socket_t fd, short what, void *arg)
{
	struct probe_ticket *ticket = arg;

	ticket->answer(ticket->arg, scene.why_not);
}

static struct probe_ticket *
admit(struct probe_responder *responder, const struct probe_ask *ask,
    probe_answer function, void *arg)
{
	struct probe_ticket *ticket = memory_new(1, sizeof(*ticket));

	assert_ptr_equal(responder, &scene.responder);
	scene.asked++;
	scene.held++;
	scene.ask = *ask;
	snprintf(scene.ask_peer, sizeof(scene.ask_peer), "%s", ask->peer);
	ticket->answer = function;
	ticket->arg = arg;
	ticket->event = event_new(scene.base, -1, 0, answer, ticket);
	if (!scene.holds)
		event_active(ticket->event, 0, 0);
	held_back = ticket;
	return (ticket);
}

static void
release(struct probe_ticket *ticket)
{
	scene.held--;
	event_free(ticket->event);
	free(ticket);
}

static void
note(struct probe_responder *responder, const char *text)
{
	assert_ptr_equal(responder, &scene.responder);
	snprintf(scene.note, sizeof(scene.note), "%s", text);
	scene.notes++;
}

static void
tell(struct probe_responder *responder, const struct probe_statement *s)
{
	const char *sent = strstr(s->json, "\"sent\":");

	assert_ptr_equal(responder, &scene.responder);
	assert_string_equal(s->test, "flow");
	assert_string_equal(s->box, "nyc");
	assert_string_equal(s->metric, "open");
	assert_int_equal(s->end, RUNS_AT_SRC);
	assert_int_equal(s->family, 4);
	assert_true(s->from <= s->to && s->to <= wall());
	assert_non_null(sent);
	if (scene.told++ == 0)
		scene.told_from = s->from;
	scene.told_sent += (unsigned)strtoul(sent + 7, NULL, 10);
	snprintf(scene.told_json, sizeof(scene.told_json), "%s", s->json);
}

int
scene_make(void **state)
{
	int result = loop_make(state);

	scene = (struct scene){.base = *state,
	    .host = {.wall = wall,
		.monotonic = clock_monotonic,
		.clock = tell_clock,
		.peer = find_peer,
		.admit = admit,
		.release = release,
		.note = note,
		.state = tell},
	    .peer = {.box = "nyc"},
	    .is_member = true};
	memcpy(scene.peer.secret, MEMBER_SECRET, sizeof(scene.peer.secret));
	scene.worker =
	    (struct probe_worker){.host = &scene.host, .base = scene.base};
	scene.responder = (struct probe_responder){
	    .worker = &scene.worker, .settings = &scene.settings};
	if (option_load(far_table, &scene.settings, NULL, NULL) == -1)
		return (-1);
	scene.settings.control_port = 0;
	scene.settings.test_ports[0] = '\0';
	return (result);
}

int
scene_remove(void **state)
{
	far_free(scene.far);
	assert_int_equal(scene.held, 0);
	return (loop_remove(state));
}

void
scene_start(void)
{
	struct error err;

	scene.far = far_new(&scene.responder, &err);
	if (scene.far == NULL)
		print_error("%s\n", err.text);
	assert_non_null(scene.far);
}

void
scene_answer(void)
{
	event_active(held_back->event, 0, 0);
}

void
scene_call(struct caller *caller, uint32_t modes)
{
	const struct client_wish wish = {.modes = modes,
	    .key_id = "nyc",
	    .secret = scene.peer.secret,
	    .secret_length = sizeof(scene.peer.secret),
	    .limits = {.slots = 10, .sessions = 10, .skips = 10}};

	caller_open(caller, scene.base, 4, far_port(scene.far), &wish);
	caller_expect(caller, CLIENT_READY);
}

struct message_request
scene_request(bool sends, uint16_t port)
{
	return ((struct message_request){.family = 4,
	    .sends = sends,
	    .receives = !sends,
	    .packets = 20,
	    .sender_port = sends ? 0 : port,
	    .receiver_port = sends ? port : 0,
	    .sender = {127, 0, 0, 1},
	    .receiver = {127, 0, 0, 1},
	    .sid = {127, 0, 0, 1, 1, 2, 3},
	    .start = ntp_of_wall(clock_wall() + 20 * NS_PER_MS),
	    .timeout = ntp_of_duration(100 * NS_PER_MS),
	    .slot_count = 1,
	    .slots = &scene_slot});
}

void
scene_ask(struct caller *caller, const struct message_request *request,
    enum message_accept verdict)
{
	client_request(caller->client, request);
	caller_expect(caller, CLIENT_ACCEPTED);
	if (caller->accepted.accept != (int)verdict)
		print_error("%s\n", scene.note);
	assert_int_equal(caller->accepted.accept, verdict);
	assert_int_equal(caller->accepted.port != 0, verdict == ACCEPT_OK);
}
