/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/plan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/peers.h"
#include "agent/plan_parts.h"
#include "common/daemon.h"
#include "common/error.h"
#include "common/hash.h"
#include "common/member.h"
#include "common/memory.h"

#define PLAN_VERSION 1
#define PLAN_MOST (64 * 1024 * 1024)

const struct manifest *
plan_find_probe(
    json_object *json, const struct catalog *catalog, struct error *err)
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
parse_array(struct plan *plan, const char *name, json_object *array,
    json_object *seen, const struct catalog *catalog, struct error *err)
{
	size_t count = json_object_array_length(array);

	plan->tests = memory_resize(
	    plan->tests, plan->test_count + count, sizeof(*plan->tests));
	for (size_t i = 0; i < count; i++) {
		struct plan_test *test = &plan->tests[plan->test_count++];

		*test = (struct plan_test){.name = NULL};
		if (plan_read_test(json_object_array_get_idx(array, i), test,
			seen, catalog, err) == -1)
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

	manifest = plan_find_probe(json, catalog, err);
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

void
plan_free(struct plan *plan)
{
	size_t i;

	if (plan == NULL)
		return;
	for (i = 0; i < plan->test_count; i++)
		plan_clear_test(&plan->tests[i]);
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
