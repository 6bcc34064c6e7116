/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/history.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/error.h"
#include "tests/unit/folder.h"
#include "tests/unit/historic.h"
#include "tests/unit/sample.h"

static void
rebuild(struct history_update *update, long keep)
{
	struct error err;

	if (history_update_rebuild(update, keep * NS_PER_S, &err) == -1)
		fail_msg("%s", err.text);
}

static void
rebuild_keeps_what_is_older_in_every_archive(void **state)
{
	static const struct {
		const char *cf;
		long row;
	} archives[] = {{"AVERAGE", 60}, {"AVERAGE", 300}, {"MIN", 300},
	    {"MAX", 300}, {"AVERAGE", 3600}, {"MIN", 3600}, {"MAX", 3600},
	    {"AVERAGE", 86400}, {"MIN", 86400}, {"MAX", 86400}};
	char *before = folder_path(state, "before.rrd");
	char *path = folder_path(state, "b.rrd");
	struct history_update *update = historic_update(before);

	historic_add_many(update, 0, 2000);
	historic_append(update);
	update = historic_update(path);
	historic_add_many(update, 0, 2000);
	historic_append(update);
	update = historic_update(path);
	historic_add_many(update, 1440, 2000);
	rebuild(update, MIDNIGHT);
	for (size_t i = 0; i < sizeof(archives) / sizeof(*archives); i++) {
		long row = archives[i].row;

		for (long t = row; t <= DAY + 3600; t += row * 11) {
			double a = historic_fetch(before, archives[i].cf, row,
			    MIDNIGHT - DAY + t, "rtt_max");
			double b = historic_fetch(path, archives[i].cf, row,
			    MIDNIGHT - DAY + t, "rtt_max");

			if (!(a == b || (isnan(a) && isnan(b))))
				fail_msg("%s of %ld s at %ld: %g, was %g",
				    archives[i].cf, row, t, b, a);
		}
	}
	free(before);
	free(path);
}

static void
rebuild_takes_a_late_bin_in(void **state)
{
	char *path = folder_path(state, "b.rrd");
	struct history_update *update = historic_update(path);

	historic_add(update, MIDNIGHT - 60, 5, 5, NS_PER_MS);
	historic_add(update, MIDNIGHT, 10, 10, NS_PER_MS);
	historic_add(update, MIDNIGHT + 120, 20, 20, NS_PER_MS);
	historic_append(update);
	update = historic_update(path);
	historic_add(update, MIDNIGHT, 11, 10, NS_PER_MS);
	historic_add(update, MIDNIGHT + 60, 12, 10, NS_PER_MS);
	historic_add(update, MIDNIGHT + 120, 20, 20, NS_PER_MS);
	rebuild(update, MIDNIGHT);
	historic_expect(path, "AVERAGE", 60, MIDNIGHT, "sent", 5);
	historic_expect(path, "AVERAGE", 60, MIDNIGHT + 60, "sent", 11);
	historic_expect(path, "AVERAGE", 60, MIDNIGHT + 120, "sent", 12);
	historic_expect(path, "AVERAGE", 60, MIDNIGHT + 180, "sent", 20);
	free(path);
}

static void
new_metric_does_not_fit_until_rebuilt(void **state)
{
	char *path = folder_path(state, "b.rrd");
	struct history_update *update = historic_update(path);
	nanoseconds last;

	assert_true(history_fits(path, &sample_manifest, MINUTE, &last));
	assert_int_equal(last, 0);
	historic_add(update, MIDNIGHT - 60, 10, 10, NS_PER_MS);
	historic_append(update);
	assert_true(history_fits(path, &sample_manifest, MINUTE, &last));
	assert_int_equal(last, MIDNIGHT * NS_PER_S);
	assert_false(history_fits(path, &sample_newer, MINUTE, &last));
	update = history_update_new(path, &sample_newer, MINUTE);
	rebuild(update, MIDNIGHT);
	assert_true(history_fits(path, &sample_newer, MINUTE, &last));
	/* and whoever knows only the older manifest can go on */
	assert_true(history_fits(path, &sample_manifest, MINUTE, &last));
	historic_expect(path, "AVERAGE", 60, MIDNIGHT, "sent", 10);
	historic_expect(path, "AVERAGE", 60, MIDNIGHT, "late", NAN);
	free(path);
}

static void
another_step_keeps_the_coarser_rows(void **state)
{
	char *path = folder_path(state, "b.rrd");
	struct history_update *update = historic_update(path);
	nanoseconds last;

	historic_add_many(update, 0, 1440);
	historic_append(update);
	assert_false(history_fits(path, &sample_manifest, 5 * MINUTE, &last));
	update = history_update_new(path, &sample_manifest, 5 * MINUTE);
	historic_add(update, MIDNIGHT, 77, 10, NS_PER_MS);
	rebuild(update, MIDNIGHT);
	assert_true(history_fits(path, &sample_manifest, 5 * MINUTE, &last));
	historic_expect(path, "AVERAGE", 300, MIDNIGHT - DAY + 600, "sent", 8);
	historic_expect(
	    path, "AVERAGE", 3600, MIDNIGHT - DAY + 3600, "sent", 29);
	historic_expect(path, "AVERAGE", 300, MIDNIGHT + 300, "sent", 77);
	free(path);
}

static void
damaged_file_is_put_aside(void **state)
{
	char *path = folder_path(state, "b.rrd");
	char *aside = folder_path(state, "b.rrd.damaged");
	struct history_update *update = historic_update(path);
	nanoseconds last;
	FILE *out;

	historic_add(update, MIDNIGHT, 10, 10, NS_PER_MS);
	historic_append(update);
	out = fopen(path, "r+");
	assert_non_null(out);
	fputs("not an RRD", out);
	fclose(out);
	assert_false(history_fits(path, &sample_manifest, MINUTE, &last));
	update = historic_update(path);
	historic_add(update, MIDNIGHT + 60, 20, 20, NS_PER_MS);
	rebuild(update, MIDNIGHT);
	historic_expect(path, "AVERAGE", 60, MIDNIGHT + 120, "sent", 20);
	assert_int_equal(access(aside, F_OK), 0);
	free(aside);
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(rebuild_keeps_what_is_older_in_every_archive),
	    IN_FOLDER(rebuild_takes_a_late_bin_in),
	    IN_FOLDER(new_metric_does_not_fit_until_rebuilt),
	    IN_FOLDER(another_step_keeps_the_coarser_rows),
	    IN_FOLDER(damaged_file_is_put_aside),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
