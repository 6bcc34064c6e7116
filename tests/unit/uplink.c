/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/uplink.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/settings.h"
#include "agent/spool.h"
#include "common/error.h"
#include "common/http.h"
#include "common/listener.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/packing.h"
#include "common/tls.h"
#include "tests/unit/authority.h"
#include "tests/unit/folder.h"
#include "tests/unit/loop.h"

/* A collector of our own, in the same loop, and the agent's end. */
struct world {
	void *folder;
	struct event_base *base;
	SSL_CTX *tls;
	struct http *http;
	struct agent_settings settings;
	struct spool *spool;
	struct uplink *uplink;

	/* the collector's side */
	int refusals[4]; /* statuses for the first batches; 0 ends */
	size_t sizes[8]; /* of the batches that came */
	int batches;
	int64_t accepted;     /* before the batch; 0: not said */
	json_object *arrived; /* records that were accepted */
	int hellos, introductions;
	int plans; /* plan requests */
	char if_none_match[64];
	struct http_request *held;

	/* the agent's side */
	int delivered, plans_taken;
	nanoseconds since; /* set back; 0: not */
};

/* It tells us from another with our certificate. */
static void
expect_epoch(const struct world *world, struct http_request *request)
{
	assert_string_equal(
	    http_header(request, "Pharos-Epoch"), spool_epoch(world->spool));
}

static void
take_records(struct http_request *request, void *arg)
{
	struct world *world = arg;
	struct evbuffer *body = http_body(request);
	size_t packed = evbuffer_get_length(body), length;
	int too_large, refusal = world->refusals[world->batches];
	char *text, *line, *rest, *slash, *acked = NULL;
	json_object *batch = json_object_new_array(), *reply, *record;
	size_t i;

	assert_string_equal(http_header(request, "Content-Encoding"), "zstd");
	expect_epoch(world, request);
	text = packing_unpack(evbuffer_pullup(body, -1), packed, 4 << 20,
	    &length, &too_large, NULL);
	assert_non_null(text);
	for (rest = text; (line = strsep(&rest, "\n")) != NULL && *line;)
		json_object_array_add(
		    batch, member_parse(line, strlen(line), NULL));
	free(text);
	world->sizes[world->batches++] = json_object_array_length(batch);
	if (refusal != 0) {
		if (refusal == 503)
			http_set_header(request, "Retry-After", "1");
		http_problem(request, refusal, "No", "not now");
		json_object_put(batch);
		return;
	}
	for (i = 0; i < json_object_array_length(batch); i++) {
		record = json_object_array_get_idx(batch, i);
		json_object_array_add(world->arrived, json_object_get(record));
		slash = strchr(member_text_or(record, "id", "/"), '/');
		free(acked);
		acked = memory_text(slash + 1);
	}
	reply = json_object_new_object();
	member_add_text(reply, "acked", acked);
	if (world->accepted > 0) {
		member_add_whole(reply, "accepted", world->accepted);
		member_add_number(reply, "heard", 1795300000);
	}
	http_reply_json(request, 200, reply);
	free(acked);
	json_object_put(batch);
}

static void
take_hello(struct http_request *request, void *arg)
{
	struct world *world = arg;
	json_object *hello = http_body_json(request);

	assert_non_null(hello);
	expect_epoch(world, request);
	if (member_get(hello, "manifests") != NULL)
		world->introductions++;
	world->hellos++;
	json_object_put(hello);
	http_reply_json(request, 200, json_object_new_object());
}

static void
client_went(struct http_request *request, void *arg)
{
	((struct world *)arg)->held = NULL;
}

/* Answers the first request and holds the next ones. */
static void
give_plan(struct http_request *request, void *arg)
{
	struct world *world = arg;
	const char *match = http_header(request, "If-None-Match");

	expect_epoch(world, request);

	snprintf(world->if_none_match, sizeof(world->if_none_match), "%s",
	    match != NULL ? match : "");
	assert_string_equal(http_header(request, "Prefer"), "wait=60");
	if (world->plans++ > 0) {
		world->held = request;
		http_hold(request, client_went, world);
		return;
	}
	http_set_header(request, "ETag", "\"41\"");
	http_reply_json(request, 200, json_object_new_object());
}

static json_object *
say_hello(void *arg, bool manifests)
{
	json_object *hello = json_object_new_object();

	if (manifests)
		json_object_object_add(
		    hello, "manifests", json_object_new_array());
	return (hello);
}

static void
take_plan(void *arg, struct json_object *plan)
{
	((struct world *)arg)->plans_taken++;
}

static void
was_delivered(void *arg)
{
	((struct world *)arg)->delivered++;
}

static void
was_set_back(void *arg, nanoseconds since)
{
	((struct world *)arg)->since = since;
}

static const struct uplink_calls calls = {
    .hello = say_hello,
    .plan = take_plan,
    .delivered = was_delivered,
    .set_back = was_set_back,
};

static char *
in_folder(struct world *world, const char *name)
{
	return (folder_path(&world->folder, name));
}

static void
rename_in(struct world *world, const char *from, const char *to)
{
	char *a = in_folder(world, from), *b = in_folder(world, to);

	assert_int_equal(rename(a, b), 0);
	free(a);
	free(b);
}

static void
make_identities(struct world *world)
{
	struct authority authority;
	char *chain, *key, *ca;
	struct error err;

	authority_make(&authority, "fleet");
	authority_issue(&authority, world->folder, "collector", "IP:127.0.0.1");
	authority_issue(&authority, world->folder, "box", "URI:pharos:box/lon");
	authority_write(&authority, world->folder, "ca");
	rename_in(world, "box.crt", "box.pem");
	rename_in(world, "ca.crt", "ca.pem");
	authority_clear(&authority);
	chain = in_folder(world, "collector.crt");
	key = in_folder(world, "collector.key");
	ca = in_folder(world, "ca.pem");
	world->tls = tls_server(chain, key, ca, &err);
	assert_non_null(world->tls);
	free(chain);
	free(key);
	free(ca);
}

static void
make_collector(struct world *world)
{
	struct sockaddr_in address;
	socklen_t length = sizeof(address);
	struct error err;
	int fd = listener_open("agents", "127.0.0.1:0", &err);

	assert_true(fd >= 0);
	getsockname(fd, (struct sockaddr *)&address, &length);
	snprintf(world->settings.collector, sizeof(world->settings.collector),
	    "https://127.0.0.1:%d", ntohs(address.sin_port));
	world->http = http_new(world->base, world->tls, 4 << 20, 60);
	http_route(
	    world->http, HTTP_POST, "/agent/v1/records", take_records, world);
	http_route(
	    world->http, HTTP_POST, "/agent/v1/hello", take_hello, world);
	http_route(world->http, HTTP_GET, "/agent/v1/plan", give_plan, world);
	assert_int_equal(http_listen(world->http, fd), 0);
}

static int
world_make(void **state)
{
	static const struct spool_limits limits = {
	    1 << 30, 366 * 86400 * NS_PER_S};
	struct world *world = memory_new(1, sizeof(*world));
	char *path;

	*state = world;
	assert_int_equal(folder_make(&world->folder), 0);
	world->base = event_base_new();
	world->arrived = json_object_new_array();
	snprintf(world->settings.state, sizeof(world->settings.state), "%s",
	    (char *)world->folder);
	make_identities(world);
	make_collector(world);
	path = in_folder(world, "spool.db");
	world->spool = spool_new(path, "lon", &limits, clock_wall(), NULL);
	assert_non_null(world->spool);
	free(path);
	return (0);
}

static int
world_remove(void **state)
{
	struct world *world = *state;

	uplink_free(world->uplink);
	spool_free(world->spool);
	http_free(world->http);
	SSL_CTX_free(world->tls);
	json_object_put(world->arrived);
	event_base_free(world->base);
	folder_remove(&world->folder);
	free(world);
	return (0);
}

static void
start(struct world *world)
{
	world->uplink = uplink_new(
	    world->base, &world->settings, world->spool, &calls, world, NULL);
	assert_non_null(world->uplink);
}

static void
fill_spool(struct world *world, int count)
{
	json_object *record;
	int i;

	for (i = 0; i < count; i++) {
		record = json_object_new_object();
		member_add_whole(record, "mark", i);
		spool_add(world->spool, record, NULL);
		json_object_put(record);
	}
	assert_int_equal(spool_commit(world->spool, clock_wall(), NULL), 0);
}

static void
assert_all_arrived_once(struct world *world, size_t count)
{
	size_t i;

	assert_int_equal(json_object_array_length(world->arrived), count);
	for (i = 0; i < count; i++)
		assert_int_equal(member_whole_or(json_object_array_get_idx(
						     world->arrived, i),
				     "mark", -1),
		    i);
}

static void
records_arrive_in_order_and_leave_the_spool(void **state)
{
	struct world *world = *state;
	struct spool_depth depth;

	fill_spool(world, 1500);
	start(world);
	loop_count(world->base, &world->delivered, 2);
	assert_all_arrived_once(world, 1500);
	assert_int_equal(world->sizes[0], 1000);
	assert_int_equal(spool_commit(world->spool, clock_wall(), NULL), 0);
	spool_depth(world->spool, &depth);
	assert_int_equal(depth.records, 0);
}

static void
records_that_come_later_are_sent_when_said(void **state)
{
	struct world *world = *state;

	start(world);
	loop_count(world->base, &world->hellos, 1);
	fill_spool(world, 3);
	uplink_records(world->uplink);
	loop_count(world->base, &world->delivered, 1);
	assert_all_arrived_once(world, 3);
}

static void
a_refused_batch_is_sent_again(void **state)
{
	struct world *world = *state;
	nanoseconds begin = clock_monotonic();

	world->refusals[0] = 503; /* Retry-After: 1 */
	fill_spool(world, 10);
	start(world);
	loop_count(world->base, &world->delivered, 1);
	assert_true(clock_monotonic() - begin >= NS_PER_S);
	assert_int_equal(world->batches, 2);
	assert_all_arrived_once(world, 10);
}

static void
a_batch_that_is_too_large_is_halved(void **state)
{
	struct world *world = *state;

	world->refusals[0] = 413;
	fill_spool(world, 1000);
	start(world);
	loop_count(world->base, &world->delivered, 2);
	assert_int_equal(world->sizes[0], 1000);
	assert_int_equal(world->sizes[1], 500);
	assert_all_arrived_once(world, 1000);
}

static void
a_plan_is_taken_once_and_then_waited_for(void **state)
{
	struct world *world = *state;

	start(world);
	loop_count(world->base, &world->plans, 2);
	assert_int_equal(world->plans_taken, 1);
	assert_non_null(world->held);
	assert_string_equal(world->if_none_match, "\"41\"");
}

static void
manifests_are_sent_once(void **state)
{
	struct world *world = *state;

	start(world);
	loop_count(world->base, &world->hellos, 1);
	uplink_hello(world->uplink);
	loop_count(world->base, &world->hellos, 2);
	assert_int_equal(world->introductions, 1);
}

static void
status_says_what_is_wrong(void **state)
{
	struct world *world = *state;
	json_object *status;

	world->refusals[0] = 503;
	fill_spool(world, 1);
	start(world);
	loop_count(world->base, &world->batches, 1);
	do {
		event_base_loop(world->base, EVLOOP_ONCE);
		status = uplink_status(world->uplink);
		if (member_get(status, "error") != NULL)
			break;
		json_object_put(status);
	} while (world->delivered == 0);
	assert_int_equal(world->delivered, 0);
	assert_non_null(
	    strstr(member_text_or(status, "error", ""), "503: not now"));
	json_object_put(status);
}

static void
records_that_the_collector_has_of_another_are_kept(void **state)
{
	struct world *world = *state;

	world->accepted = 900;
	fill_spool(world, 2);
	start(world);
	while (world->since == 0)
		event_base_loop(world->base, EVLOOP_ONCE);
	assert_true(world->since == INT64_C(1795300000) * NS_PER_S);
	assert_int_equal(world->delivered, 0);
}

/* The answer was lost, and they are sent again. */
static void
records_that_it_has_of_us_are_delivered(void **state)
{
	struct world *world = *state;

	world->refusals[0] = 503;
	world->accepted = 2;
	fill_spool(world, 2);
	start(world);
	loop_count(world->base, &world->delivered, 1);
	assert_true(world->since == 0);
}

static bool
is_second(struct world *world)
{
	json_object *status = uplink_status(world->uplink);
	bool second = json_object_get_boolean(member_get(status, "second"));

	json_object_put(status);
	return (second);
}

static void
a_second_agent_knows_it_until_it_is_heard(void **state)
{
	struct world *world = *state;

	world->refusals[0] = 409;
	fill_spool(world, 1);
	start(world);
	assert_false(is_second(world));
	while (!is_second(world))
		event_base_loop(world->base, EVLOOP_ONCE);
	assert_int_equal(world->delivered, 0);
	loop_count(world->base, &world->delivered, 1);
	assert_false(is_second(world));
	assert_int_equal(json_object_array_length(world->arrived), 1);
}

#define IN_WORLD(test) \
	cmocka_unit_test_setup_teardown(test, world_make, world_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_WORLD(records_arrive_in_order_and_leave_the_spool),
	    IN_WORLD(records_that_come_later_are_sent_when_said),
	    IN_WORLD(a_refused_batch_is_sent_again),
	    IN_WORLD(a_batch_that_is_too_large_is_halved),
	    IN_WORLD(a_plan_is_taken_once_and_then_waited_for),
	    IN_WORLD(manifests_are_sent_once),
	    IN_WORLD(status_says_what_is_wrong),
	    IN_WORLD(a_second_agent_knows_it_until_it_is_heard),
	    IN_WORLD(records_that_the_collector_has_of_another_are_kept),
	    IN_WORLD(records_that_it_has_of_us_are_delivered),
	};

	return (cmocka_run_group_tests_name("uplink", tests, NULL, NULL));
}
