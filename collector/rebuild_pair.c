/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which pairs of the archive are somebody's: of the others there are only
 * records, and nothing is made of them.
 */
#include <stdlib.h>
#include <unistd.h>

#include "collector/fleet.h"
#include "collector/history.h"
#include "collector/rebuild_target.h"

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
	struct bins_key key = *names;
	int family = bins_newest_family(rebuild->bins, names, err);

	if (family != 0)
		return (family);
	for (key.family = 6; key.family >= 4; key.family -= 2)
		if (has_history(rebuild, &key))
			return (key.family);
	return (0);
}
