/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/subscription.h"

#include <stdlib.h>

#include "agent/lane.h"
#include "agent/spool.h"
#include "agent/uplink.h"
#include "common/error.h"
#include "common/member.h"
#include "common/memory.h"

#define PLAN_WAIT 60               /* seconds the collector holds it */
#define PLAN_PAUSE (15 * NS_PER_S) /* for a collector that does not hold it */

struct subscription {
	const struct uplink_calls *calls;
	void *arg;
	struct lane *lane;
	char *url, *epoch_header;
	char *if_none_match;    /* header line, or NULL */
	const char *headers[4]; /* NULL-ended */
	nanoseconds asked;      /* monotonic */
};

static bool
next_plan(void *arg, struct fetch_about *about)
{
	struct subscription *subscription = arg;

	subscription->headers[2] = subscription->if_none_match;
	about->method = "GET";
	about->url = subscription->url;
	about->headers = subscription->headers;
	about->timeout_ms = (PLAN_WAIT + 30) * 1000;
	subscription->asked = clock_monotonic();
	return (true);
}

/* Taken or refused, this one is not asked for again. */
static void
remember_etag(struct subscription *subscription, const char *etag)
{
	free(subscription->if_none_match);
	subscription->if_none_match =
	    etag != NULL ? memory_print("If-None-Match: %s", etag) : NULL;
}

static int
take_plan(struct subscription *subscription, const struct fetch_reply *reply,
    struct error *err)
{
	json_object *json = member_parse(reply->body, reply->length, err);

	if (json == NULL)
		return (error_place(err, "%s", subscription->url));
	remember_etag(subscription, reply->etag);
	subscription->calls->plan(subscription->arg, json);
	json_object_put(json);
	return (0);
}

static int
plan_answer(void *arg, const struct fetch_reply *reply, struct error *err)
{
	struct subscription *subscription = arg;

	if (reply->status != 200 && reply->status != 304)
		return (lane_refused(subscription->url, reply, err));
	if (reply->status == 200 && take_plan(subscription, reply, err) < 0)
		return (-1);
	if (reply->status == 200
		? reply->etag == NULL
		: clock_monotonic() - subscription->asked < NS_PER_S)
		lane_rest(
		    subscription->lane, PLAN_PAUSE); /* it would not be held */
	return (0);
}

static const struct lane_calls plan_calls = {
    .next = next_plan,
    .answer = plan_answer,
};

struct subscription *
subscription_new(struct event_base *base,
    const struct fetcher_identity *identity, const char *collector,
    const struct spool *spool, const struct uplink_calls *calls, void *arg,
    struct error *err)
{
	struct subscription *subscription =
	    memory_new(1, sizeof(*subscription));

	subscription->calls = calls;
	subscription->arg = arg;
	subscription->url = memory_print("%s/agent/v1/plan", collector);
	subscription->epoch_header =
	    memory_print("Pharos-Epoch: %s", spool_epoch(spool));
	subscription->headers[0] = "Prefer: wait=60";
	subscription->headers[1] = subscription->epoch_header;
	subscription->lane = lane_new(
	    base, "collector", identity, &plan_calls, subscription, err);
	if (subscription->lane == NULL) {
		subscription_free(subscription);
		return (NULL);
	}
	return (subscription);
}

void
subscription_free(struct subscription *subscription)
{
	if (subscription == NULL)
		return;
	lane_free(subscription->lane);
	free(subscription->url);
	free(subscription->epoch_header);
	free(subscription->if_none_match);
	free(subscription);
}

void
subscription_reconnect(struct subscription *subscription)
{
	lane_reconnect(subscription->lane);
}

const char *
subscription_error(const struct subscription *subscription)
{
	return (lane_error(subscription->lane));
}
