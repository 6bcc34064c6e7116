/* SPDX-License-Identifier: BSD-2-Clause */
#include <event2/event.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/fleet.h"
#include "collector/intake.h"
#include "collector/pairs.h"
#include "collector/planner.h"
#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"

#define WAIT_MOST 300 /* seconds */
#define ETAG_TEXT 20

/* A request that is held until the plan is another one. */
struct intake_wish {
	TAILQ_ENTRY(intake_wish) entry;
	struct intake *intake;
	struct http_request *request;
	char box[NAME_TEXT];
	char etag[ETAG_TEXT]; /* of the plan the box has */
	struct event *end;    /* of its patience */
};

static void
forget(struct intake_wish *wish)
{
	TAILQ_REMOVE(&wish->intake->wishes, wish, entry);
	event_free(wish->end);
	free(wish);
}

static void
reply_unchanged(struct http_request *request, const char *etag)
{
	http_set_header(request, "ETag", etag);
	http_reply(request, 304, NULL, NULL);
}

static void
reply_plan(struct http_request *request, json_object *plan, const char *etag)
{
	http_set_header(request, "ETag", etag);
	http_set_header(request, "Cache-Control", "private, no-cache");
	http_reply_json(request, 200, plan);
}

static void
reply_none(struct http_request *request, const char *box)
{
	http_problem(request, 404, "No plan",
	    "%s: the fleet file has no such box (any more); put it under "
	    "sites: and say \"pharos reload\" on the collector",
	    box);
}

static void
on_gone(struct http_request *request, void *arg)
{
	forget(arg);
}

static void
on_end(evutil_socket_t fd, short what, void *arg)
{
	struct intake_wish *wish = arg;

	reply_unchanged(wish->request, wish->etag);
	forget(wish);
}

static void
hold(struct intake *intake, struct http_request *request, const char *box,
    const char *etag, int seconds)
{
	struct intake_wish *wish = memory_new(1, sizeof(*wish));
	const struct timeval patience = {seconds, 0};

	wish->intake = intake;
	wish->request = request;
	snprintf(wish->box, sizeof(wish->box), "%s", box);
	snprintf(wish->etag, sizeof(wish->etag), "%s", etag);
	wish->end = evtimer_new(intake->base, on_end, wish);
	event_add(wish->end, &patience);
	TAILQ_INSERT_TAIL(&intake->wishes, wish, entry);
	http_hold(request, on_gone, wish);
}

json_object *
intake_plan(struct intake *intake, const char *box, char etag[static 20])
{
	const struct planner planner = {
	    .fleet = intake->fleet,
	    .key = intake->key,
	    .secret = pairs_secret,
	    .arg = intake->pairs,
	};

	return (planner_plan(&planner, box, etag));
}

/* RFC 7240: "wait=60" among other preferences; 0: do not wait. */
static int
read_wait(const char *prefer)
{
	const char *at = prefer == NULL ? NULL : strcasestr(prefer, "wait=");
	long seconds;

	if (at == NULL || (at != prefer && strchr(" ,;", at[-1]) == NULL))
		return (0);
	seconds = strtol(at + strlen("wait="), NULL, 10);
	if (seconds < 0)
		return (0);
	return (seconds > WAIT_MOST ? WAIT_MOST : (int)seconds);
}

/* The plan is for the box by its new name, which it learns with its next
 * certificate; its hello is told to ask for that. */
static void
wait_for_its_name(struct intake *intake, struct http_request *request,
    const struct intake_member *member, const char *known, int seconds)
{
	if (known != NULL && seconds > 0) {
		hold(intake, request, "", known, seconds);
		return;
	}
	http_set_header(request, "Retry-After", "2");
	http_problem(request, 503, "Renamed",
	    "%s is called %s from here on; it has to renew its certificate "
	    "first, which it does by itself",
	    member->said, member->box);
}

void
intake_get_plan(struct http_request *request, void *arg)
{
	struct intake *intake = arg;
	const char *known = http_header(request, "If-None-Match");
	int seconds = read_wait(http_header(request, "Prefer"));
	struct intake_member member;
	const char *box = member.box;
	char etag[ETAG_TEXT];
	json_object *plan;

	if (!intake_admit_member(intake, request, &member))
		return;
	if (member.renamed) {
		wait_for_its_name(intake, request, &member, known, seconds);
		return;
	}
	plan = intake_plan(intake, box, etag);
	if (plan == NULL) {
		reply_none(request, box);
	} else if (known == NULL || strcmp(known, etag) != 0) {
		reply_plan(request, plan, etag);
	} else {
		json_object_put(plan);
		if (seconds > 0)
			hold(intake, request, box, etag, seconds);
		else
			reply_unchanged(request, etag);
	}
}

void
intake_plans_renamed(struct intake *intake, int64_t before)
{
	const struct renames *renames = &intake->fleet->renames;
	struct intake_wish *wish, *next;

	for (wish = TAILQ_FIRST(&intake->wishes); wish != NULL; wish = next) {
		next = TAILQ_NEXT(wish, entry);
		if (renames_now(renames, wish->box, before) == wish->box)
			continue;
		reply_unchanged(wish->request, wish->etag);
		forget(wish);
	}
}

void
intake_plans_changed(struct intake *intake)
{
	struct intake_wish *wish, *next;
	char etag[ETAG_TEXT];

	for (wish = TAILQ_FIRST(&intake->wishes); wish != NULL; wish = next) {
		json_object *plan;

		next = TAILQ_NEXT(wish, entry);
		if (wish->box[0] == '\0')
			continue; /* waits for its name */
		plan = intake_plan(intake, wish->box, etag);
		if (plan != NULL && strcmp(etag, wish->etag) == 0) {
			json_object_put(plan);
			continue;
		}
		if (plan == NULL)
			reply_none(wish->request, wish->box);
		else
			reply_plan(wish->request, plan, etag);
		forget(wish);
	}
}

void
intake_plans_look(struct intake *intake)
{
	struct error err;

	if (!intake->ties_changed)
		return;
	intake->ties_changed = false;
	if (pairs_look(intake->pairs, intake->registry, &err) == -1)
		log_warnx("%s", err.text);
	else
		intake_plans_changed(intake);
}

void
intake_plans_refuse(struct intake *intake, const char *box)
{
	struct intake_wish *wish, *next;
	char *why = memory_print("%s: removed from the fleet", box);

	for (wish = TAILQ_FIRST(&intake->wishes); wish != NULL; wish = next) {
		next = TAILQ_NEXT(wish, entry);
		if (strcmp(wish->box, box) != 0)
			continue;
		intake_refuse(intake, wish->request, box, why);
		forget(wish);
	}
	free(why);
}

void
intake_plans_free(struct intake *intake)
{
	struct intake_wish *wish;

	while ((wish = TAILQ_FIRST(&intake->wishes)) != NULL) {
		reply_unchanged(wish->request, wish->etag);
		forget(wish);
	}
}
