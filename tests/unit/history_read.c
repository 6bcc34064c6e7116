/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/history.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/error.h"
#include "tests/unit/folder.h"
#include "tests/unit/historic.h"
#include "tests/unit/sample.h"

static void
read_span(const char *path, const char *metric, long from, long to,
    size_t points, struct history_span *span)
{
	struct error err;

	if (history_read(path, &sample_manifest, metric, MINUTE,
		from * NS_PER_S, to * NS_PER_S, points, span, &err) == -1)
		fail_msg("%s", err.text);
}

static void
read_gives_bins_where_points_allow(void **state)
{
	char *path = folder_path(state, "b.rrd");
	struct history_update *update = historic_update(path);
	struct history_span span;

	historic_add(update, MIDNIGHT, 10, 10, NS_PER_MS);
	historic_add(update, MIDNIGHT + 120, 10, 5, NS_PER_MS);
	historic_append(update);
	read_span(path, "rtt", MIDNIGHT - 30, MIDNIGHT + 241, 100, &span);
	assert_string_equal(span.consolidation, "bins of 60 s");
	assert_int_equal(span.start, (MIDNIGHT - 60) * NS_PER_S);
	assert_int_equal(span.step, MINUTE);
	assert_int_equal(span.count, 6);
	assert_int_equal(span.columns, 4);
	assert_string_equal(span.names[0], "min");
	assert_string_equal(span.names[1], "p50");
	assert_true(isnan(span.values[6 + 0]));
	historic_close(span.values[6 + 1], 0.005);
	assert_true(isnan(span.values[6 + 2]));
	historic_close(span.values[6 + 3], 0.003);
	assert_true(isnan(span.values[6 + 4]));
	assert_true(isnan(span.values[6 + 5]));
	historic_close(span.values[3 * 6 + 3], 0.005);
	history_span_clear(&span);
	free(path);
}

static void
read_takes_rows_together_as_the_archive_does(void **state)
{
	char *path = folder_path(state, "b.rrd");
	struct history_update *update = historic_update(path);
	long start = MIDNIGHT - DAY;
	struct history_span span;

	historic_add_many(update, 0, 1440);
	historic_append(update);
	read_span(path, "rtt", start, MIDNIGHT, 8, &span);
	assert_int_equal(span.step, 3 * 3600 * NS_PER_S);
	assert_int_equal(span.count, 8);
	assert_string_equal(span.consolidation,
	    "AVERAGE, MIN, MAX over 10800 s of bins of 60 s");
	historic_close(span.values[0], 0.001);
	historic_close(span.values[3 * 8], 0.013);
	history_span_clear(&span);
	read_span(path, "sent", start, start + 3600, 6, &span);
	assert_int_equal(span.step, 600 * NS_PER_S);
	historic_close(span.values[0], (1 + 8) / 2.0);
	assert_string_equal(
	    span.consolidation, "AVERAGE over 600 s of bins of 60 s");
	history_span_clear(&span);
	free(path);
}

static void
ratio_is_formed_from_counts(void **state)
{
	char *path = folder_path(state, "b.rrd");
	struct history_update *update = historic_update(path);
	struct history_span span;

	historic_add(update, MIDNIGHT, 100, 100, NS_PER_MS);
	historic_add(update, MIDNIGHT + 60, 10, 0, NS_PER_MS);
	historic_append(update);
	read_span(path, "loss", MIDNIGHT, MIDNIGHT + 120, 2, &span);
	assert_int_equal(span.columns, 1);
	assert_string_equal(span.names[0], "ratio");
	historic_close(span.values[0], 0);
	historic_close(span.values[1], 1);
	history_span_clear(&span);
	read_span(path, "loss", MIDNIGHT, MIDNIGHT + 120, 1, &span);
	assert_int_equal(span.count, 1);
	historic_close(span.values[0], 10 / 110.0); /* not (0 + 1) / 2 */
	history_span_clear(&span);
	free(path);
}

/* Bins one by one, each a call of librrd. */
static void
write_all(const char *path, int bins)
{
	struct error err;

	for (int n = 0; n < bins; n++) {
		struct history_update *update = historic_update(path);

		historic_add(update, MIDNIGHT + 60 * n, 10, 10, NS_PER_MS);
		if (history_update_append(update, &err) == -1) {
			fprintf(stderr, "%s\n", err.text);
			_exit(1);
		}
	}
	_exit(0);
}

static void
reader_and_writer_wait_for_each_other(void **state)
{
	char *path = folder_path(state, "t/4/a/b.rrd");
	struct history_update *update = historic_update(path);
	int status, reads = 0;
	pid_t writer;

	historic_add(update, MIDNIGHT - 60, 10, 10, NS_PER_MS);
	historic_append(update);
	if ((writer = fork()) == 0)
		write_all(path, 2000);
	while (waitpid(writer, &status, WNOHANG) == 0) {
		struct history_span span;
		struct error err;
		nanoseconds last;

		if (history_read(path, &sample_manifest, "sent", MINUTE,
			(MIDNIGHT - 60) * NS_PER_S, MIDNIGHT * NS_PER_S, 10,
			&span, &err) == -1)
			fail_msg("%s, after %d reads", err.text, reads);
		assert_true(span.values[0] == 10);
		history_span_clear(&span);
		assert_true(
		    history_fits(path, &sample_manifest, MINUTE, &last));
		reads++;
	}
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	free(path);
}

static void
read_of_a_missing_file_is_all_unknown(void **state)
{
	char *path = folder_path(state, "b.rrd");
	struct history_span span;

	read_span(path, "rtt", MIDNIGHT, MIDNIGHT + 600, 100, &span);
	assert_int_equal(span.count, 10);
	for (size_t i = 0; i < 4 * span.count; i++)
		assert_true(isnan(span.values[i]));
	history_span_clear(&span);
	free(path);
}

static void
read_of_what_has_no_history_says_so(void **state)
{
	char *path = folder_path(state, "b.rrd");
	struct history_span span;
	struct error err;

	assert_int_equal(history_read(path, &sample_manifest, "error", MINUTE,
			     0, MINUTE, 1, &span, &err),
	    -1);
	assert_non_null(strstr(err.text, "no number"));
	assert_int_equal(history_read(path, &sample_manifest, "speed", MINUTE,
			     0, MINUTE, 1, &span, &err),
	    -1);
	assert_non_null(strstr(err.text, "no metric \"speed\""));
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(read_gives_bins_where_points_allow),
	    IN_FOLDER(read_takes_rows_together_as_the_archive_does),
	    IN_FOLDER(ratio_is_formed_from_counts),
	    IN_FOLDER(reader_and_writer_wait_for_each_other),
	    IN_FOLDER(read_of_a_missing_file_is_all_unknown),
	    IN_FOLDER(read_of_what_has_no_history_says_so),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
