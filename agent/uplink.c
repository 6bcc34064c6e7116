/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/uplink.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stdlib.h>

#include "agent/lane.h"
#include "agent/outbox.h"
#include "agent/settings.h"
#include "agent/spool.h"
#include "agent/subscription.h"
#include "common/error.h"
#include "common/member.h"
#include "common/memory.h"

#define SECOND_AGENT 409

struct uplink {
	const struct uplink_calls *calls;
	void *arg;
	struct lane *delivery; /* hello and records */
	struct outbox *outbox;
	struct subscription *subscription; /* the plan */
	struct event *hello_timer;

	bool greets; /* what is asked is a hello, not to take records */
	bool second; /* refused: another has our identity */

	char *hello_url, *epoch_header;
	const char *hello_headers[3]; /* NULL-ended */
	char *hello;                  /* the one under way, or NULL */
	bool hello_due;
	bool introduced;        /* the manifests have been sent */
	nanoseconds greeted;    /* monotonic, the hello under way */
	nanoseconds last_hello; /* wall-clock; 0: never */
	nanoseconds heard;      /* monotonic: then, or at the start */
};

/*
 * Hello.
 */

static void
ask_hello(struct uplink *uplink, struct fetch_about *about)
{
	json_object *hello =
	    uplink->calls->hello(uplink->arg, !uplink->introduced);
	const char *text;
	size_t length;

	text = json_object_to_json_string_length(
	    hello, JSON_C_TO_STRING_PLAIN, &length);
	uplink->hello = memory_text(text);
	json_object_put(hello);
	lane_post(about, uplink->hello_url, uplink->hello_headers,
	    uplink->hello, length);
	uplink->greeted = clock_monotonic();
}

/* It was said about half way through. */
static void
take_time(struct uplink *uplink, double now)
{
	nanoseconds took = clock_monotonic() - uplink->greeted;

	if (uplink->calls->told != NULL && now > 0 && now < 9e9)
		uplink->calls->told(uplink->arg, clock_of_seconds(now),
		    clock_wall() - took / 2);
}

static void
take_greeting(struct uplink *uplink, const struct fetch_reply *reply)
{
	json_object *answer = member_parse(reply->body, reply->length, NULL);
	bool renew = false;

	take_time(uplink, member_number_or(answer, "now", 0));
	member_flag(answer, "renew", &renew, NULL);
	if (renew)
		uplink->calls->renew(uplink->arg);
	outbox_set_back(uplink->outbox, answer);
	json_object_put(answer);
}

static int
hello_answer(
    struct uplink *uplink, const struct fetch_reply *reply, struct error *err)
{
	free(uplink->hello);
	uplink->hello = NULL;
	if (reply->status != 200) {
		uplink->introduced = false;
		uplink->hello_due = true;
		return (lane_refused(uplink->hello_url, reply, err));
	}
	uplink->introduced = true;
	take_greeting(uplink, reply);
	uplink->last_hello = clock_wall();
	uplink->heard = clock_monotonic();
	return (0);
}

/*
 * The connection of both.
 */

static bool
next_delivery(void *arg, struct fetch_about *about)
{
	struct uplink *uplink = arg;

	uplink->greets = uplink->hello_due;
	uplink->hello_due = false;
	if (!uplink->greets)
		return (outbox_next(uplink->outbox, about));
	ask_hello(uplink, about);
	return (true);
}

static int
delivery_answer(void *arg, const struct fetch_reply *reply, struct error *err)
{
	struct uplink *uplink = arg;

	if (reply->status != 0)
		uplink->second = reply->status == SECOND_AGENT;
	else
		uplink->hello_due = true; /* it may be another world by then */
	if (uplink->greets)
		return (hello_answer(uplink, reply, err));
	return (outbox_answer(uplink->outbox, reply, err));
}

static const struct lane_calls delivery_calls = {
    .next = next_delivery,
    .answer = delivery_answer,
};

/*
 * Life.
 */

static void
hello_again(evutil_socket_t fd, short what, void *arg)
{
	uplink_hello(arg);
}

static int
open_lanes(struct uplink *uplink, struct event_base *base,
    const struct agent_settings *settings, const struct spool *spool,
    struct error *err)
{
	struct fetcher_identity identity = {0};
	char *certificate, *key, *ca;

	identity.certificate = certificate =
	    agent_settings_path(settings, "box.pem");
	identity.key = key = agent_settings_path(settings, "box.key");
	identity.ca = ca = agent_settings_path(settings, "ca.pem");
	uplink->delivery = lane_new(
	    base, "collector", &identity, &delivery_calls, uplink, err);
	if (uplink->delivery != NULL)
		uplink->subscription =
		    subscription_new(base, &identity, settings->collector,
			spool, uplink->calls, uplink->arg, err);
	free(certificate);
	free(key);
	free(ca);
	return (uplink->subscription != NULL ? 0 : -1);
}

struct uplink *
uplink_new(struct event_base *base, const struct agent_settings *settings,
    struct spool *spool, const struct uplink_calls *calls, void *arg,
    struct error *err)
{
	static const struct timeval period = {.tv_sec = UPLINK_HELLO_SECONDS};
	struct uplink *uplink = memory_new(1, sizeof(*uplink));
	const char *url = settings->collector;

	uplink->calls = calls;
	uplink->arg = arg;
	uplink->outbox = outbox_new(spool, url, calls, arg);
	uplink->heard = clock_monotonic();
	uplink->hello_due = true;
	uplink->hello_url = memory_print("%s/agent/v1/hello", url);
	uplink->epoch_header =
	    memory_print("Pharos-Epoch: %s", spool_epoch(spool));
	uplink->hello_headers[0] = "Content-Type: application/json";
	uplink->hello_headers[1] = uplink->epoch_header;
	uplink->hello_timer =
	    event_new(base, -1, EV_PERSIST, hello_again, uplink);
	event_add(uplink->hello_timer, &period);
	if (open_lanes(uplink, base, settings, spool, err) < 0) {
		uplink_free(uplink);
		return (NULL);
	}
	return (uplink);
}

void
uplink_free(struct uplink *uplink)
{
	if (uplink == NULL)
		return;
	subscription_free(uplink->subscription);
	lane_free(uplink->delivery);
	outbox_free(uplink->outbox);
	event_free(uplink->hello_timer);
	free(uplink->hello_url);
	free(uplink->epoch_header);
	free(uplink->hello);
	free(uplink);
}

void
uplink_records(struct uplink *uplink)
{
	outbox_look(uplink->outbox);
	lane_poke(uplink->delivery);
}

void
uplink_hello(struct uplink *uplink)
{
	uplink->hello_due = true;
	lane_poke(uplink->delivery);
}

void
uplink_reconnect(struct uplink *uplink)
{
	lane_reconnect(uplink->delivery);
	subscription_reconnect(uplink->subscription);
}

static void
add_instant(json_object *o, const char *name, nanoseconds wall)
{
	if (wall != 0)
		member_add_duration(o, name, wall);
	else
		json_object_object_add(o, name, NULL);
}

nanoseconds
uplink_unheard(const struct uplink *uplink)
{
	return (clock_monotonic() - uplink->heard);
}

struct json_object *
uplink_status(const struct uplink *uplink)
{
	json_object *o = json_object_new_object();
	const struct outbox_tally *tally = outbox_tally(uplink->outbox);
	const char *why = lane_error(uplink->delivery);

	json_object_object_add(o, "connected",
	    json_object_new_boolean(lane_answered(uplink->delivery)));
	add_instant(o, "last_ack", tally->last_ack);
	add_instant(o, "last_hello", uplink->last_hello);
	member_add_whole(o, "delivered", (int64_t)tally->delivered);
	member_add_whole(o, "refused", (int64_t)tally->refused);
	json_object_object_add(
	    o, "second", json_object_new_boolean(uplink->second));
	member_add_text(o, "error",
	    why != NULL ? why : subscription_error(uplink->subscription));
	return (o);
}
