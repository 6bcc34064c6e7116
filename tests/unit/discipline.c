/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/discipline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/timex.h>

#include <cmocka.h>

#include "common/member.h"

static void
expect_json(const struct discipline *state, const char *text)
{
	json_object *o = discipline_json(state);

	assert_string_equal(
	    json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN), text);
	json_object_put(o);
}

static void
discipline_without_a_bound_shows_none(void **state)
{
	const struct discipline none = {.source = "none"};
	const struct discipline kernel = {"kernel", true, 0.000012, "tsc"};

	expect_json(&none, "{\"source\":\"none\"}");
	expect_json(&kernel, "{\"source\":\"kernel\",\"error\":0.000012,"
			     "\"clocksource\":\"tsc\"}");
}

static void
discipline_believes_the_kernel_only_in_sync(void **state)
{
	struct timex kernel = {.modes = 0};
	int verdict = ntp_adjtime(&kernel);
	struct discipline now;

	discipline_read(&now);
	if (verdict == -1 || verdict == TIME_ERROR ||
	    kernel.maxerror >= 16000000) {
		assert_string_equal(now.source, "none");
		assert_false(now.bounded);
		return;
	}
	assert_string_equal(now.source, "kernel");
	assert_true(now.bounded);
	assert_true(now.error > 0 && now.error < 16);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(discipline_without_a_bound_shows_none),
	    cmocka_unit_test(discipline_believes_the_kernel_only_in_sync),
	};

	return (cmocka_run_group_tests_name("discipline", tests, NULL, NULL));
}
