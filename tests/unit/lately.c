/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/lately.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/member.h"

static json_object *
add(struct lately *lately, int64_t number)
{
	json_object *record = json_object_new_object();

	member_add_whole(record, "number", number);
	member_add_text(record, "path", "a/\"b\"");
	lately_add(lately, record);
	json_object_put(record);
	return (record);
}

/* They are those from one to another. */
static void
assert_are(const struct lately *lately, int64_t first, int64_t last)
{
	json_object *all = lately_json(lately);

	assert_int_equal(json_object_array_length(all), last - first + 1);
	for (int64_t i = first; i <= last; i++) {
		json_object *record =
		    json_object_array_get_idx(all, (size_t)(i - first));

		assert_int_equal(member_whole_or(record, "number", -1), i);
		assert_string_equal(
		    member_text_or(record, "path", ""), "a/\"b\"");
	}
	json_object_put(all);
}

static void
the_last_ones_are_told_in_order(void **state)
{
	struct lately *lately = lately_new();
	int64_t number = 0;

	assert_are(lately, 1, 0);
	while (number < 3)
		add(lately, ++number);
	assert_are(lately, 1, 3);
	while (number < 2 * LATELY_RECORDS + 5) {
		add(lately, ++number);
		if (number % 7 == 0)
			lately_pack(lately);
	}
	assert_are(lately, number - LATELY_RECORDS + 1, number);
	lately_pack(lately);
	assert_are(lately, number - LATELY_RECORDS + 1, number);
	lately_free(lately);
}

static void
note_end(json_object *record, void *arg)
{
	++*(int *)arg;
}

static void
what_is_packed_is_kept_as_text_alone(void **state)
{
	struct lately *lately = lately_new();
	json_object *record = json_object_new_object();
	int ended = 0;

	json_object_set_userdata(record, &ended, note_end);
	lately_add(lately, record);
	json_object_put(record);
	assert_int_equal(ended, 0);
	lately_pack(lately);
	assert_int_equal(ended, 1);
	lately_pack(lately);
	lately_free(lately);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_last_ones_are_told_in_order),
	    cmocka_unit_test(what_is_packed_is_kept_as_text_alone),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
