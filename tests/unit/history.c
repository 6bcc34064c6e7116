/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/history.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/folder.h"
#include "tests/unit/historic.h"

static void
bins_become_rows(void **state)
{
	char *path = folder_path(state, "t/4/a/b.rrd");
	struct history_update *update = historic_update(path);

	historic_add(update, MIDNIGHT, 10, 10, NS_PER_MS);
	historic_add(update, MIDNIGHT + 60, 10, 5, 2 * NS_PER_MS);
	historic_add(update, MIDNIGHT + 120, 10, 0, NS_PER_MS);
	historic_append(update);
	historic_expect(path, "AVERAGE", 60, MIDNIGHT + 60, "sent", 10);
	historic_expect(path, "AVERAGE", 60, MIDNIGHT + 60, "rtt_p50", 0.005);
	historic_expect(path, "AVERAGE", 60, MIDNIGHT + 120, "lost", 5);
	historic_expect(path, "AVERAGE", 60, MIDNIGHT + 120, "rtt_min", .002);
	historic_expect(path, "AVERAGE", 60, MIDNIGHT + 120, "rtt_max", .01);
	historic_expect(path, "AVERAGE", 60, MIDNIGHT + 180, "lost", 10);
	historic_expect(path, "AVERAGE", 60, MIDNIGHT + 180, "rtt_p50", NAN);
	free(path);
}

static void
quantile_of_few_samples_is_unknown(void **state)
{
	char *path = folder_path(state, "b.rrd");
	struct history_update *update = historic_update(path);

	historic_add(update, MIDNIGHT, 10, 10, NS_PER_MS);
	historic_append(update);
	historic_expect(path, "AVERAGE", 60, MIDNIGHT + 60, "rtt_p95", NAN);
	free(path);
}

static void
missing_bin_is_unknown_and_the_next_is_not(void **state)
{
	char *path = folder_path(state, "b.rrd");
	struct history_update *update = historic_update(path);

	historic_add(update, MIDNIGHT, 10, 10, NS_PER_MS);
	historic_add(update, MIDNIGHT + 120, 20, 20, NS_PER_MS);
	historic_append(update);
	update = historic_update(path);
	historic_add(update, MIDNIGHT + 600, 30, 30, NS_PER_MS);
	historic_append(update);
	historic_expect(path, "AVERAGE", 60, MIDNIGHT + 60, "sent", 10);
	historic_expect(path, "AVERAGE", 60, MIDNIGHT + 120, "sent", NAN);
	historic_expect(path, "AVERAGE", 60, MIDNIGHT + 180, "sent", 20);
	for (long t = 240; t <= 600; t += 60)
		historic_expect(path, "AVERAGE", 60, MIDNIGHT + t, "sent", NAN);
	historic_expect(path, "AVERAGE", 60, MIDNIGHT + 660, "sent", 30);
	free(path);
}

static void
same_bins_again_change_nothing(void **state)
{
	char *path = folder_path(state, "b.rrd");

	for (int i = 0; i < 2; i++) {
		struct history_update *update = historic_update(path);

		historic_add(update, MIDNIGHT, 10, 10, NS_PER_MS);
		historic_add(update, MIDNIGHT + 60, 20, 20, NS_PER_MS);
		historic_append(update);
	}
	historic_expect(path, "AVERAGE", 60, MIDNIGHT + 60, "sent", 10);
	historic_expect(path, "AVERAGE", 60, MIDNIGHT + 120, "sent", 20);
	free(path);
}

static void
coarse_rows_hold_average_minimum_and_maximum(void **state)
{
	char *path = folder_path(state, "b.rrd");
	struct history_update *update = historic_update(path);
	long end = MIDNIGHT - DAY + 3600;

	historic_add_many(update, 0, 120);
	historic_append(update);
	/* bins 0, 7, ..., 56: sent 1, 8, ..., 57; rtt 1, 8, 2, 9, 3, ... ms */
	historic_expect(path, "AVERAGE", 3600, end, "sent", 29);
	historic_expect(path, "MAX", 3600, end, "sent", 57);
	historic_expect(path, "MIN", 3600, end, "rtt_min", 0.001);
	historic_expect(path, "MAX", 3600, end, "rtt_max", 0.011);
	/* bin 7 alone */
	historic_expect(path, "AVERAGE", 300, end - 3600 + 600, "sent", 8);
	free(path);
}

static void
path_names_test_family_and_ends(void **state)
{
	const struct bins_key key = {"core-ping", "nyc", "2001:db8::1", 6};
	char *path = history_path("/state/rrd", &key);

	assert_string_equal(path, "/state/rrd/core-ping/6/nyc/2001:db8::1.rrd");
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(bins_become_rows),
	    IN_FOLDER(quantile_of_few_samples_is_unknown),
	    IN_FOLDER(missing_bin_is_unknown_and_the_next_is_not),
	    IN_FOLDER(same_bins_again_change_nothing),
	    IN_FOLDER(coarse_rows_hold_average_minimum_and_maximum),
	    cmocka_unit_test(path_names_test_family_and_ends),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
