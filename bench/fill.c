/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fill - gives every cell of a matrix a last finding, as the store would.
 *
 *   fill STATE TEST <RECORDS
 *
 * The store must have nothing to write meanwhile. The records' numbers are
 * used in turn.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/fleet.h"
#include "collector/latest.h"
#include "common/error.h"
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"

#define BUNDLES 1000

static size_t
read_bundles(const struct manifest *manifest, struct bundle **bundles)
{
	char *line = NULL;
	size_t room = 0, count = 0;
	ssize_t length;
	struct error err;

	while (count < BUNDLES && (length = getline(&line, &room, stdin)) > 0) {
		json_object *record = member_parse(line, (size_t)length, &err);

		if (record == NULL)
			log_fatal("%s", err.text);
		bundles[count] = bundle_new(manifest);
		bundle_add(bundles[count++], OUTCOME_MEASURED,
		    member_get(record, "metrics"));
		json_object_put(record);
	}
	free(line);
	return (count);
}

static void
fill(struct latest *latest, const struct fleet_test *test,
    struct bundle *const *bundles, size_t count)
{
	nanoseconds now = clock_wall();
	size_t n = 0;

	latest_begin(latest);
	for (size_t i = 0; i < test->source_count; i++)
		for (size_t j = 0; j < test->destination_count; j++) {
			if (test->sources[i] == test->destinations[j])
				continue;
			latest_finding(latest, i, j, OUTCOME_MEASURED,
			    now - lrand48() % (30 * NS_PER_S));
			latest_set(
			    latest, LATEST_LAST, i, j, bundles[n++ % count]);
		}
	latest_end(latest);
}

int
main(int argc, char **argv)
{
	struct bundle *bundles[BUNDLES];
	const struct fleet_test *test;
	struct latest *latest;
	struct fleet *fleet;
	struct error err;
	char *path, *dir;
	size_t count;
	bool made;

	if (argc != 3)
		log_fatal("usage: fill STATE TEST <RECORDS");
	path = memory_print("%s/fleet.json", argv[1]);
	dir = memory_print("%s/latest", argv[1]);
	fleet = fleet_load(path, &err);
	if (fleet == NULL || (test = fleet_test(fleet, argv[2])) == NULL)
		log_fatal("%s: no test %s there", path, argv[2]);
	latest = latest_create(dir, fleet, test, &made, &err);
	if (latest == NULL || made)
		log_fatal("%s: the store has not made it", dir);
	count = read_bundles(test->manifest, bundles);
	if (count == 0)
		log_fatal("no records");
	fill(latest, test, bundles, count);
	latest_free(latest);
	for (size_t i = 0; i < count; i++)
		bundle_free(bundles[i]);
	fleet_free(fleet);
	free(dir);
	free(path);
	return (0);
}
