/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which pair of a test is meant.
 */
#include <stdio.h>
#include <string.h>

#include "collector/bins.h"
#include "collector/fleet.h"
#include "collector/web.h"

static bool
find_on_axis(const struct fleet *fleet, const size_t *ends, size_t count,
    const char *name, size_t *place)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(fleet->ends[ends[i]].name, name) == 0) {
			*place = i;
			return (true);
		}
	return (false);
}

bool
web_is_destination(
    const struct web *web, const struct fleet_test *test, const char *name)
{
	size_t column;

	return (find_on_axis(web->fleet, test->destinations,
	    test->destination_count, name, &column));
}

int
web_pair_key(struct web *web, struct http_request *request,
    const struct fleet_test *test, const char *src, const char *dst,
    struct bins_key *key)
{
	struct fleet_pair pair = {0};
	size_t row, column;

	if (find_on_axis(
		web->fleet, test->sources, test->source_count, src, &row) &&
	    find_on_axis(web->fleet, test->destinations,
		test->destination_count, dst, &column))
		fleet_pair(web->fleet, test, row, column, &pair);
	if (!pair.tested) {
		http_problem(request, 404, "No such pair",
		    "test %s does not measure from \"%s\" to \"%s\"",
		    test->name, src, dst);
		return (-1);
	}
	snprintf(key->test, sizeof(key->test), "%s", test->name);
	snprintf(key->src, sizeof(key->src), "%s", src);
	snprintf(key->dst, sizeof(key->dst), "%s", dst);
	key->family =
	    pair.family != 0 ? pair.family : web_known_family(web, key);
	return (0);
}
