/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/bins.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/log.h"
#include "tests/unit/formats.h"
#include "tests/unit/rolled.h"

static void
bins_of_format_1_are_rolled_up(void **state)
{
	struct binned *stage = *state;
	struct rolled seen;
	struct error err;

	bins_free(stage->bins);
	stage->bins = NULL;
	assert_int_equal(unlink(stage->path), 0);
	formats_make(stage->path, "bins-1.sql");
	assert_null(bins_open(stage->path, true, &err));
	assert_non_null(strstr(err.text, "format 1 is older than format"));
	binned_reopen(stage, false);
	assert_int_equal(bins_checkpoint(stage->bins), 17);
	rolled_upto(stage, MIDNIGHT + 3 * ROLLUP_DAY);
	seen = rolled_all(stage, ROLLUP_DAY);
	/* of the day before the horizon bins are missing: it gets no row */
	assert_int_equal(seen.rows, 1);
	assert_int_equal(seen.first, MIDNIGHT);
	assert_true(seen.sent == 30 && seen.lost == 5 && seen.bins == 2);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, binned_make, binned_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(bins_of_format_1_are_rolled_up),
	};

	log_open("bins_format", false);
	return (cmocka_run_group_tests_name("bins_format", tests, NULL, NULL));
}
