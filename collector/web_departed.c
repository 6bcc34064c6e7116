/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GET /api/v1/departed: the pairs that have left the fleet, whose history is kept.
 */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "collector/bins.h"
#include "collector/settings.h"
#include "collector/web.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/member.h"
#include "common/name.h"

struct listing {
	const struct web *web;
	struct bins *bins;
	json_object *pairs;
	char test[NAME_TEXT], probe[NAME_TEXT]; /* of the pair before */
	nanoseconds step;
};

/* What its test measured with, and how often; they come by test. */
static void
add_test(struct listing *listing, const char *test, json_object *pair)
{
	if (strcmp(listing->test, test) != 0) {
		snprintf(listing->test, sizeof(listing->test), "%s", test);
		if (bins_find_test(listing->bins, test, listing->probe,
			&listing->step, NULL) != 1)
			listing->probe[0] = '\0';
	}
	if (listing->probe[0] == '\0')
		return;
	member_add_text(pair, "probe", listing->probe);
	member_add_duration(pair, "step", listing->step);
}

static void
add_pair(
    void *arg, const struct bins_key *key, nanoseconds since, nanoseconds last)
{
	struct listing *listing = arg;
	nanoseconds kept = listing->web->settings->departed;
	json_object *o = json_object_new_object();

	member_add_text(o, "test", key->test);
	member_add_text(o, "src", key->src);
	member_add_text(o, "dst", key->dst);
	member_add_whole(o, "family", key->family);
	add_test(listing, key->test, o);
	member_add_duration(o, "last", last);
	member_add_duration(o, "since", since);
	if (kept > 0)
		member_add_duration(o, "until", since + kept);
	else
		json_object_object_add(o, "until", NULL);
	json_object_array_add(listing->pairs, o);
}

void
web_get_departed(struct http_request *request, void *arg)
{
	struct web *web = arg;
	struct bins *bins = web_bins(web);
	struct listing listing = {
	    .web = web, .bins = bins, .pairs = json_object_new_array()};
	json_object *answer;
	struct error err;

	if (bins != NULL &&
	    bins_each_gone(bins, add_pair, &listing, &err) == -1) {
		json_object_put(listing.pairs);
		http_problem(request, 503, "Not now", "%s", err.text);
		return;
	}
	answer = json_object_new_object();
	json_object_object_add(answer, "pairs", listing.pairs);
	web_reply(request, answer);
}
