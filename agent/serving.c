/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/serving.h"

#include <stdlib.h>
#include <string.h>

#include "agent/admission.h"
#include "agent/crew.h"
#include "agent/ledger.h"
#include "agent/plan.h"
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"

/* One probe's far end. */
struct post {
	char *probe;
	bool wanted, ready;
	char *why; /* it is not ready; NULL: not known yet */
	size_t guests;
};

struct guest {
	struct post *post;
	int64_t ask;
	struct limits_pass *pass; /* NULL: it was refused */
};

struct serving {
	struct crew *crew;
	struct admission *admission;
	struct ledger *ledger;
	const struct plan *plan; /* NULL: none yet */
	struct post **posts;
	size_t post_count;
	struct guest *guests;
	size_t guest_count;
};

static struct post *
find_post(struct serving *serving, const char *probe)
{
	struct post *post;

	for (size_t i = 0; i < serving->post_count; i++)
		if (strcmp(serving->posts[i]->probe, probe) == 0)
			return (serving->posts[i]);
	post = memory_new(1, sizeof(*post));
	post->probe = memory_text(probe);
	serving->posts = memory_resize(
	    serving->posts, serving->post_count + 1, sizeof(struct post *));
	return (serving->posts[serving->post_count++] = post);
}

static void
set_why(struct post *post, const char *why)
{
	free(post->why);
	post->why = why != NULL ? memory_text(why) : NULL;
	post->ready = false;
}

static void
admit(void *arg, const struct crew_guest *about)
{
	struct serving *serving = arg;
	struct guest guest = {
	    .post = find_post(serving, about->probe), .ask = about->ask};
	const char *why = NULL;

	guest.pass = admission_serve(serving->admission, about, &why);
	if (guest.pass != NULL)
		guest.post->guests++;
	serving->guests = memory_resize(serving->guests,
	    serving->guest_count + 1, sizeof(*serving->guests));
	serving->guests[serving->guest_count++] = guest;
	crew_admitted(serving->crew, about->probe, about->ask, why);
}

static void
released(void *arg, const char *probe, int64_t ask)
{
	struct serving *serving = arg;
	struct post *post = find_post(serving, probe);
	struct guest *guest = serving->guests;
	size_t i = 0;

	while (i < serving->guest_count &&
	       (guest[i].post != post || guest[i].ask != ask))
		i++;
	if (i == serving->guest_count)
		return;
	if (guest[i].pass != NULL)
		post->guests--;
	admission_release(serving->admission, guest[i].pass);
	guest[i] = guest[--serving->guest_count];
}

static void
ready(void *arg, const char *probe, const char *why_not)
{
	struct post *post = find_post(arg, probe);

	set_why(post, why_not);
	post->ready = why_not == NULL;
	if (why_not == NULL)
		log_info("%s: its far end is ready", probe);
	else
		log_warnx("%s: its far end is not ready: %s", probe, why_not);
}

static void
stated(void *arg, const char *probe, json_object *statement)
{
	struct serving *serving = arg;
	struct error err;

	if (serving->plan != NULL &&
	    ledger_stated(
		serving->ledger, serving->plan, probe, statement, &err) == -1)
		log_warnx("%s: what its far end states is left out: %s", probe,
		    err.text);
}

struct serving *
serving_new(
    struct crew *crew, struct admission *admission, struct ledger *ledger)
{
	struct serving *serving = memory_new(1, sizeof(*serving));
	const struct crew_far far = {
	    .admit = admit,
	    .released = released,
	    .stated = stated,
	    .ready = ready,
	    .arg = serving,
	};

	serving->crew = crew;
	serving->admission = admission;
	serving->ledger = ledger;
	crew_set_far(crew, &far);
	return (serving);
}

void
serving_free(struct serving *serving)
{
	if (serving == NULL)
		return;
	for (size_t i = 0; i < serving->guest_count; i++)
		admission_release(serving->admission, serving->guests[i].pass);
	for (size_t i = 0; i < serving->post_count; i++) {
		free(serving->posts[i]->probe);
		free(serving->posts[i]->why);
		free(serving->posts[i]);
	}
	free(serving->posts);
	free(serving->guests);
	free(serving);
}

static void
respond(struct serving *serving, const struct plan_responder *responder)
{
	struct post *post = find_post(serving, responder->probe);
	const char *why;

	if (admission_forbids(serving->admission, responder->probe, &why)) {
		set_why(post, why);
		return;
	}
	post->wanted = true;
	crew_respond(serving->crew, responder->probe, responder->options);
}

void
serving_set(struct serving *serving, const struct plan *plan)
{
	serving->plan = plan;
	for (size_t i = 0; i < serving->post_count; i++)
		serving->posts[i]->wanted = false;
	crew_fleet(serving->crew, plan->box, member_get(plan->json, "peers"));
	for (size_t i = 0; i < plan->responder_count; i++)
		respond(serving, &plan->responders[i]);
	for (size_t i = 0; i < serving->post_count; i++) {
		struct post *post = serving->posts[i];

		if (post->wanted)
			continue;
		crew_respond(serving->crew, post->probe, NULL);
		post->ready = false;
	}
}

struct json_object *
serving_status(const struct serving *serving)
{
	json_object *list = json_object_new_array();

	for (size_t i = 0; i < serving->post_count; i++) {
		const struct post *post = serving->posts[i];
		json_object *json = json_object_new_object();

		member_add_text(json, "probe", post->probe);
		json_object_object_add(
		    json, "ready", json_object_new_boolean(post->ready));
		member_add_text(json, "why", post->why);
		member_add_whole(json, "serves", (int64_t)post->guests);
		json_object_array_add(list, json);
	}
	return (list);
}
