/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/sides.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "common/draft.h"
#include "tests/unit/sided.h"

static const char whole[] =
    "{\"sent\":50,\"received\":49,\"lost\":1,\"lost_locally\":0,\"skipped\":0}";

static bool
add_side(struct bundle *bin, bool sender)
{
	return (sender ? sided_add_sent(bin, sided_sent)
		       : sided_add_received(bin, sided_received));
}

static void
two_sides_meet_in_either_order(void **state)
{
	for (int order = 0; order < 2; order++) {
		struct bundle *bin = bundle_new(&sided_manifest);
		double ratio;

		assert_false(add_side(bin, order == 1));
		sided_expect(bin, -1, -1, -1);
		assert_true(add_side(bin, order == 0));
		sided_expect(bin, 100, 2, 1);
		assert_true(sided_sum(bin, "skipped") == 2);
		assert_true(bundle_get(bin, "loss", "ratio", &ratio));
		assert_true(ratio == 0.02);
		/* and but once */
		assert_false(sided_add_sent(bin, sided_sent));
		sided_expect(bin, 100, 2, 1);
		bundle_free(bin);
	}
}

static void
they_meet_when_one_was_stored(void **state)
{
	for (int how = 0; how < 4; how++) {
		struct bundle *bin = bundle_new(&sided_manifest);

		add_side(bin, how >= 2);
		bin = sided_stored(bin, how % 2 == 0);
		assert_true(add_side(bin, how < 2));
		bin = sided_stored(bin, how % 2 == 0);
		sided_expect(bin, 100, 2, 1);
		bundle_free(bin);
	}
}

static void
one_side_alone_claims_nothing(void **state)
{
	struct bundle *bin = bundle_new(&sided_manifest);

	sided_add_received(bin, whole);
	assert_false(sided_add_received(bin, sided_received));
	assert_true(
	    sided_sum(bin, "sent") == 50 && sided_sum(bin, "lost") == 1);
	assert_true(sided_sum(bin, "received") == 49 + 97);
	assert_true(sided_add_sent(bin, sided_sent));
	sided_expect(bin, 150, 3, 1);
	bundle_free(bin);
}

/* The receiver had heard of it in time. */
static void
what_is_said_twice_counts_once(void **state)
{
	for (int order = 0; order < 2; order++) {
		struct bundle *bin = bundle_new(&sided_manifest);

		if (order == 1)
			assert_false(sided_add_sent(bin, sided_sent));
		assert_false(sided_add_received(bin, whole));
		if (order == 0)
			assert_false(sided_add_sent(bin, sided_sent));
		sided_expect(bin, 50, 1, 0);
		bundle_free(bin);
	}
}

/* An interval of three sessions, one of which was stated in time. */
static void
all_that_is_needed_has_to_be_there(void **state)
{
	static const char parts[] =
	    "{\"received\":90,\"open\":[{\"needs\":[\"a/1\",\"b/1\"],"
	    "\"received\":90,\"late\":0,"
	    "\"add\":{\"sent\":30,\"lost_locally\":0,\"skipped\":1}}]}";
	static const char other[] = "{\"open\":[{\"is\":\"b/1\",\"add\":{"
				    "\"sent\":5,\"lost_locally\":2}}]}";
	struct bundle *bin = bundle_new(&sided_manifest);

	assert_false(sided_add_sent(bin, other));
	assert_false(sided_add_received(bin, parts));
	sided_expect(bin, -1, -1, -1);
	assert_true(sided_add_sent(bin, sided_sent));
	sided_expect(bin, 135, 43, 2);
	assert_true(sided_sum(bin, "skipped") == 3);
	bundle_free(bin);
}

/* Of what may have been lost locally no more was than is missing. */
static void
sums_hold_whatever_is_said(void **state)
{
	static const char most[] =
	    "{\"received\":10,\"open\":[{\"needs\":[\"a/1\"],\"received\":10,"
	    "\"late\":2,\"add\":{\"lost_locally\":500}}]}";
	static const char less[] =
	    "{\"open\":[{\"is\":\"a/1\",\"add\":{\"sent\":15}}]}";
	static const char fewer[] =
	    "{\"open\":[{\"is\":\"a/1\",\"add\":{\"sent\":3}}]}";
	struct bundle *bin = bundle_new(&sided_manifest);

	sided_add_received(bin, most);
	assert_true(sided_add_sent(bin, less));
	sided_expect(bin, 15, 2, 3);
	bundle_free(bin);
	bin = bundle_new(&sided_manifest);
	sided_add_received(bin, most);
	assert_true(sided_add_sent(bin, fewer));
	sided_expect(bin, 12, 2, 0);
	bundle_free(bin);
}

/* What the path may have lost of it shrinks with what was lost locally. */
static void
what_is_unsure_is_no_more_than_was_lost_locally(void **state)
{
	static const char maybe[] =
	    "{\"received\":10,\"open\":[{\"needs\":[\"a/1\"],\"received\":10,"
	    "\"late\":0,\"add\":{\"lost_locally\":9,\"lost_unsure\":6}}]}";

	for (int missing = 0; missing < 15; missing++) {
		struct bundle *bin = bundle_new(&sided_manifest);
		int locally = missing < 9 ? missing : 9;
		char text[100];

		snprintf(text, sizeof(text),
		    "{\"open\":[{\"is\":\"a/1\",\"add\":{\"sent\":%d}}]}",
		    10 + missing);
		sided_add_received(bin, maybe);
		assert_true(sided_add_sent(bin, text));
		sided_expect(bin, 10 + missing, missing - locally, locally);
		assert_true(sided_sum(bin, "lost_unsure") ==
			    (locally > 3 ? locally - 3 : 0));
		bundle_free(bin);
	}
}

static void
what_is_no_side_is_left_out(void **state)
{
	static const char *const wrong[] = {"{}", "[1]", "[{}]",
	    "[{\"is\":1,\"add\":{}}]", "[{\"is\":\"a/1\"}]",
	    "[{\"needs\":[],\"add\":{}}]", "[{\"needs\":[1],\"add\":{}}]",
	    "[{\"is\":\"a/1\",\"add\":{\"sent\":-1}}]",
	    "[{\"is\":\"a/1\",\"add\":{\"sent\":1e3}}]",
	    "[{\"is\":\"a/1\",\"add\":{\"sent\":9223372036854775807}}]",
	    "[{\"is\":\"a/1\",\"add\":{\"a name that is far too long\":1}}]",
	    "[{\"needs\":[\"a\"],\"received\":-1,\"add\":{}}]",
	    "[{\"is\":\"0123456789012345678901234567890123456789"
	    "012345678901234567890123\",\"add\":{}}]"};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct bundle *bin = bundle_new(&sided_manifest);
		char text[256];

		snprintf(text, sizeof(text), "{\"open\":%s}", wrong[i]);
		sided_add_sent(bin, text);
		sided_add_received(bin, sided_received);
		sided_expect(bin, -1, -1, -1);
		bundle_free(bin);
	}
}

/* Of those that nobody comes for the last ones stay. */
static void
no_more_wait_than_there_is_room_for(void **state)
{
	struct bundle *bin = bundle_new(&sided_manifest);
	struct draft draft = {0};
	char text[100];

	assert_false(sided_add_sent(bin, sided_sent));
	for (int i = 0; i < 10 * SIDES_MOST; i++) {
		snprintf(text, sizeof(text),
		    "{\"open\":[{\"is\":\"b/%d\",\"add\":{\"sent\":1}}]}", i);
		assert_false(sided_add_sent(bin, text));
	}
	bundle_write(bin, &draft);
	assert_true(draft.length < SIDES_MOST * 40);
	draft_clear(&draft);
	assert_false(sided_add_received(bin, sided_received));
	bundle_free(bin);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(two_sides_meet_in_either_order),
	    cmocka_unit_test(they_meet_when_one_was_stored),
	    cmocka_unit_test(one_side_alone_claims_nothing),
	    cmocka_unit_test(what_is_said_twice_counts_once),
	    cmocka_unit_test(all_that_is_needed_has_to_be_there),
	    cmocka_unit_test(sums_hold_whatever_is_said),
	    cmocka_unit_test(what_is_unsure_is_no_more_than_was_lost_locally),
	    cmocka_unit_test(what_is_no_side_is_left_out),
	    cmocka_unit_test(no_more_wait_than_there_is_room_for),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
