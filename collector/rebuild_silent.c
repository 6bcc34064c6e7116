/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pairs that no record of the kept days went by of: their last value is shown,
 * and bins.db gets to know them when it does not.
 */
#include <stdio.h>

#include "collector/archive.h"
#include "collector/bins_anew.h"
#include "collector/fleet.h"
#include "collector/rebuild_target.h"
#include "collector/silent.h"

/* The pair of the archive that is looked at, by each of its families. */
struct look {
	struct rebuild *rebuild;
	const struct fleet_test *test;
	struct fleet_pair measured;
	struct bins_key key;
	bool known; /* one of its families is */
};

static int
keep(struct look *look, const struct silent *silent, struct error *err)
{
	struct rebuild *rebuild = look->rebuild;
	nanoseconds step = timing_step(&look->test->timing);
	int64_t pair = bins_pair(rebuild->bins, &look->key, err);
	struct bins_standing standing;

	if (pair == -1)
		return (-1);
	rebuild_show(rebuild, &look->key, silent);
	bins_standing(rebuild->bins, pair, &standing);
	if (standing.step != 0)
		return (0);
	return (bins_anew_standing(rebuild->bins, pair, step, BINS_NONE,
	    silent->start - silent->start % step, err));
}

static int
find_last(struct look *look, struct error *err)
{
	struct rebuild *rebuild = look->rebuild;
	struct silent silent = {0};
	int result = silent_find(rebuild->archive, rebuild->tree, &look->key,
	    look->test->manifest, bins_horizon(rebuild->bins), &silent, err);

	if (look->key.family == 0)
		look->key.family = silent.family;
	if (result == 0 && silent.news.finding != 0 && look->key.family != 0)
		result = keep(look, &silent, err);
	silent_clear(&silent);
	return (result);
}

static int
look_at_family(struct look *look, int family, struct error *err)
{
	struct rebuild *rebuild = look->rebuild;
	int64_t pair;
	int made;

	look->key.family = family;
	pair = bins_find_pair(rebuild->bins, &look->key, err);
	if (pair == -1 || (pair == 0 && !rebuild_may_make(rebuild,
					    &look->measured, &look->key)))
		return ((int)pair);
	look->known = true;
	made = pair != 0 ? bins_anew_has(rebuild->bins, pair, err) : 0;
	return (made == 0 ? find_last(look, err) : made == 1 ? 0 : -1);
}

static int
look_at(void *arg, const char *test, const char *src, const char *dst,
    struct error *err)
{
	struct rebuild *rebuild = arg;
	struct look look = {
	    .rebuild = rebuild, .test = fleet_test(rebuild->fleet, test)};
	struct bins_key *key = &look.key;

	if (look.test == NULL)
		return (0);
	snprintf(key->test, sizeof(key->test), "%s", test);
	snprintf(key->src, sizeof(key->src), "%s", src);
	snprintf(key->dst, sizeof(key->dst), "%s", dst);
	fleet_pair_named(rebuild->fleet, look.test, src, dst, &look.measured);
	if (look_at_family(&look, 4, err) == -1 ||
	    look_at_family(&look, 6, err) == -1)
		return (-1);
	if (look.known || !look.measured.tested || look.measured.family != 0)
		return (0);
	key->family = 0; /* whatever its name gave last */
	return (find_last(&look, err));
}

int
rebuild_silent(struct rebuild *rebuild, struct error *err)
{
	return (archive_pairs(rebuild->archive, look_at, rebuild, err));
}
