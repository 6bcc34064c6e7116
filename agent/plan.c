/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/plan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/peers.h"
#include "common/address.h"
#include "common/daemon.h"
#include "common/error.h"
#include "common/hash.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/metric.h"
#include "common/name.h"

#define PLAN_VERSION 1
#define PLAN_MOST (64 * 1024 * 1024)

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

static const struct manifest *
find_probe(json_object *json, const struct catalog *catalog, struct error *err)
{
	const struct manifest *manifest;
	const char *name;

	if (member_text(json, "probe", &name, err) < 0)
		return (NULL);
	manifest = catalog_find(catalog, name);
	if (manifest == NULL)
		error_set(
		    err, "probe: no \"%.80s\" is installed on this box", name);
	return (manifest);
}

static int
parse_probe(json_object *json, struct plan_test *test,
    const struct catalog *catalog, struct error *err)
{
	const struct manifest *manifest;
	const struct metric *bounded;
	json_object *options = NULL;

	manifest = find_probe(json, catalog, err);
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

static int
parse_test(json_object *json, struct plan_test *test, json_object *seen,
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

static int
parse_array(struct plan *plan, const char *name, json_object *array,
    json_object *seen, const struct catalog *catalog, struct error *err)
{
	size_t count = json_object_array_length(array);

	plan->tests = memory_resize(
	    plan->tests, plan->test_count + count, sizeof(*plan->tests));
	for (size_t i = 0; i < count; i++) {
		struct plan_test *test = &plan->tests[plan->test_count++];

		*test = (struct plan_test){.name = NULL};
		if (parse_test(json_object_array_get_idx(array, i), test, seen,
			catalog, err) == -1)
			return (error_place(err, "%s[%zu]", name, i));
	}
	return (0);
}

/* Those of probes that are known here. */
static json_object *
own_tests(const struct plan *plan, const struct catalog *catalog)
{
	json_object *own = member_get(plan->json, "own");
	json_object *known = json_object_new_array();

	if (!json_object_is_type(own, json_type_array))
		return (known);
	for (size_t i = 0; i < json_object_array_length(own); i++) {
		json_object *test = json_object_array_get_idx(own, i);

		if (catalog_find(catalog, member_text_or(test, "probe", "")) !=
		    NULL)
			json_object_array_add(known, json_object_get(test));
	}
	return (known);
}

static int
parse_tests(struct plan *plan, const struct catalog *catalog, struct error *err)
{
	json_object *tests, *own, *seen;
	int rc;

	if (member_array(plan->json, "tests", &tests, err) < 0)
		return (-1);
	own = own_tests(plan, catalog);
	seen = json_object_new_object();
	rc = parse_array(plan, "tests", tests, seen, catalog, err);
	if (rc == 0)
		rc = parse_array(plan, "own", own, seen, catalog, err);
	json_object_put(seen);
	json_object_put(own);
	return (rc);
}

static int
parse_responder(json_object *json, struct plan_responder *responder,
    const struct catalog *catalog, struct error *err)
{
	const struct manifest *manifest;
	json_object *options = NULL;

	manifest = find_probe(json, catalog, err);
	if (manifest == NULL)
		return (-1);
	if (manifest->responder_settings == NULL)
		return (
		    error_set(err, "probe: %s has no far end", manifest->name));
	responder->probe = memory_text(manifest->name);
	if (member_get(json, "options") != NULL &&
	    member_object(json, "options", &options, err) < 0)
		return (-1);
	responder->options = options != NULL ? json_object_get(options)
					     : json_object_new_object();
	return (option_check(
	    manifest->responder_settings, responder->options, err));
}

/* An older collector's plan has none. */
static int
parse_responders(
    struct plan *plan, const struct catalog *catalog, struct error *err)
{
	json_object *array;
	size_t count;

	if (member_get(plan->json, "responders") == NULL)
		return (0);
	if (member_array(plan->json, "responders", &array, err) < 0)
		return (-1);
	count = json_object_array_length(array);
	plan->responders = memory_new(count, sizeof(*plan->responders));
	for (size_t i = 0; i < count; i++) {
		plan->responder_count++;
		if (parse_responder(json_object_array_get_idx(array, i),
			&plan->responders[i], catalog, err) < 0)
			return (error_place(err, "responders[%zu]", i));
	}
	return (0);
}

/* They are read for good by the workers. */
static int
parse_peers(struct plan *plan, struct error *err)
{
	struct peers *peers = peers_read(member_get(plan->json, "peers"), err);

	peers_free(peers);
	return (peers != NULL ? 0 : -1);
}

static int
parse_head(struct plan *plan, const char *box, struct error *err)
{
	int64_t version = member_whole_or(plan->json, "v", PLAN_VERSION);
	const char *name, *key;

	if (version != PLAN_VERSION)
		return (error_set(err,
		    "v: %" PRId64 ", this pharosd understands %d; update it",
		    version, PLAN_VERSION));
	if (member_whole(plan->json, "revision", &plan->revision, err) < 0 ||
	    member_text(plan->json, "box", &name, err) < 0 ||
	    member_text(plan->json, "key", &key, err) < 0)
		return (-1);
	if (strcmp(name, box) != 0)
		return (error_set(err,
		    "box: it is for \"%.80s\", this is \"%s\"", name, box));
	plan->box = memory_text(name);
	if (hash_unhex(key, plan->key, sizeof(plan->key)) < 0)
		return (error_set(err, "key: expected %zu hexadecimal digits",
		    2 * sizeof(plan->key)));
	return (0);
}

struct plan *
plan_parse(struct json_object *json, const char *box,
    const struct catalog *catalog, struct error *err)
{
	struct plan *plan = memory_new(1, sizeof(*plan));

	plan->json = json_object_get(json);
	if (parse_head(plan, box, err) < 0 ||
	    parse_tests(plan, catalog, err) < 0 || parse_peers(plan, err) < 0 ||
	    parse_responders(plan, catalog, err) < 0) {
		error_place(err, "plan");
		plan_free(plan);
		return (NULL);
	}
	return (plan);
}

static void
free_test(struct plan_test *test)
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

void
plan_free(struct plan *plan)
{
	size_t i;

	if (plan == NULL)
		return;
	for (i = 0; i < plan->test_count; i++)
		free_test(&plan->tests[i]);
	free(plan->tests);
	for (i = 0; i < plan->responder_count; i++) {
		free(plan->responders[i].probe);
		json_object_put(plan->responders[i].options);
	}
	free(plan->responders);
	free(plan->box);
	json_object_put(plan->json);
	free(plan);
}

int
plan_save(const struct plan *plan, const char *path, struct error *err)
{
	const char *text;
	size_t length;

	text = json_object_to_json_string_length(
	    plan->json, JSON_C_TO_STRING_PLAIN, &length);
	return (daemon_write_file(path, text, length, 0600, err));
}

struct plan *
plan_load(const char *path, const char *box, const struct catalog *catalog,
    struct error *err)
{
	struct plan *plan = NULL;
	json_object *json;
	size_t length;
	char *text;

	err->text[0] = '\0';
	if (access(path, F_OK) < 0 && errno == ENOENT)
		return (NULL);
	text = daemon_read_file(path, PLAN_MOST, &length, err);
	if (text == NULL)
		return (NULL);
	json = member_parse(text, length, err);
	if (json != NULL)
		plan = plan_parse(json, box, catalog, err);
	if (plan == NULL)
		error_place(err, "%s", path);
	json_object_put(json);
	free(text);
	return (plan);
}
