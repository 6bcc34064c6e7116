/* SPDX-License-Identifier: BSD-2-Clause */
/* What a worker says to pharosd, lines on a channel, whatever it is: what is
 * believed of its findings makes records that a collector takes, of each price
 * comes an answer or none. The channel ends. */
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/asks.h"
#include "agent/finding.h"
#include "agent/hearing.h"
#include "common/channel.h"
#include "common/discipline.h"
#include "common/member.h"
#include "common/memory.h"
#include "tests/fuzz/target.h"

#define START (INT64_C(1795300000) * NS_PER_S)
#define ROOM (256 * 1024) /* of a socket */

static struct event_base *base;
static struct worklist *list;
static struct asks *asks;
static bool ended;

static bool
send_ask(void *arg, json_object *order)
{
	json_object_put(order);
	return (true);
}

static const char *
why_not(void *arg)
{
	return ("it does not run");
}

static void
on_hang(void *arg)
{
}

static const struct asks_calls asks_calls = {
    .send = send_ask, .why = why_not, .hangs = on_hang};

static void
on_cost(void *arg, const struct cost *cost, const char *why)
{
	if ((cost == NULL) == (why == NULL))
		abort();
	*(bool *)arg = true;
}

static void
take_record(json_object *found)
{
	static const struct discipline clock = {.source = "none"};
	struct hearing_order order = {.report = NS_PER_S};
	struct error err = {""};
	json_object *record;

	if (hearing_record(&order, found, false, &err) == -1) {
		if (strstr(err.text, "expected") == NULL)
			abort();
		return;
	}
	record = finding_complete(&list->jobs[0], START, found, &clock);
	member_add_text(record, "id", "nyc/0123456789abcdef/1");
	member_add_text(record, "agent", "nyc");
	if (record_check(record, clock_seconds(clock_wall()), NULL) == -1)
		abort();
	json_object_put(record);
}

static void
on_message(void *arg, json_object *message)
{
	const char *kind = member_text_or(message, "m", "");

	if (strcmp(kind, "record") == 0)
		take_record(message);
	else if (strcmp(kind, "cost") == 0)
		asks_take(asks, message);
}

static void
on_closed(void *arg, const char *why)
{
	ended = true;
}

static void
make_list(void)
{
	struct plan *plan = memory_new(1, sizeof(*plan));

	plan->box = memory_text("nyc");
	plan->test_count = 1;
	plan->tests = memory_new(1, sizeof(*plan->tests));
	plan->tests[0].name = memory_text("core");
	plan->tests[0].probe = memory_text("fuzz");
	plan->tests[0].target_count = 1;
	plan->tests[0].targets = memory_new(1, sizeof(struct plan_target));
	plan->tests[0].targets[0].name = memory_text("lon");
	plan->tests[0].targets[0].address = memory_text("198.51.100.7");
	plan->tests[0].targets[0].family = 4;
	list = worklist_new(plan);
}

static void
close_all(void)
{
	worklist_leave(list);
	event_base_free(base);
}

static void
put(int fd, const uint8_t *data, size_t size)
{
	int room = ROOM;

	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	if (size < ROOM / 2 &&
	    send(fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)size)
		abort();
	close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct channel *channel;
	bool answered = false;
	int pair[2];

	if (base == NULL) {
		base = event_base_new();
		make_list();
		atexit(close_all);
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1)
		abort();
	asks = asks_new(base, &asks_calls, NULL);
	asks_add(asks, NULL, on_cost, &answered); /* is number 1 */
	ended = false;
	channel = channel_new(base, pair[0], on_message, on_closed, NULL);
	put(pair[1], data, size);
	while (!ended)
		event_base_loop(base, EVLOOP_ONCE);
	if (!answered)
		asks_ended(asks, "it does not run");
	if (!answered)
		abort();
	channel_free(channel);
	asks_free(asks);
	return (0);
}
