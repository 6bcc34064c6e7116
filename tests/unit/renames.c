/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/renames.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/member.h"

/* lon is london at 5, then paris at 9, when the lon of today comes; at 7 nyc and
 * tyo change names. */
static struct renames
some(void)
{
	struct renames renames = {NULL, 0};

	renames_add(&renames, 5, "lon", "london");
	renames_add(&renames, 7, "nyc", "tyo");
	renames_add(&renames, 7, "tyo", "nyc");
	renames_add(&renames, 9, "london", "paris");
	return (renames);
}

static void
name_is_followed_from_the_fleet_it_is_of(void **state)
{
	struct renames renames = some();

	assert_string_equal(renames_now(&renames, "lon", 0), "paris");
	assert_string_equal(renames_now(&renames, "lon", 4), "paris");
	assert_string_equal(renames_now(&renames, "lon", 5), "lon");
	assert_string_equal(renames_now(&renames, "london", 5), "paris");
	assert_string_equal(renames_now(&renames, "london", 9), "london");
	assert_string_equal(renames_now(&renames, "rom", 0), "rom");
	renames_clear(&renames);
}

static void
boxes_change_names_with_each_other(void **state)
{
	struct renames renames = some();

	assert_string_equal(renames_now(&renames, "nyc", 6), "tyo");
	assert_string_equal(renames_now(&renames, "tyo", 6), "nyc");
	assert_string_equal(renames_now(&renames, "nyc", 7), "nyc");
	renames_clear(&renames);
}

static void
box_had_the_names_that_it_had(void **state)
{
	struct renames renames = some();

	assert_true(renames_had(&renames, "paris", "lon"));
	assert_true(renames_had(&renames, "paris", "london"));
	assert_false(renames_had(&renames, "london", "lon"));
	assert_true(renames_had(&renames, "nyc", "tyo"));
	assert_false(renames_had(&renames, "nyc", "lon"));
	assert_true(renames_last(&renames) == 9);
	renames_clear(&renames);
	assert_true(renames_last(&renames) == 0);
}

static void
they_are_the_same_after_a_restart(void **state)
{
	struct renames renames = some(), again = {NULL, 0};
	json_object *json = renames_json(&renames);
	static const char bad[] =
	    "[{\"revision\":3,\"was\":\"../x\",\"name\":\"a\"}]";
	struct error err;

	assert_int_equal(renames_parse(&again, json, &err), 0);
	assert_int_equal(again.count, 4);
	assert_string_equal(renames_now(&again, "lon", 0), "paris");
	json_object_put(json);
	renames_clear(&again);
	assert_int_equal(renames_parse(&again, NULL, &err), 0);
	json = member_parse(bad, strlen(bad), &err);
	assert_non_null(json);
	assert_int_equal(renames_parse(&again, json, &err), -1);
	json_object_put(json);
	renames_clear(&again);
	renames_clear(&renames);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(name_is_followed_from_the_fleet_it_is_of),
	    cmocka_unit_test(boxes_change_names_with_each_other),
	    cmocka_unit_test(box_had_the_names_that_it_had),
	    cmocka_unit_test(they_are_the_same_after_a_restart),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
