/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which pairs of the archive are somebody's: of the others there are only
 * records, and nothing is made of them.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/fleet.h"
#include "collector/history.h"
#include "collector/rebuild_target.h"

static bool
find_axis(const struct fleet *fleet, const size_t *ends, size_t count,
    const char *name, size_t *place)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(fleet->ends[ends[i]].name, name) == 0) {
			*place = i;
			return (true);
		}
	return (false);
}

void
rebuild_measured(const struct rebuild *rebuild, const struct fleet_test *test,
    const char *src, const char *dst, struct fleet_pair *measured)
{
	const struct fleet *fleet = rebuild->fleet;
	size_t row, column;

	*measured = (struct fleet_pair){0};
	if (find_axis(fleet, test->sources, test->source_count, src, &row) &&
	    find_axis(fleet, test->destinations, test->destination_count, dst,
		&column))
		fleet_pair(fleet, test, row, column, measured);
}

static bool
has_history(const struct rebuild *rebuild, const struct bins_key *key)
{
	char *folder = rebuild_path(rebuild, "rrd");
	char *path = history_path(folder, key);
	bool has = access(path, F_OK) == 0;

	free(path);
	free(folder);
	return (has);
}

bool
rebuild_may_make(const struct rebuild *rebuild,
    const struct fleet_pair *measured, const struct bins_key *key)
{
	return ((measured->tested && measured->family == key->family) ||
		has_history(rebuild, key));
}

int64_t
rebuild_pair(const struct rebuild *rebuild, const struct fleet_pair *measured,
    const struct bins_key *key, struct error *err)
{
	if ((measured->tested && measured->family == 0) ||
	    rebuild_may_make(rebuild, measured, key))
		return (bins_pair(rebuild->bins, key, err));
	return (bins_find_pair(rebuild->bins, key, err));
}

int
rebuild_known_family(const struct rebuild *rebuild,
    const struct bins_key *names, struct error *err)
{
	static const int families[] = {6, 4};
	nanoseconds newest = -1;
	int best = 0;

	for (size_t i = 0; i < 2; i++) {
		struct bins_key key = *names;
		struct bins_standing standing = {0};
		int64_t pair;

		key.family = families[i];
		pair = bins_find_pair(rebuild->bins, &key, err);
		if (pair == -1)
			return (-1);
		if (pair == 0 && !has_history(rebuild, &key))
			continue;
		if (pair != 0)
			bins_standing(rebuild->bins, pair, &standing);
		if (standing.newest > newest) {
			newest = standing.newest;
			best = key.family;
		}
	}
	return (best);
}
