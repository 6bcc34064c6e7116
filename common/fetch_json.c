/* SPDX-License-Identifier: BSD-2-Clause */
#include <event2/event.h>

#include "common/fetch.h"
#include "common/log.h"
#include "common/member.h"

struct wanted {
	struct event_base *base;
	const char *place; /* where it was asked for */
	struct error *err;
	json_object *json;
};

/* An RFC 9457 problem says what is wrong; anything else has its status only. */
static void
explain(const struct fetch_reply *reply, json_object *body, struct error *err)
{
	const char *detail = member_text_or(body, "detail", NULL);

	if (detail != NULL)
		error_set(err, "%s", detail);
	else
		error_set(err, "answered with status %d", reply->status);
}

static void
on_done(void *arg, const struct fetch_reply *reply)
{
	struct wanted *wanted = arg;
	json_object *body;

	event_base_loopbreak(wanted->base);
	if (reply->why != NULL) {
		error_set(wanted->err, "%s", reply->why);
		return;
	}
	body = reply->length > 0
		   ? member_parse(reply->body, reply->length, wanted->err)
		   : json_object_new_object();
	if (reply->status >= 200 && reply->status <= 299) {
		wanted->json = body;
	} else {
		explain(reply, body, wanted->err);
		json_object_put(body);
	}
	if (wanted->json == NULL)
		error_place(wanted->err, "%s", wanted->place);
}

json_object *
fetch_json(const struct fetcher_identity *identity,
    const struct fetch_about *about, struct error *err)
{
	struct wanted wanted = {
	    .base = event_base_new(),
	    .place =
		about->unix_socket != NULL ? about->unix_socket : about->url,
	    .err = err,
	};
	struct fetcher *fetcher;

	if (wanted.base == NULL)
		log_fatal("no event loop");
	fetcher = fetcher_new(wanted.base, identity, err);
	if (fetcher != NULL) {
		fetch_start(fetcher, about, on_done, &wanted);
		event_base_dispatch(wanted.base);
		fetcher_free(fetcher);
	}
	event_base_free(wanted.base);
	return (wanted.json);
}
