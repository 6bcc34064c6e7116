/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "collector/renames.h"
#include "common/error.h"
#include "common/log.h"
#include "tests/unit/folder.h"
#include "tests/unit/registered.h"

static void
renamed_member_keeps_all_it_had(void **state)
{
	struct renames renames = {NULL, 0};
	char box[NAME_TEXT], mark[NAME_TEXT];
	int64_t done;
	struct registry *registry = registered_token(state);
	struct registry_box *boxes;
	struct error err;

	registered_enrol(registry, "key1", "f1");
	registry_alive(registry, "lon", NOW + 5);
	renames_add(&renames, 5, "par", "paris");
	renames_add(&renames, 6, "lon", "london");
	assert_int_equal(registry_follow(registry, &renames, &done, &err), 1);
	assert_true(done == 0);
	assert_int_equal(registry_follow(registry, &renames, &done, &err), 0);
	assert_true(done == 6);
	renames_clear(&renames);
	assert_true(registry_find(registry, "f1", box, mark));
	assert_string_equal(box, "london");
	assert_string_equal(mark, "lon");
	assert_true(registry_is_member(registry, "london", "f1"));
	assert_false(registry_is_member(registry, "lon", "f1"));
	assert_int_equal(registry_boxes(registry, &boxes, &err), 1);
	assert_string_equal(boxes[0].name, "london");
	assert_true(boxes[0].heard == NOW + 5);
	assert_true(boxes[0].until == NOW + 90 * DAY);
	registry_boxes_free(boxes, 1);
	registry_free(registry);
}

static void
enrol_as(struct registry *registry, const char *name, const char *fingerprint)
{
	uint8_t its_own[32] = {(uint8_t)name[0], (uint8_t)fingerprint[1]};
	struct error err;

	assert_int_equal(
	    registry_add_token(registry, name, its_own, NOW, NOW + DAY, &err),
	    0);
	assert_int_equal(registry_enrol(registry, its_own,
			     &(const struct registry_certificate){name, "PEM",
				 fingerprint, fingerprint, NOW + 90 * DAY},
			     NOW, &err),
	    0);
}

static void
expect_box(struct registry *registry, const char *fingerprint, const char *name,
    const char *mark)
{
	char box[NAME_TEXT], its_mark[NAME_TEXT];

	assert_true(registry_find(registry, fingerprint, box, its_mark));
	assert_string_equal(box, name);
	assert_string_equal(its_mark, mark);
}

static void
members_change_names_and_move_up(void **state)
{
	struct registry *registry = registered_open(state, false);
	struct renames renames = {NULL, 0};
	struct error err;
	int64_t done;

	enrol_as(registry, "a", "f1");
	enrol_as(registry, "b", "f2");
	enrol_as(registry, "c", "f3");
	renames_add(&renames, 3, "a", "b");
	renames_add(&renames, 3, "b", "a");
	renames_add(&renames, 4, "c", "d");
	renames_add(&renames, 4, "b", "c");
	assert_int_equal(registry_follow(registry, &renames, &done, &err), 4);
	expect_box(registry, "f1", "c", "a");
	expect_box(registry, "f2", "a", "b");
	expect_box(registry, "f3", "d", "c");
	registry_free(registry);
	/* and not again by the next intake */
	registry = registered_open(state, false);
	assert_int_equal(registry_follow(registry, &renames, &done, &err), 0);
	expect_box(registry, "f2", "a", "b");
	renames_clear(&renames);
	registry_free(registry);
}

static void
old_name_is_free_and_its_next_box_another(void **state)
{
	struct registry *registry = registered_open(state, false);
	struct renames renames = {NULL, 0};
	char box[NAME_TEXT], mark[NAME_TEXT];
	struct error err;
	int64_t done;

	enrol_as(registry, "lon", "f1");
	renames_add(&renames, 3, "lon", "london");
	assert_int_equal(registry_follow(registry, &renames, &done, &err), 1);
	enrol_as(registry, "lon", "f2");
	expect_box(registry, "f1", "london", "lon");
	assert_true(registry_find(registry, "f2", box, mark));
	assert_string_equal(box, "lon");
	assert_string_not_equal(mark, "lon");
	/* two members cannot become one */
	renames_add(&renames, 4, "lon", "london");
	assert_int_equal(registry_follow(registry, &renames, &done, &err), 0);
	expect_box(registry, "f1", "london", "lon");
	expect_box(registry, "f2", "lon", mark);
	/* the place of one that was removed is free */
	assert_int_equal(registry_remove(registry, "london", NOW, &err), 1);
	renames_add(&renames, 5, "lon", "london");
	assert_int_equal(registry_follow(registry, &renames, &done, &err), 1);
	expect_box(registry, "f2", "london", mark);
	assert_false(registry_find(registry, "f1", box, mark));
	renames_clear(&renames);
	registry_free(registry);
}

/* Each is asked for before and after. */
static void
who_was_found_is_found_anew_after_a_change(void **state)
{
	struct registry *registry = registered_open(state, false);
	struct renames renames = {NULL, 0};
	char box[NAME_TEXT], mark[NAME_TEXT];
	struct error err;
	int64_t done;

	assert_false(registry_find(registry, "f1", box, mark));
	enrol_as(registry, "lon", "f1");
	expect_box(registry, "f1", "lon", "lon");
	assert_false(registry_find(registry, "f2", box, mark));
	registered_renew(registry, "f2", NOW + 1);
	expect_box(registry, "f2", "lon", "lon");
	expect_box(registry, "f1", "lon", "lon");
	renames_add(&renames, 3, "lon", "london");
	assert_int_equal(registry_follow(registry, &renames, &done, &err), 1);
	renames_clear(&renames);
	expect_box(registry, "f1", "london", "lon");
	expect_box(registry, "f1", "london", "lon");
	assert_int_equal(registry_remove(registry, "london", NOW, &err), 1);
	assert_false(registry_find(registry, "f1", box, mark));
	assert_false(registry_find(registry, "f2", box, mark));
	registry_free(registry);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(renamed_member_keeps_all_it_had),
	    IN_FOLDER(members_change_names_and_move_up),
	    IN_FOLDER(old_name_is_free_and_its_next_box_another),
	    IN_FOLDER(who_was_found_is_found_anew_after_a_change),
	};

	log_open("registry_rename", false);
	return (
	    cmocka_run_group_tests_name("registry_rename", tests, NULL, NULL));
}
