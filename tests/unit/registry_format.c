/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A registry that an older version wrote.
 */
#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "collector/registry.h"
#include "common/catalog.h"
#include "common/error.h"
#include "common/log.h"
#include "common/member.h"
#include "tests/unit/folder.h"
#include "tests/unit/formats.h"

#define ENROLLED (INT64_C(1795300100) * NS_PER_S)
#define DAY (INT64_C(86400) * NS_PER_S)

static struct registry *
upgraded(void **state)
{
	char *path = folder_path(state, "registry.db");
	struct error err;
	struct registry *registry;

	formats_make(path, "registry-1.sql");
	registry = registry_open(path, false, &err);
	if (registry == NULL)
		fail_msg("%s", err.text);
	free(path);
	return (registry);
}

static void
boxes_of_format_1_stay_members(void **state)
{
	struct registry *registry = upgraded(state);
	struct registry_box *boxes;
	char box[NAME_TEXT], mark[NAME_TEXT];
	struct error err;

	assert_true(registry_is_member(registry, "lon", "f1"));
	assert_true(registry_is_member(registry, "par", "f2"));
	assert_false(registry_is_member(registry, "par", "f1"));
	assert_int_equal(registry_boxes(registry, &boxes, &err), 2);
	assert_true(registry_find(registry, "f2", box, mark));
	assert_string_equal(box, "par");
	assert_string_equal(mark, "par");
	assert_string_equal(boxes[0].name, "lon");
	assert_true(boxes[0].enrolled == ENROLLED);
	assert_true(boxes[0].heard == ENROLLED + 100 * NS_PER_S);
	assert_true(boxes[0].until == ENROLLED + 90 * DAY);
	assert_true(boxes[0].removed == 0);
	assert_int_equal(boxes[0].refused, 3);
	assert_string_equal(
	    member_text_or(boxes[0].hello, "version", ""), "0.1.0");
	assert_null(boxes[0].second);
	registry_boxes_free(boxes, 2);
	registry_free(registry);
}

static void
tokens_and_manifests_of_format_1_are_known(void **state)
{
	struct registry *registry = upgraded(state);
	struct catalog *catalog = catalog_new();
	struct registry_token *tokens;
	struct error err;

	assert_int_equal(registry_tokens(registry, &tokens, &err), 2);
	assert_string_equal(tokens[0].box, "lon");
	assert_true(tokens[0].used == tokens[0].made);
	assert_string_equal(tokens[1].box, "nyc");
	assert_string_equal(tokens[1].id, "8d2c6a2d");
	assert_true(tokens[1].used == 0 && tokens[1].revoked == 0);
	free(tokens);
	assert_int_equal(registry_catalog(registry, catalog, &err), 0);
	assert_non_null(catalog_find(catalog, "knock"));
	catalog_free(catalog);
	registry_free(registry);
}

static void
boxes_of_format_1_go_on_renewing(void **state)
{
	struct registry *registry = upgraded(state);
	struct error err;

	assert_int_equal(registry_renew(registry,
			     &(const struct registry_certificate){"lon", "PEM",
				 "f9", "key1", ENROLLED + 150 * DAY},
			     ENROLLED + 60 * DAY, &err),
	    0);
	assert_true(registry_is_member(registry, "lon", "f1"));
	assert_true(registry_is_member(registry, "lon", "f9"));
	registry_free(registry);
}

static void
reader_waits_for_the_upgrade(void **state)
{
	char *path = folder_path(state, "registry.db");
	struct error err;

	formats_make(path, "registry-1.sql");
	assert_null(registry_open(path, true, &err));
	assert_non_null(strstr(err.text, "format 1 is older than format 4"));
	for (int read_only = 0; read_only < 2; read_only++) {
		struct registry *registry =
		    registry_open(path, read_only, &err);

		assert_non_null(registry);
		registry_free(registry);
	}
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(boxes_of_format_1_stay_members),
	    IN_FOLDER(tokens_and_manifests_of_format_1_are_known),
	    IN_FOLDER(boxes_of_format_1_go_on_renewing),
	    IN_FOLDER(reader_waits_for_the_upgrade),
	};

	log_open("registry_format", false);
	return (
	    cmocka_run_group_tests_name("registry_format", tests, NULL, NULL));
}
