/* SPDX-License-Identifier: BSD-2-Clause */
/* Either every mistake has its place, or the fleet is the same once it is
 * written and read again, and each of its boxes takes the plan made for it. */
#include "collector/fleet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/plan.h"
#include "collector/planner.h"
#include "common/error.h"
#include "common/member.h"
#include "tests/fuzz/specimen.h"
#include "tests/fuzz/target.h"

static const uint8_t key[32] = "a key that is not a secret";

static bool
share(void *arg, const char *a, const char *b, uint8_t secret[static 32])
{
	memset(secret, 7, 32);
	return (true);
}

static void
try_plans(const struct fleet *fleet)
{
	const struct planner planner = {
	    .fleet = fleet, .key = key, .secret = share};
	struct error err = {""};
	char etag[20];

	for (size_t i = 0; i < fleet->end_count; i++) {
		const char *box = fleet->ends[i].name;
		json_object *json = planner_plan(&planner, box, etag);
		struct plan *plan = NULL;

		if ((json != NULL) != fleet->ends[i].is_box)
			abort();
		if (json != NULL)
			plan = plan_parse(json, box, fleet->catalog, &err);
		if (json != NULL && plan == NULL) {
			fprintf(stderr, "%s: %s\n", box, err.text);
			abort();
		}
		plan_free(plan);
		json_object_put(json);
	}
}

static void
try_fleet(const struct fleet *fleet)
{
	json_object *before = fleet_json(fleet), *after, *difference;
	struct fleet *again = fleet_parse(before, NULL);

	if (again == NULL)
		abort();
	after = fleet_json(again);
	difference = fleet_difference(fleet, again);
	if (!json_object_equal(before, after) ||
	    json_object_array_length(difference) != 0)
		abort();
	for (size_t i = 0; i < fleet->test_count; i++)
		if (fleet_stale_after(&fleet->tests[i]) <= 0 ||
		    fleet_lasts(&fleet->tests[i]) < 0)
			abort();
	try_plans(again);
	json_object_put(difference);
	json_object_put(before);
	json_object_put(after);
	fleet_free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *path = specimen_file(data, size);
	json_object *problems, *warnings;
	struct fleet *fleet =
	    fleet_read(path, specimen_catalog(), &problems, &warnings);

	if ((fleet == NULL) != (json_object_array_length(problems) > 0))
		abort();
	for (size_t i = 0; i < json_object_array_length(problems); i++)
		specimen_place(json_object_get_string(
				   json_object_array_get_idx(problems, i)),
		    path);
	if (fleet != NULL)
		try_fleet(fleet);
	fleet_free(fleet);
	json_object_put(problems);
	json_object_put(warnings);
	return (0);
}
