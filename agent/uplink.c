/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/uplink.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "agent/lane.h"
#include "agent/settings.h"
#include "agent/spool.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/packing.h"

#define BATCH_RECORDS 1000
#define BATCH_BYTES (4 * 1024 * 1024 - 1) /* unpacked; the collector's limit */
#define PLAN_WAIT 60                      /* seconds the collector holds it */
#define PLAN_PAUSE (15 * NS_PER_S) /* for a collector that does not hold it */
#define SECOND_AGENT 409

/* What the first connection is asking now. */
enum asking { ASK_NOTHING, ASK_HELLO, ASK_RECORDS };

struct uplink {
	const struct uplink_calls *calls;
	void *arg;
	struct spool *spool;
	struct lane *delivery; /* hello and records */
	struct lane *plan;
	struct event *hello_timer;
	char *hello_url, *records_url, *plan_url;

	enum asking asking;
	bool hello_due, records_due;
	bool introduced;                  /* the manifests have been sent */
	void *body;                       /* of what is asked */
	struct record_id last;            /* of the batch under way */
	size_t batch_records;             /* at most */
	uint64_t sent;                    /* records of the batch under way */
	uint64_t sent_upto;               /* the last sequence of our epoch */
	uint64_t sent_before;             /* the same before this batch */
	uint64_t delivered, refused;      /* records, since the start */
	nanoseconds last_ack, last_hello; /* wall-clock; 0: never */
	nanoseconds greeted;              /* monotonic, the hello under way */

	char *epoch_header;
	bool second;         /* refused: another has our identity */
	char *if_none_match; /* header line, or NULL */
	/* NULL-ended */
	const char *hello_headers[3], *records_headers[4], *plan_headers[4];
	nanoseconds plan_asked;
};

/*
 * Hello and records.
 */

static void
begin_post(struct fetch_about *about, const char *url, const void *body,
    size_t length, const char *const *headers)
{
	about->method = "POST";
	about->url = url;
	about->headers = headers;
	about->body = body;
	about->length = length;
	about->timeout_ms = 60000;
}

static void
ask_hello(struct uplink *uplink, struct fetch_about *about)
{
	json_object *hello = uplink->calls->hello(uplink->arg);
	const char *text;
	size_t length;

	if (uplink->introduced)
		json_object_object_del(hello, "manifests");
	text = json_object_to_json_string_length(
	    hello, JSON_C_TO_STRING_PLAIN, &length);
	uplink->body = memory_text(text);
	json_object_put(hello);
	begin_post(about, uplink->hello_url, uplink->body, length,
	    uplink->hello_headers);
	uplink->greeted = clock_monotonic();
	uplink->asking = ASK_HELLO;
}

static bool
ask_records(struct uplink *uplink, struct fetch_about *about)
{
	struct error err;
	size_t length, packed;
	char *lines;
	int count;

	uplink->records_due = false;
	count = spool_batch(uplink->spool, uplink->batch_records, BATCH_BYTES,
	    &lines, &length, &uplink->last, &err);
	if (count < 0)
		log_warnx("spool: %s", err.text);
	if (count <= 0)
		return (false);
	uplink->sent = (uint64_t)count;
	uplink->sent_before = uplink->sent_upto;
	if (strcmp(uplink->last.epoch, spool_epoch(uplink->spool)) == 0 &&
	    uplink->last.sequence > uplink->sent_upto)
		uplink->sent_upto = uplink->last.sequence;
	uplink->body = packing_pack(lines, length, &packed);
	free(lines);
	begin_post(about, uplink->records_url, uplink->body, packed,
	    uplink->records_headers);
	uplink->asking = ASK_RECORDS;
	return (true);
}

static bool
next_delivery(void *arg, struct fetch_about *about)
{
	struct uplink *uplink = arg;

	if (uplink->hello_due) {
		uplink->hello_due = false;
		ask_hello(uplink, about);
		return (true);
	}
	return (uplink->records_due && ask_records(uplink, about));
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

/* Has the collector more of our epoch than we have sent? True after saying so.
 */
static bool
look_for_set_back(
    struct uplink *uplink, json_object *answer, uint64_t sent_upto)
{
	if (member_whole_or(answer, "accepted", 0) <= (int64_t)sent_upto)
		return (false);
	uplink->calls->set_back(uplink->arg,
	    clock_of_seconds(member_number_or(answer, "heard", 0)));
	return (true);
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
	look_for_set_back(uplink, answer, uplink->sent_upto);
	json_object_put(answer);
}

static int
hello_answer(
    struct uplink *uplink, const struct fetch_reply *reply, struct error *err)
{
	if (reply->status != 200) {
		uplink->introduced = false;
		uplink->hello_due = true;
		return (lane_refused(uplink->hello_url, reply, err));
	}
	uplink->introduced = true;
	take_greeting(uplink, reply);
	uplink->last_hello = clock_wall();
	return (0);
}

/* "EPOCH/SEQUENCE" as an id of this box. */
static int
parse_acked(const struct uplink *uplink, const struct fetch_reply *reply,
    struct record_id *id, struct error *err)
{
	json_object *json = member_parse(reply->body, reply->length, err);
	const char *acked;
	char *text;
	int rc = -1;

	if (json != NULL && member_text(json, "acked", &acked, err) == 0) {
		text = memory_print("%s/%s", uplink->last.box, acked);
		rc = record_id_parse(text, id, err);
		free(text);
	}
	json_object_put(json);
	return (rc);
}

/* What the collector would not take is kept there, with the reason. */
static void
note_delivery(struct uplink *uplink, const struct fetch_reply *reply)
{
	json_object *json = member_parse(reply->body, reply->length, NULL);
	int64_t refused = member_whole_or(json, "refused", 0);

	uplink->delivered += uplink->sent;
	if (refused > 0) {
		uplink->refused += (uint64_t)refused;
		log_warnx("the collector has kept %lld records aside; its log "
			  "says why",
		    (long long)refused);
	}
	json_object_put(json);
}

static int
take_ack(
    struct uplink *uplink, const struct fetch_reply *reply, struct error *err)
{
	struct record_id id;

	if (parse_acked(uplink, reply, &id, err) < 0)
		return (-1);
	if (strcmp(id.epoch, uplink->last.epoch) != 0 ||
	    id.sequence < uplink->last.sequence)
		return (error_set(err,
		    "acknowledged %s/%" PRIu64 ", sent up to %s/%" PRIu64,
		    id.epoch, id.sequence, uplink->last.epoch,
		    uplink->last.sequence));
	return (spool_acknowledge(uplink->spool, &id, err));
}

/* Our epoch's, and taken for records that another of us has sent: they stay, and
 * will have other ids. */
static bool
is_set_back(struct uplink *uplink, const struct fetch_reply *reply)
{
	json_object *answer;
	bool set_back;

	if (strcmp(uplink->last.epoch, spool_epoch(uplink->spool)) != 0)
		return (false);
	answer = member_parse(reply->body, reply->length, NULL);
	set_back = look_for_set_back(uplink, answer, uplink->sent_before);
	json_object_put(answer);
	return (set_back);
}

static int
records_answer(
    struct uplink *uplink, const struct fetch_reply *reply, struct error *err)
{
	uplink->records_due = true; /* the same again, or what follows */
	if (reply->status != 200) {
		if (reply->status == 413 && uplink->batch_records > 1)
			uplink->batch_records /= 2;
		return (lane_refused(uplink->records_url, reply, err));
	}
	if (is_set_back(uplink, reply))
		return (0);
	if (take_ack(uplink, reply, err) < 0)
		return (error_place(err, "%s", uplink->records_url));
	note_delivery(uplink, reply);
	uplink->batch_records = BATCH_RECORDS;
	uplink->last_ack = clock_wall();
	uplink->calls->delivered(uplink->arg);
	return (0);
}

static int
delivery_answer(void *arg, const struct fetch_reply *reply, struct error *err)
{
	struct uplink *uplink = arg;
	enum asking asked = uplink->asking;

	free(uplink->body);
	uplink->body = NULL;
	uplink->asking = ASK_NOTHING;
	if (reply->status != 0)
		uplink->second = reply->status == SECOND_AGENT;
	else
		uplink->hello_due = true; /* it may be another world by then */
	if (asked == ASK_HELLO)
		return (hello_answer(uplink, reply, err));
	return (records_answer(uplink, reply, err));
}

static const struct lane_calls delivery_calls = {
    .next = next_delivery,
    .answer = delivery_answer,
};

/*
 * The plan.
 */

static bool
next_plan(void *arg, struct fetch_about *about)
{
	struct uplink *uplink = arg;

	uplink->plan_headers[2] = uplink->if_none_match;
	about->method = "GET";
	about->url = uplink->plan_url;
	about->headers = uplink->plan_headers;
	about->timeout_ms = (PLAN_WAIT + 30) * 1000;
	uplink->plan_asked = clock_monotonic();
	return (true);
}

/* Taken or refused, this one is not asked for again. */
static void
remember_etag(struct uplink *uplink, const char *etag)
{
	free(uplink->if_none_match);
	uplink->if_none_match =
	    etag != NULL ? memory_print("If-None-Match: %s", etag) : NULL;
}

static int
take_plan(
    struct uplink *uplink, const struct fetch_reply *reply, struct error *err)
{
	json_object *json = member_parse(reply->body, reply->length, err);

	if (json == NULL)
		return (error_place(err, "%s", uplink->plan_url));
	remember_etag(uplink, reply->etag);
	uplink->calls->plan(uplink->arg, json);
	json_object_put(json);
	return (0);
}

static int
plan_answer(void *arg, const struct fetch_reply *reply, struct error *err)
{
	struct uplink *uplink = arg;

	if (reply->status != 200 && reply->status != 304)
		return (lane_refused(uplink->plan_url, reply, err));
	if (reply->status == 200 && take_plan(uplink, reply, err) < 0)
		return (-1);
	if (reply->status == 200
		? reply->etag == NULL
		: clock_monotonic() - uplink->plan_asked < NS_PER_S)
		lane_rest(uplink->plan, PLAN_PAUSE); /* it would not be held */
	return (0);
}

static const struct lane_calls plan_calls = {
    .next = next_plan,
    .answer = plan_answer,
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
    const struct agent_settings *settings, struct error *err)
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
		uplink->plan = lane_new(
		    base, "collector", &identity, &plan_calls, uplink, err);
	free(certificate);
	free(key);
	free(ca);
	return (uplink->plan != NULL ? 0 : -1);
}

static void
set_headers(struct uplink *uplink)
{
	uplink->epoch_header =
	    memory_print("Pharos-Epoch: %s", spool_epoch(uplink->spool));
	uplink->hello_headers[0] = "Content-Type: application/json";
	uplink->hello_headers[1] = uplink->epoch_header;
	uplink->records_headers[0] = "Content-Type: application/x-ndjson";
	uplink->records_headers[1] = "Content-Encoding: zstd";
	uplink->records_headers[2] = uplink->epoch_header;
	uplink->plan_headers[0] = "Prefer: wait=60";
	uplink->plan_headers[1] = uplink->epoch_header;
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
	uplink->spool = spool;
	uplink->batch_records = BATCH_RECORDS;
	uplink->hello_due = uplink->records_due = true;
	set_headers(uplink);
	uplink->hello_url = memory_print("%s/agent/v1/hello", url);
	uplink->records_url = memory_print("%s/agent/v1/records", url);
	uplink->plan_url = memory_print("%s/agent/v1/plan", url);
	uplink->hello_timer =
	    event_new(base, -1, EV_PERSIST, hello_again, uplink);
	event_add(uplink->hello_timer, &period);
	if (open_lanes(uplink, base, settings, err) < 0) {
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
	lane_free(uplink->plan);
	lane_free(uplink->delivery);
	event_free(uplink->hello_timer);
	free(uplink->hello_url);
	free(uplink->records_url);
	free(uplink->plan_url);
	free(uplink->epoch_header);
	free(uplink->if_none_match);
	free(uplink->body);
	free(uplink);
}

void
uplink_records(struct uplink *uplink)
{
	uplink->records_due = true;
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
	lane_reconnect(uplink->plan);
}

static void
add_instant(json_object *o, const char *name, nanoseconds wall)
{
	if (wall != 0)
		member_add_duration(o, name, wall);
	else
		json_object_object_add(o, name, NULL);
}

struct json_object *
uplink_status(const struct uplink *uplink)
{
	json_object *o = json_object_new_object();
	const char *why = lane_error(uplink->delivery);

	json_object_object_add(o, "connected",
	    json_object_new_boolean(lane_answered(uplink->delivery)));
	add_instant(o, "last_ack", uplink->last_ack);
	add_instant(o, "last_hello", uplink->last_hello);
	member_add_whole(o, "delivered", (int64_t)uplink->delivered);
	member_add_whole(o, "refused", (int64_t)uplink->refused);
	json_object_object_add(
	    o, "second", json_object_new_boolean(uplink->second));
	member_add_text(
	    o, "error", why != NULL ? why : lane_error(uplink->plan));
	return (o);
}
