/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/registry_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "common/database.h"
#include "common/error.h"
#include "common/log.h"
#include "tests/unit/folder.h"
#include "tests/unit/registered.h"

static int64_t
rows(struct registry *registry, const char *question)
{
	struct error err;

	return (registry_number(
	    database_prepare(registry->db, question, &err), &err));
}

static void
refused_records_are_counted_once(void **state)
{
	struct registry *registry = registered_token(state);
	struct error err;

	registered_enrol(registry, "key1", "f1");
	for (int i = 0; i < 3; i++)
		assert_int_equal(
		    registry_refuse(registry, "lon", i == 2 ? "other" : "line",
			"why", NOW, &err),
		    0);
	assert_int_equal(registered_box(registry).refused, 2);
	registry_free(registry);
}

static void
only_the_newest_refused_are_kept(void **state)
{
	struct registry *registry = registered_token(state);
	char line[16];

	registered_enrol(registry, "key1", "f1");
	for (int i = 0; i < REGISTRY_REFUSED_MOST + 200; i++) {
		snprintf(line, sizeof(line), "line %d", i);
		assert_int_equal(
		    registry_refuse(registry, "lon", line, "why", NOW, NULL),
		    0);
		if (i % 150 == 0)
			assert_int_equal(registry_refuse(registry, "nyc", line,
					     "why", NOW, NULL),
			    0);
	}
	assert_int_equal(registry_count_refused(registry, "lon", 50, NULL), 0);
	assert_int_equal(registry_commit(registry, NULL), 0);
	assert_int_equal(
	    registered_box(registry).refused, REGISTRY_REFUSED_MOST + 250);
	assert_int_equal(
	    rows(registry, "SELECT count(*) FROM refused WHERE box = 'lon'"),
	    REGISTRY_REFUSED_MOST);
	assert_int_equal(rows(registry, "SELECT count(*) FROM refused WHERE "
					"line = CAST('line 1199' AS BLOB)"),
	    1);
	registry_free(registry);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(refused_records_are_counted_once),
	    IN_FOLDER(only_the_newest_refused_are_kept),
	};

	log_open("registry_refused", false);
	return (
	    cmocka_run_group_tests_name("registry_refused", tests, NULL, NULL));
}
