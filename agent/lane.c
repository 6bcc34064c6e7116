/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/lane.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/hash.h"
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"

#define FIRST_PAUSE NS_PER_S
#define LONGEST_PAUSE (60 * NS_PER_S)
#define LONGEST_RETRY_AFTER 3600
#define POST_MS 60000

struct lane {
	char *name; /* for the log */
	const struct lane_calls *calls;
	void *arg;
	struct fetcher *fetcher;
	struct fetch *fetch; /* under way */
	struct event *timer;
	nanoseconds pause; /* the next back-off */
	nanoseconds rest;
	nanoseconds not_before; /* monotonic */
	bool answered;
	bool reconnect;   /* before the next request */
	struct error why; /* empty: no failure */
};

static void
look_in(struct lane *lane, nanoseconds wait)
{
	struct timeval tv = clock_timeval(wait);

	evtimer_add(lane->timer, &tv);
}

/* Half of it to all of it, so that a fleet does not come back as one. */
static nanoseconds
jitter(nanoseconds pause)
{
	uint32_t random;

	hash_random(&random, sizeof(random));
	return (pause / 2 + (nanoseconds)((double)random / UINT32_MAX *
					  ((double)pause / 2)));
}

static void
failed(struct lane *lane, long retry_after, const struct error *why)
{
	nanoseconds pause = jitter(lane->pause);

	if (retry_after > LONGEST_RETRY_AFTER)
		retry_after = LONGEST_RETRY_AFTER;
	if (retry_after > 0)
		/* all of a fleet are told the same */
		pause =
		    retry_after * NS_PER_S + jitter(retry_after * NS_PER_S / 3);
	lane->pause *= 2;
	if (lane->pause > LONGEST_PAUSE)
		lane->pause = LONGEST_PAUSE;
	if (strcmp(lane->why.text, why->text) != 0)
		log_warnx("%s: %s", lane->name, why->text);
	lane->why = *why;
	lane->answered = false;
	lane->rest = pause;
}

static void
went_well(struct lane *lane)
{
	if (lane->why.text[0] != '\0')
		log_info("%s: works again", lane->name);
	lane->why.text[0] = '\0';
	lane->answered = true;
	lane->pause = FIRST_PAUSE;
}

static void
done(void *arg, const struct fetch_reply *reply)
{
	struct lane *lane = arg;
	struct error err = {""};

	lane->fetch = NULL;
	lane->rest = 0;
	if (lane->calls->answer(lane->arg, reply, &err) < 0)
		failed(lane, reply->retry_after, &err);
	else
		went_well(lane);
	if (reply->status == 403)
		lane->reconnect = true; /* by then we may be enrolled anew */
	lane->not_before = clock_monotonic() + lane->rest;
	look_in(lane, lane->rest);
}

static void
look(evutil_socket_t fd, short what, void *arg)
{
	struct lane *lane = arg;
	struct fetch_about about = {0};

	if (lane->fetch != NULL)
		return;
	if (lane->reconnect)
		fetcher_forget(lane->fetcher);
	lane->reconnect = false;
	if (lane->calls->next(lane->arg, &about))
		lane->fetch = fetch_start(lane->fetcher, &about, done, lane);
}

void
lane_reconnect(struct lane *lane)
{
	lane->reconnect = true;
}

void
lane_poke(struct lane *lane)
{
	nanoseconds wait = lane->not_before - clock_monotonic();

	look_in(lane, wait > 0 ? wait : 0);
}

void
lane_rest(struct lane *lane, nanoseconds pause)
{
	lane->rest = pause;
}

const char *
lane_error(const struct lane *lane)
{
	return (lane->why.text[0] != '\0' ? lane->why.text : NULL);
}

bool
lane_answered(const struct lane *lane)
{
	return (lane->answered);
}

struct lane *
lane_new(struct event_base *base, const char *name,
    const struct fetcher_identity *identity, const struct lane_calls *calls,
    void *arg, struct error *err)
{
	struct lane *lane = memory_new(1, sizeof(*lane));

	lane->fetcher = fetcher_new(base, identity, err);
	if (lane->fetcher == NULL) {
		free(lane);
		return (NULL);
	}
	lane->name = memory_text(name);
	lane->calls = calls;
	lane->arg = arg;
	lane->pause = FIRST_PAUSE;
	lane->timer = evtimer_new(base, look, lane);
	look_in(lane, 0);
	return (lane);
}

void
lane_free(struct lane *lane)
{
	if (lane == NULL)
		return;
	fetch_cancel(lane->fetch);
	event_free(lane->timer);
	fetcher_free(lane->fetcher);
	free(lane->name);
	free(lane);
}

int
lane_refused(
    const char *url, const struct fetch_reply *reply, struct error *err)
{
	json_object *problem;

	if (reply->status == 0)
		return (error_set(err, "%s", reply->why));
	problem = member_parse(reply->body, reply->length, NULL);
	error_set(err, "%s: HTTP %d: %s", url, reply->status,
	    member_text_or(problem, "detail",
		member_text_or(problem, "title", "no reason given")));
	json_object_put(problem);
	return (-1);
}

void
lane_post(struct fetch_about *about, const char *url,
    const char *const *headers, const void *body, size_t length)
{
	about->method = "POST";
	about->url = url;
	about->headers = headers;
	about->body = body;
	about->length = length;
	about->timeout_ms = POST_MS;
}
