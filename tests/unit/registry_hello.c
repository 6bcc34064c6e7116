/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/registry.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/catalog.h"
#include "common/error.h"
#include "common/log.h"
#include "common/manifest.h"
#include "common/member.h"
#include "common/memory.h"
#include "tests/unit/folder.h"
#include "tests/unit/registered.h"

static int
hear(struct registry *registry, const char *hello)
{
	json_object *json = member_parse(hello, strlen(hello), NULL);
	struct error err;
	int result;

	assert_non_null(json);
	result = registry_heard(registry, "lon", json, NOW + 5, &err);
	json_object_put(json);
	return (result);
}

static void
hello_is_kept_without_manifests(void **state)
{
	struct registry *registry = registered_token(state);
	struct registry_box box;

	registered_enrol(registry, "key1", "f1");
	box = registered_box(registry);
	assert_string_equal(box.name, "lon");
	assert_int_equal(box.enrolled, NOW);
	assert_int_equal(box.heard, 0);
	assert_null(box.hello);

	assert_int_equal(
	    hear(registry, "{\"version\":\"0.1.0\",\"manifests\":[]}"), 0);
	registry_alive(registry, "lon", NOW + 9);
	box = registered_box(registry);
	assert_int_equal(box.heard, NOW + 9);
	assert_string_equal(member_text_or(box.hello, "version", ""), "0.1.0");
	assert_null(member_get(box.hello, "manifests"));
	json_object_put(box.hello);
	registry_free(registry);
}

#define MANIFEST(version)                                                    \
	"{\"manifests\":[{\"name\":\"knock\",\"version\":" version ","       \
	"\"summary\":\"Knocks\",\"runs_at\":\"src\",\"options\":[],"         \
	"\"metrics\":[{\"name\":\"sent\",\"kind\":\"count\",\"unit\":\"1\"," \
	"\"help\":\"Knocks that were sent\"}]}]}"

static void
manifests_are_news_once(void **state)
{
	struct registry *registry = registered_token(state);
	struct catalog *catalog = catalog_new();
	struct error err;

	registered_enrol(registry, "key1", "f1");
	assert_int_equal(hear(registry, MANIFEST("2")), 1);
	assert_int_equal(hear(registry, MANIFEST("2")), 0);
	assert_int_equal(hear(registry, MANIFEST("1")), 0);
	assert_int_equal(hear(registry, MANIFEST("3")), 1);
	assert_int_equal(registry_catalog(registry, catalog, &err), 0);
	assert_non_null(catalog_find(catalog, "knock"));
	assert_int_equal(catalog_find(catalog, "knock")->version, 3);
	catalog_free(catalog);
	registry_free(registry);
}

/* "knock" by another name. */
static int
hear_of(struct registry *registry, int n)
{
	char *text = memory_print("%s", MANIFEST("2"));
	char name[16];
	int result;

	snprintf(name, sizeof(name), "k%04d", n);
	memcpy(strstr(text, "knock"), name, 5);
	result = hear(registry, text);
	free(text);
	return (result);
}

static void
a_box_that_makes_names_up_comes_to_an_end(void **state)
{
	struct registry *registry = registered_token(state);
	struct catalog *catalog = catalog_new();
	struct error err;

	registered_enrol(registry, "key1", "f1");
	assert_int_equal(hear(registry, MANIFEST("2")), 1);
	for (int i = 1; i < REGISTRY_MANIFESTS; i++)
		assert_int_equal(hear_of(registry, i), 1);
	assert_int_equal(hear_of(registry, REGISTRY_MANIFESTS), 0);
	assert_int_equal(hear(registry, MANIFEST("3")), 1);
	assert_int_equal(registry_catalog(registry, catalog, &err), 0);
	assert_int_equal(catalog_size(catalog), REGISTRY_MANIFESTS);
	catalog_free(catalog);
	registry_free(registry);
}

static void
manifests_that_are_wrong_are_not_kept(void **state)
{
	struct registry *registry = registered_token(state);
	struct catalog *catalog = catalog_new();
	struct error err;

	registered_enrol(registry, "key1", "f1");
	assert_int_equal(
	    hear(registry, "{\"manifests\":[{\"name\":\"bad\"},7]}"), 0);
	assert_int_equal(registry_catalog(registry, catalog, &err), 0);
	assert_int_equal(catalog_size(catalog), 0);
	catalog_free(catalog);
	registry_free(registry);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(hello_is_kept_without_manifests),
	    IN_FOLDER(manifests_are_news_once),
	    IN_FOLDER(a_box_that_makes_names_up_comes_to_an_end),
	    IN_FOLDER(manifests_that_are_wrong_are_not_kept),
	};

	log_open("registry_hello", false);
	return (
	    cmocka_run_group_tests_name("registry_hello", tests, NULL, NULL));
}
