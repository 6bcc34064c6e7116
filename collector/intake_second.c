/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two agents with one identity: the second is refused, and it is said.
 */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "collector/holders.h"
#include "collector/intake.h"
#include "collector/registry.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"

#define RETRY_SECOND "5"
#define RETRY_WAITS "2"

static bool
is_epoch(const char *text)
{
	return (strlen(text) == EPOCH_TEXT - 1 &&
		strspn(text, "0123456789abcdef") == EPOCH_TEXT - 1);
}

static void
set_holder(struct holder *holder, const char *epoch, const char *peer)
{
	static const char mapped[] = "::ffff:"; /* IPv4 on our listener */

	if (strncmp(peer, mapped, strlen(mapped)) == 0)
		peer += strlen(mapped);
	snprintf(holder->epoch, sizeof(holder->epoch), "%s", epoch);
	snprintf(holder->peer, sizeof(holder->peer), "%s", peer);
}

/* Has the one that speaks for the box, if it is another one? */
static bool
has_connection(const struct intake *intake, const char *box, const char *epoch)
{
	const struct holder *first = holders_first(intake->holders, box);
	char *whose;
	bool has;

	if (first == NULL || strcmp(first->epoch, epoch) == 0)
		return (false);
	whose = memory_print("%s/%s", box, first->epoch);
	has = http_has(intake->http, whose);
	free(whose);
	return (has);
}

static void
note(struct intake *intake, const char *box, json_object *second)
{
	struct error err;

	if (registry_note_second(intake->registry, box, second, &err) == -1)
		log_warnx("%s: %s", box, err.text);
	json_object_put(second);
}

static void
note_second(struct intake *intake, const char *box, const struct holder *who,
    const struct holder *first)
{
	json_object *second = json_object_new_object();
	json_object *other = json_object_new_object();

	member_add_text(second, "epoch", who->epoch);
	member_add_text(second, "peer", who->peer);
	member_add_duration(second, "at", clock_wall());
	member_add_text(other, "epoch", first->epoch);
	member_add_text(other, "peer", first->peer);
	json_object_object_add(second, "first", other);
	note(intake, box, second);
}

static void
refuse_second(struct intake *intake, struct http_request *request,
    const char *box, const struct holder *who, bool news)
{
	const struct holder *first = holders_first(intake->holders, box);

	if (news)
		log_warnx("%s: two agents have this identity: the one at %s "
			  "(epoch %s) goes on, the second at %s (epoch %s) is "
			  "refused",
		    box, first->peer, first->epoch, who->peer, who->epoch);
	intake->counts.seconds++;
	note_second(intake, box, who, first);
	http_set_header(request, "Retry-After", RETRY_SECOND);
	http_problem(request, 409, "Second agent",
	    "%s: another agent with this identity is at work (epoch %s, at "
	    "%s); this one (epoch %s) keeps its records and is let in when the "
	    "other has stopped. If this is a copy of the box's disk, stop it, "
	    "or make it a box of its own: put it under sites: in the fleet "
	    "file, and \"pharos token new BOX\" on the collector and \"pharos "
	    "enroll\" here",
	    box, first->epoch, first->peer, who->epoch);
}

static void
put_off(struct intake *intake, struct http_request *request, const char *box)
{
	const struct holder *first = holders_first(intake->holders, box);

	http_set_header(request, "Retry-After", RETRY_WAITS);
	http_problem(request, 503, "Not yet",
	    "%s: the agent that spoke for this box before (epoch %s, at %s) "
	    "may still be there; this one is let in when it has been silent "
	    "for %d s",
	    box, first->epoch, first->peer, (int)(HOLDERS_SILENT / NS_PER_S));
}

static void
welcome(struct intake *intake, const char *box, const struct holder *who)
{
	log_info("%s: the agent that was refused as the second (at %s, epoch "
		 "%s) speaks for the box from here on: the other has gone",
	    box, who->peer, who->epoch);
	note(intake, box, NULL);
}

bool
intake_is_first(struct intake *intake, struct http_request *request,
    const char *box, const char *epoch)
{
	char *whose;
	struct holder who;
	bool news;

	if (epoch == NULL || !is_epoch(epoch)) {
		http_mark(request, box); /* an agent that does not say */
		return (true);
	}
	whose = memory_print("%s/%s", box, epoch);
	http_mark(request, whose);
	free(whose);
	set_holder(&who, epoch, http_peer(request));
	switch (holders_ask(intake->holders, box, &who,
	    has_connection(intake, box, epoch), clock_monotonic(), &news)) {
	case HOLDERS_SECOND:
		refuse_second(intake, request, box, &who, news);
		return (false);
	case HOLDERS_WAITS:
		put_off(intake, request, box);
		return (false);
	case HOLDERS_FIRST:
		if (news)
			welcome(intake, box, &who);
		return (true);
	}
	return (true);
}

/* The last that had the place, if it may still be there. */
static void
seed(struct intake *intake, const struct registry_box *box)
{
	const char *epoch = member_text_or(box->hello, "epoch", "");
	json_object *first = member_get(box->second, "first");
	bool two = registry_has_second(box, clock_wall());
	struct holder holder, second;

	if (!is_epoch(epoch) ||
	    (!two && clock_wall() - box->heard > HOLDERS_SILENT))
		return;
	set_holder(&holder, epoch,
	    member_text_or(first, "peer", "an unknown address"));
	set_holder(&second, member_text_or(box->second, "epoch", ""),
	    member_text_or(box->second, "peer", ""));
	holders_seed(intake->holders, box->name, &holder, two ? &second : NULL,
	    clock_monotonic());
}

void
intake_seed_holders(struct intake *intake)
{
	struct registry_box *boxes;
	struct error err;
	int count = registry_boxes(intake->registry, &boxes, &err);

	if (count == -1)
		log_warnx("%s", err.text);
	for (int i = 0; i < count; i++)
		if (boxes[i].removed == 0)
			seed(intake, &boxes[i]);
	registry_boxes_free(boxes, count > 0 ? count : 0);
}

void
intake_begin_anew(struct intake *intake, const char *box)
{
	holders_forget(intake->holders, box);
	http_end(intake->http, box);
}
