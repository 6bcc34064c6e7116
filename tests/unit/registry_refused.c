/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/registry_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

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

/* On a full disk: a certificate does not fit. */
static void
fail_to_enrol(struct registry *registry)
{
	static char pem[100000];
	struct error err;

	memset(pem, 'a', sizeof(pem) - 1);
	assert_int_equal(
	    database_run(registry->db, "PRAGMA max_page_count = 1", &err), 0);
	assert_int_equal(registry_enrol(registry, registered_other,
			     &(const struct registry_certificate){
				 "lon", pem, "f2", "key2", NOW + DAY},
			     NOW, &err),
	    -1);
	assert_non_null(strstr(err.text, "full"));
	assert_int_equal(
	    database_run(registry->db, "PRAGMA max_page_count = 10000", &err),
	    0);
}

static void
refused_records_that_were_undone_are_missed_at_their_commit(void **state)
{
	struct registry *registry = registered_token(state);
	struct error err;

	registered_enrol(registry, "key1", "f1");
	assert_int_equal(registry_add_token(registry, "lon", registered_other,
			     NOW, NOW + DAY, &err),
	    0);
	assert_int_equal(
	    registry_refuse(registry, "lon", "line", "why", NOW, &err), 0);
	fail_to_enrol(registry);
	assert_int_equal(registry_commit(registry, &err), 0);
	assert_int_equal(registry_commit_refused(registry, &err), -1);
	assert_non_null(strstr(err.text, "undone"));
	assert_int_equal(registered_box(registry).refused, 0);

	assert_int_equal(
	    registry_refuse(registry, "lon", "line", "why", NOW, &err), 0);
	assert_int_equal(registry_commit_refused(registry, &err), 0);
	fail_to_enrol(registry); /* they are on disk */
	assert_int_equal(registry_commit_refused(registry, &err), 0);
	assert_int_equal(registered_box(registry).refused, 1);
	registry_free(registry);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(refused_records_are_counted_once),
	    IN_FOLDER(only_the_newest_refused_are_kept),
	    IN_FOLDER(
		refused_records_that_were_undone_are_missed_at_their_commit),
	};

	log_open("registry_refused", false);
	return (
	    cmocka_run_group_tests_name("registry_refused", tests, NULL, NULL));
}
