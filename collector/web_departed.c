/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GET /api/v1/departed: the pairs that have left the fleet, whose history is kept.
 */
#include <json-c/json.h>

#include "collector/bins.h"
#include "collector/settings.h"
#include "collector/web.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/member.h"

struct listing {
	const struct web *web;
	json_object *pairs;
};

static void
add_pair(
    void *arg, const struct bins_key *key, nanoseconds since, nanoseconds last)
{
	const struct listing *listing = arg;
	nanoseconds kept = listing->web->settings->departed;
	json_object *o = json_object_new_object();

	member_add_text(o, "test", key->test);
	member_add_text(o, "src", key->src);
	member_add_text(o, "dst", key->dst);
	member_add_whole(o, "family", key->family);
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
	struct listing listing = {web, json_object_new_array()};
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
