/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which pair of a test is meant; also one that has left the fleet, while its
 * history is kept.
 */
#include <stdio.h>
#include <string.h>

#include "collector/bins.h"
#include "collector/fleet.h"
#include "collector/renames.h"
#include "collector/web.h"
#include "common/error.h"

bool
web_is_destination(
    const struct web *web, const struct fleet_test *test, const char *name)
{
	return (fleet_place(web->fleet, test->destinations,
		    test->destination_count, name) != FLEET_NOWHERE);
}

static void
set_key(struct bins_key *key, const struct fleet_test *test, const char *src,
    const char *dst)
{
	snprintf(key->test, sizeof(key->test), "%s", test->name);
	snprintf(key->src, sizeof(key->src), "%s", src);
	snprintf(key->dst, sizeof(key->dst), "%s", dst);
}

/* In whichever family it was. */
static bool
find_departed(struct web *web, const struct fleet_test *test, const char *src,
    const char *dst, struct bins_key *key)
{
	struct bins *bins = web_bins(web);

	if (bins == NULL || strlen(src) >= NAME_TEXT ||
	    strlen(dst) >= NAME_TEXT)
		return (false);
	set_key(key, test, src, dst);
	key->family = web_known_family(web, key);
	return (bins_find_pair(bins, key, NULL) > 0);
}

bool
web_find_departed_test(struct web *web, const char *name,
    struct fleet_test *test, struct error *err)
{
	struct bins *bins = web_bins(web);
	char probe[NAME_TEXT];
	nanoseconds step;

	if (bins == NULL || strlen(name) >= NAME_TEXT ||
	    bins_find_test(bins, name, probe, &step, err) != 1)
		return (false);
	*test = (struct fleet_test){
	    .manifest = catalog_find(web->fleet->catalog, probe),
	    .timing = {.kind = TIMING_PERIODIC, .every = step},
	    .history = true};
	snprintf(test->name, sizeof(test->name), "%s", name);
	return (test->manifest != NULL);
}

const char *
web_tell_rename(
    const struct fleet *fleet, const char *name, char text[static WEB_SENTENCE])
{
	const char *now = renames_now(&fleet->renames, name, 0);

	text[0] = '\0';
	if (fleet_end(fleet, name) == NULL && fleet_end(fleet, now) != NULL)
		snprintf(
		    text, WEB_SENTENCE, "; %s is called %s now", name, now);
	return (text);
}

static void
refuse_pair(const struct fleet *fleet, struct http_request *request,
    const struct fleet_test *test, const char *src, const char *dst)
{
	char source[WEB_SENTENCE], destination[WEB_SENTENCE];

	http_problem(request, 404, "No such pair",
	    "test %s does not measure from \"%s\" to \"%s\", and of before "
	    "nothing is known%s%s",
	    test->name, src, dst, web_tell_rename(fleet, src, source),
	    web_tell_rename(fleet, dst, destination));
}

int
web_pair_key(struct web *web, struct http_request *request,
    const struct fleet_test *test, const char *src, const char *dst,
    struct bins_key *key)
{
	struct fleet_pair pair;

	fleet_pair_named(web->fleet, test, src, dst, &pair);
	if (!pair.tested && find_departed(web, test, src, dst, key))
		return (0);
	if (!pair.tested) {
		refuse_pair(web->fleet, request, test, src, dst);
		return (-1);
	}
	set_key(key, test, src, dst);
	key->family =
	    pair.family != 0 ? pair.family : web_known_family(web, key);
	return (0);
}
