/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/log.h"
#include "tests/unit/folder.h"
#include "tests/unit/registered.h"

static void
enrolled_member_has_one_certificate(void **state)
{
	struct registry *registry = registered_token(state);

	assert_false(registry_is_member(registry, "lon", "f1"));
	registered_enrol(registry, "key1", "f1");
	assert_true(registry_is_member(registry, "lon", "f1"));
	assert_false(registry_is_member(registry, "nyc", "f1"));
	assert_false(registry_is_member(registry, "lon", "f2"));
	registered_enrol(registry, "key2", "f2");
	assert_true(registry_is_member(registry, "lon", "f2"));
	assert_false(registry_is_member(registry, "lon", "f1"));
	registry_free(registry);
}

static void
renewed_member_has_both_certificates_until_they_expire(void **state)
{
	struct registry *registry = registered_token(state);

	registered_enrol(registry, "key1", "f1");
	registered_renew(registry, "f2", NOW + 60 * DAY);
	assert_true(registry_is_member(registry, "lon", "f1"));
	assert_true(registry_is_member(registry, "lon", "f2"));
	registered_renew(registry, "f3", NOW + 120 * DAY);
	assert_false(registry_is_member(registry, "lon", "f1"));
	assert_true(registry_is_member(registry, "lon", "f2"));
	registered_enrol(registry, "key2", "f4");
	assert_false(registry_is_member(registry, "lon", "f3"));
	registry_free(registry);
}

static void
member_that_renews_without_end_fills_nothing(void **state)
{
	struct registry *registry = registered_token(state);
	char print[8];

	registered_enrol(registry, "key1", "f0");
	for (int i = 1; i <= 2 * REGISTRY_CERTIFICATES; i++) {
		snprintf(print, sizeof(print), "f%d", i);
		registered_renew(registry, print, NOW + i);
		assert_true(registry_is_member(registry, "lon", print));
	}
	assert_false(registry_is_member(registry, "lon", "f0"));
	assert_true(registry_is_member(registry, "lon", "f10"));
	registry_free(registry);
}

static void
removed_member_comes_back_by_a_new_token_only(void **state)
{
	struct registry *registry = registered_token(state);
	struct error err;

	registered_enrol(registry, "key1", "f1");
	assert_int_equal(registry_remove(registry, "nyc", NOW + 1, &err), 0);
	assert_int_equal(registry_remove(registry, "lon", NOW + 1, &err), 1);
	assert_int_equal(registry_remove(registry, "lon", NOW + 2, &err), 0);
	assert_false(registry_is_member(registry, "lon", "f1"));
	assert_true(registry_removed(registry, "lon") == NOW + 1);
	registered_refusal(
	    registry, registered_secret, "key1", NOW + 3, "revoked");
	assert_int_equal(registry_add_token(registry, "lon", registered_other,
			     NOW + 4, NOW + DAY, &err),
	    0);
	registered_enrol(registry, "key2", "f2");
	assert_true(registry_is_member(registry, "lon", "f2"));
	assert_true(registry_removed(registry, "lon") == 0);
	registry_free(registry);
}

static void
readers_see_what_was_committed(void **state)
{
	struct registry *registry = registered_token(state);
	struct registry *reader;
	struct error err;

	registered_enrol(registry, "key1", "f1");
	reader = registered_open(state, true);
	registry_alive(registry, "lon", NOW + 9);
	assert_int_equal(registered_box(reader).heard, 0);
	assert_int_equal(registry_commit(registry, &err), 0);
	assert_int_equal(registered_box(reader).heard, NOW + 9);
	registry_free(reader);
	registry_free(registry);
}

static void
the_time_that_was_seen_is_kept(void **state)
{
	struct registry *registry = registered_open(state, false);
	struct error err;

	assert_int_equal(registry_seen(registry), 0);
	assert_int_equal(registry_see(registry, NOW + DAY, &err), 0);
	assert_int_equal(registry_see(registry, NOW, &err), 0);
	registry_free(registry);
	registry = registered_open(state, true);
	assert_int_equal(registry_seen(registry), NOW);
	registry_free(registry);
}

/* Not for as long as our own clock was wrong, either. */
static void
a_box_heard_at_a_time_to_come_is_silent(void **state)
{
	assert_false(registry_is_silent(NOW, NOW));
	assert_false(registry_is_silent(NOW + REGISTRY_SILENT, NOW));
	assert_false(registry_is_silent(NOW - REGISTRY_SILENT, NOW));
	assert_true(registry_is_silent(NOW - REGISTRY_SILENT - 1, NOW));
	assert_true(registry_is_silent(NOW + REGISTRY_SILENT + 1, NOW));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(enrolled_member_has_one_certificate),
	    IN_FOLDER(renewed_member_has_both_certificates_until_they_expire),
	    IN_FOLDER(member_that_renews_without_end_fills_nothing),
	    IN_FOLDER(removed_member_comes_back_by_a_new_token_only),
	    IN_FOLDER(readers_see_what_was_committed),
	    IN_FOLDER(the_time_that_was_seen_is_kept),
	    cmocka_unit_test(a_box_heard_at_a_time_to_come_is_silent),
	};

	log_open("registry", false);
	return (cmocka_run_group_tests_name("registry", tests, NULL, NULL));
}
