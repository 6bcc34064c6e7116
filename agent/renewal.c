/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/renewal.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "agent/identity.h"
#include "agent/lane.h"
#include "agent/settings.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/fetch.h"
#include "common/hash.h"
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/tls.h"

#define LOOK_MOST \
	(3600 * NS_PER_S) /* the clock may be set, the file replaced */
#define RETRY_LEAST NS_PER_S
#define RETRY_MOST (3600 * NS_PER_S)
#define RETRY_PART 20 /* of what is left */
#define SPREAD 5      /* a part of the last third */

struct renewal {
	const struct agent_settings *settings;
	const char *box;
	const struct renewal_calls *calls;
	void *arg;
	struct fetcher *fetcher;
	struct fetch *fetch; /* under way */
	struct event *timer;
	char *url;
	struct tls_life life;
	double spread;    /* of this box: 0 to 1 */
	struct error why; /* empty: no failure */
};

static void
look_in(struct renewal *renewal, nanoseconds wait)
{
	struct timeval tv = clock_timeval(wait);

	evtimer_add(renewal->timer, &tv);
}

static double
random_part(void)
{
	uint32_t random;

	hash_random(&random, sizeof(random));
	return ((double)random / UINT32_MAX);
}

static nanoseconds
due(const struct renewal *renewal)
{
	nanoseconds third = renewal->life.until - renewal->life.renew;

	return (renewal->life.renew +
		(nanoseconds)(renewal->spread * (double)(third / SPREAD)));
}

static void
look_when_due(struct renewal *renewal)
{
	nanoseconds wait = due(renewal) - clock_wall();

	if (wait > LOOK_MOST)
		wait = LOOK_MOST;
	look_in(renewal, wait > 0 ? wait : 0);
}

static void
failed(struct renewal *renewal, const struct error *why)
{
	nanoseconds wait = (renewal->life.until - clock_wall()) / RETRY_PART;

	if (wait > RETRY_MOST || wait <= 0)
		wait = RETRY_MOST;
	if (wait < RETRY_LEAST)
		wait = RETRY_LEAST;
	if (strcmp(renewal->why.text, why->text) != 0)
		log_warnx("certificate not renewed: %s", why->text);
	renewal->why = *why;
	look_in(renewal,
	    wait / 2 + (nanoseconds)(random_part() * (double)(wait / 2)));
}

/* What is on disk now, for people may enroll the box again meanwhile. */
static int
read_life(struct renewal *renewal, struct error *err)
{
	X509 *certificate = identity_certificate(renewal->settings, err);
	int result = -1;

	if (certificate != NULL)
		result = tls_life(certificate, &renewal->life, err);
	X509_free(certificate);
	return (result);
}

/*
 * The answer.
 */

/* May it be called so from here on? */
static int
check_name(struct renewal *renewal, json_object *reply, const char *box,
    struct error *err)
{
	const char *was = member_text_or(reply, "was", "");

	if (strcmp(box, renewal->box) == 0)
		return (0);
	if (strcmp(was, renewal->box) != 0)
		return (error_set(
		    err, "a certificate for %s, we are %s", box, renewal->box));
	return (identity_note(renewal->settings, renewal->box, err));
}

static int
keep(struct renewal *renewal, json_object *reply, X509 *certificate, X509 *ca,
    EVP_PKEY *key, char box[static NAME_TEXT], struct error *err)
{
	if (identity_check(certificate, ca, key, box, err) == -1 ||
	    check_name(renewal, reply, box, err) == -1)
		return (-1);
	return (identity_write(renewal->settings, "box.pem", certificate, err));
}

static int
take(struct renewal *renewal, json_object *reply, char box[static NAME_TEXT],
    struct error *err)
{
	X509 *certificate = identity_parse(reply, "certificate", err), *ca;
	EVP_PKEY *key;
	int result = -1;

	if (certificate == NULL)
		return (-1);
	ca = identity_ca(renewal->settings, err);
	key = ca == NULL ? NULL : identity_key(renewal->settings, err);
	if (key != NULL)
		result = keep(renewal, reply, certificate, ca, key, box, err);
	EVP_PKEY_free(key);
	X509_free(ca);
	X509_free(certificate);
	return (result);
}

static int
take_reply(struct renewal *renewal, const struct fetch_reply *reply,
    char box[static NAME_TEXT], struct error *err)
{
	json_object *json;
	int result;

	if (reply->status != 200)
		return (lane_refused(renewal->url, reply, err));
	json = member_parse(reply->body, reply->length, err);
	if (json == NULL)
		return (error_place(err, "%s", renewal->url));
	result = take(renewal, json, box, err);
	json_object_put(json);
	return (result == 0 ? read_life(renewal, err)
			    : error_place(err, "%s", renewal->url));
}

static void
on_reply(void *arg, const struct fetch_reply *reply)
{
	struct renewal *renewal = arg;
	char box[NAME_TEXT], until[40];
	struct error err = {""};

	renewal->fetch = NULL;
	if (take_reply(renewal, reply, box, &err) == -1) {
		failed(renewal, &err);
		return;
	}
	renewal->why.text[0] = '\0';
	log_info("certificate renewed, good until %s",
	    clock_format(renewal->life.until, 0, until));
	look_when_due(renewal);
	renewal->calls->renewed(renewal->arg);
	if (strcmp(box, renewal->box) != 0)
		renewal->calls->renamed(renewal->arg, box);
}

/*
 * The question.
 */

static char *
make_request(struct renewal *renewal, struct error *err)
{
	EVP_PKEY *key = identity_key(renewal->settings, err);
	char *request =
	    key == NULL ? NULL : tls_request_pem(key, renewal->box, err);

	EVP_PKEY_free(key);
	return (request);
}

static void
post(struct renewal *renewal, const char *request)
{
	static const char *const headers[] = {
	    "Content-Type: application/json", NULL};
	struct fetch_about about = {
	    .method = "POST", .url = renewal->url, .headers = headers};
	json_object *body = json_object_new_object();

	member_add_text(body, "request", request);
	about.body = json_object_to_json_string_length(
	    body, JSON_C_TO_STRING_PLAIN, &about.length);
	fetcher_forget(renewal->fetcher);
	renewal->fetch =
	    fetch_start(renewal->fetcher, &about, on_reply, renewal);
	json_object_put(body);
}

static void
ask(struct renewal *renewal)
{
	struct error err;
	char *request = make_request(renewal, &err);

	if (request != NULL)
		post(renewal, request);
	else
		failed(renewal, &err);
	free(request);
}

static void
say_ended(struct renewal *renewal)
{
	struct error err;
	char until[40];

	error_set(&err,
	    "it ended at %s; make a token on the collector with \"pharos "
	    "token new %s\" and say \"pharos enroll\" here",
	    clock_format(renewal->life.until, 0, until), renewal->box);
	failed(renewal, &err);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct renewal *renewal = arg;
	struct error err;

	if (renewal->fetch != NULL)
		return;
	if (read_life(renewal, &err) == -1)
		failed(renewal, &err);
	else if (clock_wall() < due(renewal))
		look_when_due(renewal);
	else if (clock_wall() >= renewal->life.until)
		say_ended(renewal);
	else
		ask(renewal);
}

void
renewal_look(struct renewal *renewal)
{
	renewal->why.text[0] = '\0';
	look_in(renewal, 0);
}

void
renewal_now(struct renewal *renewal)
{
	if (renewal->fetch == NULL)
		ask(renewal);
}

/*
 * Life.
 */

static int
open_fetcher(
    struct renewal *renewal, struct event_base *base, struct error *err)
{
	struct fetcher_identity identity = {0};
	char *certificate = agent_settings_path(renewal->settings, "box.pem");
	char *key = agent_settings_path(renewal->settings, "box.key");
	char *ca = agent_settings_path(renewal->settings, "ca.pem");

	identity.certificate = certificate;
	identity.key = key;
	identity.ca = ca;
	renewal->fetcher = fetcher_new(base, &identity, err);
	free(ca);
	free(key);
	free(certificate);
	return (renewal->fetcher != NULL ? 0 : -1);
}

struct renewal *
renewal_new(struct event_base *base, const struct agent_settings *settings,
    const char *box, const struct renewal_calls *calls, void *arg,
    struct error *err)
{
	struct renewal *renewal = memory_new(1, sizeof(*renewal));

	renewal->settings = settings;
	renewal->box = box;
	renewal->calls = calls;
	renewal->arg = arg;
	renewal->spread = random_part();
	renewal->url = memory_print("%s/agent/v1/renew", settings->collector);
	renewal->timer = evtimer_new(base, on_timer, renewal);
	if (read_life(renewal, err) == -1 ||
	    open_fetcher(renewal, base, err) == -1) {
		renewal_free(renewal);
		return (NULL);
	}
	look_when_due(renewal);
	return (renewal);
}

void
renewal_free(struct renewal *renewal)
{
	if (renewal == NULL)
		return;
	fetcher_free(renewal->fetcher);
	event_free(renewal->timer);
	free(renewal->url);
	free(renewal);
}

json_object *
renewal_status(const struct renewal *renewal)
{
	json_object *status = json_object_new_object();

	member_add_duration(status, "until", renewal->life.until);
	member_add_duration(status, "renew", due(renewal));
	member_add_text(status, "error",
	    renewal->why.text[0] != '\0' ? renewal->why.text : NULL);
	return (status);
}
