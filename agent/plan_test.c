/* SPDX-License-Identifier: BSD-2-Clause */
/* One test of a plan, as it is read. */
#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>

#include "agent/plan_parts.h"
#include "common/address.h"
#include "common/error.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/metric.h"
#include "common/name.h"

/* What a run may take beyond what its probe says, on a busy host. */
#define PATIENCE (60 * NS_PER_S)

/* A set of names seen so far, for "twice" messages. */
static int
first_time(json_object *seen, const char *name, struct error *err)
{
	if (json_object_object_get_ex(seen, name, NULL))
		return (error_set(err, "\"%s\" is there twice", name));
	json_object_object_add(seen, name, json_object_new_boolean(1));
	return (0);
}

static int
parse_family(json_object *json, int *family, struct error *err)
{
	int64_t n = 0;

	if (member_get(json, "family") != NULL &&
	    member_whole(json, "family", &n, err) < 0)
		return (-1);
	if (n != 0 && n != 4 && n != 6)
		return (error_set(err,
		    "family: %" PRId64 ", expected 4 or 6, or 0 for either",
		    n));
	*family = (int)n;
	return (0);
}

static int
parse_address(json_object *json, struct plan_target *target, struct error *err)
{
	union address address;
	const char *text;

	if (member_get(json, "address") == NULL)
		return (0);
	if (member_text(json, "address", &text, err) < 0)
		return (-1);
	if (!address_parse(text, 0, &address))
		return (error_set(err,
		    "address: \"%.80s\", expected an IPv4 or IPv6 address",
		    text));
	if (target->family != 0 && address_family(&address) != target->family)
		return (error_set(err, "address: %s is not of family %d", text,
		    target->family));
	target->address = memory_text(text);
	return (0);
}

static int
parse_end(json_object *json, const struct manifest *manifest,
    struct plan_target *target, struct error *err)
{
	int end = (int)manifest->runs_at;

	if (member_get(json, "end") != NULL &&
	    member_choice(json, "end", manifest_ends, &end, err) < 0)
		return (-1);
	target->end = (enum manifest_end)end;
	if (target->end != manifest->runs_at && !manifest->either)
		return (error_set(err, "end: %s runs at the %s alone",
		    manifest->name, manifest_ends[manifest->runs_at]));
	return (0);
}

static int
parse_target(json_object *json, const struct manifest *manifest,
    struct plan_target *target, json_object *seen, struct error *err)
{
	const char *name;

	if (member_text(json, "name", &name, err) < 0)
		return (-1);
	if (!name_valid_target(name))
		return (error_set(
		    err, "name: \"%.80s\", expected %s", name, name_rule));
	target->name = memory_text(name);
	if (first_time(seen, name, err) < 0 ||
	    parse_end(json, manifest, target, err) < 0 ||
	    parse_family(json, &target->family, err) < 0)
		return (-1);
	return (parse_address(json, target, err));
}

static int
parse_targets(json_object *json, const struct manifest *manifest,
    struct plan_test *test, struct error *err)
{
	json_object *array, *seen;
	size_t i, count;
	int rc = 0;

	if (member_array(json, "targets", &array, err) < 0)
		return (-1);
	count = json_object_array_length(array);
	test->targets = memory_new(count, sizeof(*test->targets));
	seen = json_object_new_object();
	for (i = 0; i < count && rc == 0; i++) {
		test->target_count++;
		rc = parse_target(json_object_array_get_idx(array, i), manifest,
		    &test->targets[i], seen, err);
		if (rc < 0)
			error_place(err, "targets[%zu]", i);
	}
	json_object_put(seen);
	return (rc);
}

static int
parse_probe(json_object *json, struct plan_test *test,
    const struct catalog *catalog, struct error *err)
{
	const struct manifest *manifest;
	const struct metric *bounded;
	json_object *options = NULL;

	manifest = plan_find_probe(json, catalog, err);
	if (manifest == NULL)
		return (-1);
	test->probe = memory_text(manifest->name);
	test->own = manifest->of_host;
	bounded = metric_bounded(manifest->metrics);
	if (json_object_get_boolean(member_get(json, "calibrates")) &&
	    bounded != NULL)
		test->calibrates = memory_text(bounded->name);
	if (member_get(json, "options") == NULL)
		test->options = json_object_new_object();
	else if (member_object(json, "options", &options, err) == 0)
		test->options = json_object_get(options);
	else
		return (-1);
	if (option_check(manifest->settings, test->options, err) < 0)
		return (-1);
	if (test->own && test->timing.kind != TIMING_CONTINUOUS)
		return (error_set(err,
		    "schedule: expected continuous, for %s is of this host "
		    "all the time",
		    manifest->name));
	if (test->timing.kind == TIMING_CONTINUOUS && !manifest->streams)
		return (error_set(err,
		    "schedule: continuous, but the runs of %s come to an end",
		    manifest->name));
	if (test->timing.kind == TIMING_CONTINUOUS)
		test->patience =
		    PATIENCE + test->timing.every +
		    clock_of_seconds(manifest_reports(manifest, test->options));
	else
		test->patience = PATIENCE + clock_of_seconds(manifest_lasts(
						manifest, test->options));
	return (0);
}

static int
parse_timing(json_object *json, struct plan_test *test, struct error *err)
{
	json_object *schedule;

	if (member_object(json, "schedule", &schedule, err) < 0)
		return (-1);
	if (timing_parse(&test->timing, schedule, err) < 0)
		return (error_place(err, "schedule"));
	return (0);
}

int
plan_read_test(json_object *json, struct plan_test *test, json_object *seen,
    const struct catalog *catalog, struct error *err)
{
	const char *name;

	if (member_text(json, "test", &name, err) < 0)
		return (-1);
	if (!name_valid(name))
		return (error_set(
		    err, "test: \"%.80s\", expected %s", name, name_rule));
	test->name = memory_text(name);
	if (first_time(seen, name, err) < 0 ||
	    parse_timing(json, test, err) < 0 ||
	    parse_probe(json, test, catalog, err) < 0 ||
	    parse_targets(json, catalog_find(catalog, test->probe), test, err) <
		0)
		return (error_place(err, "test \"%s\"", name));
	return (0);
}

void
plan_clear_test(struct plan_test *test)
{
	size_t i;

	for (i = 0; i < test->target_count; i++) {
		free(test->targets[i].name);
		free(test->targets[i].address);
	}
	free(test->targets);
	free(test->name);
	free(test->probe);
	free(test->calibrates);
	json_object_put(test->options);
}
