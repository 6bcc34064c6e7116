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
#include "common/memory.h"
#include "tests/unit/folder.h"
#include "tests/unit/sample.h"

#define DAY INT64_C(86400)
#define MIDNIGHT (20778 * DAY) /* 2026-11-21 */
#define MINUTE (60 * NS_PER_S)
#define MS NS_PER_MS

static void
add(struct history_update *update, long start, int sent, int received,
    nanoseconds unit)
{
	struct bundle *bundle =
	    sample_bundle(&sample_manifest, sent, received, unit);

	history_update_add(update, start * NS_PER_S, bundle);
	bundle_free(bundle);
}

static struct history_update *
update_of(const char *path)
{
	return (history_update_new(path, &sample_manifest, MINUTE));
}

static void
append(struct history_update *update)
{
	struct error err;

	if (history_update_append(update, &err) == -1)
		fail_msg("%s", err.text);
}

static void
rebuild(struct history_update *update, long keep)
{
	struct error err;

	if (history_update_rebuild(update, keep * NS_PER_S, &err) == -1)
		fail_msg("%s", err.text);
}

/* What the rrdtool command says of one data source in the row that ends at
 * `end`: other eyes than ours. */
static double
fetched(const char *path, const char *cf, long row, long end, const char *name)
{
	char *command =
	    memory_print("rrdtool fetch '%s' %s -r %ld -s %ld -e %ld", path, cf,
		row, end - row, end - row);
	FILE *in = popen(command, "r");
	char names[512], line[512], *word, *value, *rest = names, *more;
	double found = -1;

	assert_non_null(in);
	assert_non_null(fgets(names, sizeof(names), in));
	assert_non_null(fgets(line, sizeof(line), in));
	assert_non_null(fgets(line, sizeof(line), in));
	assert_int_equal(strtol(line, NULL, 10), end);
	more = strchr(line, ':') + 1;
	while ((word = strsep(&rest, " \n")) != NULL) {
		if (word[0] == '\0')
			continue;
		while ((value = strsep(&more, " \n"))[0] == '\0')
			continue;
		if (strcmp(word, name) == 0)
			found = strtod(value, NULL);
	}
	pclose(in);
	free(command);
	return (found);
}

static void
close_to(double found, double expected)
{
	if (!(fabs(found - expected) <= 1e-9 * fabs(expected)))
		fail_msg("found %.12g, expected %.12g", found, expected);
}

static void
bins_become_rows(void **state)
{
	char *path = folder_path(state, "t/4/a/b.rrd");
	struct history_update *update = update_of(path);

	add(update, MIDNIGHT, 10, 10, MS);
	add(update, MIDNIGHT + 60, 10, 5, 2 * MS);
	add(update, MIDNIGHT + 120, 10, 0, MS);
	append(update);
	close_to(fetched(path, "AVERAGE", 60, MIDNIGHT + 60, "sent"), 10);
	close_to(fetched(path, "AVERAGE", 60, MIDNIGHT + 60, "rtt_p50"), 0.005);
	close_to(fetched(path, "AVERAGE", 60, MIDNIGHT + 120, "lost"), 5);
	close_to(fetched(path, "AVERAGE", 60, MIDNIGHT + 120, "rtt_min"), .002);
	close_to(fetched(path, "AVERAGE", 60, MIDNIGHT + 120, "rtt_max"), .01);
	close_to(fetched(path, "AVERAGE", 60, MIDNIGHT + 180, "lost"), 10);
	assert_true(
	    isnan(fetched(path, "AVERAGE", 60, MIDNIGHT + 180, "rtt_p50")));
	free(path);
}

static void
quantile_of_few_samples_is_unknown(void **state)
{
	char *path = folder_path(state, "b.rrd");
	struct history_update *update = update_of(path);

	add(update, MIDNIGHT, 10, 10, MS);
	append(update);
	assert_true(
	    isnan(fetched(path, "AVERAGE", 60, MIDNIGHT + 60, "rtt_p95")));
	free(path);
}

static void
missing_bin_is_unknown_and_the_next_is_not(void **state)
{
	char *path = folder_path(state, "b.rrd");
	struct history_update *update = update_of(path);

	add(update, MIDNIGHT, 10, 10, MS);
	add(update, MIDNIGHT + 120, 20, 20, MS);
	append(update);
	update = update_of(path);
	add(update, MIDNIGHT + 600, 30, 30, MS);
	append(update);
	close_to(fetched(path, "AVERAGE", 60, MIDNIGHT + 60, "sent"), 10);
	assert_true(
	    isnan(fetched(path, "AVERAGE", 60, MIDNIGHT + 120, "sent")));
	close_to(fetched(path, "AVERAGE", 60, MIDNIGHT + 180, "sent"), 20);
	for (long t = 240; t <= 600; t += 60)
		assert_true(
		    isnan(fetched(path, "AVERAGE", 60, MIDNIGHT + t, "sent")));
	close_to(fetched(path, "AVERAGE", 60, MIDNIGHT + 660, "sent"), 30);
	free(path);
}

static void
same_bins_again_change_nothing(void **state)
{
	char *path = folder_path(state, "b.rrd");

	for (int i = 0; i < 2; i++) {
		struct history_update *update = update_of(path);

		add(update, MIDNIGHT, 10, 10, MS);
		add(update, MIDNIGHT + 60, 20, 20, MS);
		append(update);
	}
	close_to(fetched(path, "AVERAGE", 60, MIDNIGHT + 60, "sent"), 10);
	close_to(fetched(path, "AVERAGE", 60, MIDNIGHT + 120, "sent"), 20);
	free(path);
}

/* A day and a half of bins of 60 s, of which only each seventh is there; the
 * number sent in bin n is n % 100 + 1. */
static void
add_many(struct history_update *update, long first, long last)
{
	for (long n = first; n < last; n++)
		if (n % 7 == 0)
			add(update, MIDNIGHT - DAY + n * 60, (int)(n % 100) + 1,
			    1, (n % 13 + 1) * MS);
}

static void
coarse_rows_hold_average_minimum_and_maximum(void **state)
{
	char *path = folder_path(state, "b.rrd");
	struct history_update *update = update_of(path);
	long end = MIDNIGHT - DAY + 3600;

	add_many(update, 0, 120);
	append(update);
	/* bins 0, 7, ..., 56: sent 1, 8, ..., 57; rtt 1, 8, 2, 9, 3, ... ms */
	close_to(fetched(path, "AVERAGE", 3600, end, "sent"), 29);
	close_to(fetched(path, "MAX", 3600, end, "sent"), 57);
	close_to(fetched(path, "MIN", 3600, end, "rtt_min"), 0.001);
	close_to(fetched(path, "MAX", 3600, end, "rtt_max"), 0.011);
	/* bin 7 alone */
	close_to(fetched(path, "AVERAGE", 300, end - 3600 + 600, "sent"), 8);
	free(path);
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
	struct history_update *update = update_of(before);

	add_many(update, 0, 2000);
	append(update);
	update = update_of(path);
	add_many(update, 0, 2000);
	append(update);
	update = update_of(path);
	add_many(update, 1440, 2000);
	rebuild(update, MIDNIGHT);
	for (size_t i = 0; i < sizeof(archives) / sizeof(*archives); i++) {
		long row = archives[i].row;

		for (long t = row; t <= DAY + 3600; t += row * 11) {
			double a = fetched(before, archives[i].cf, row,
			    MIDNIGHT - DAY + t, "rtt_max");
			double b = fetched(path, archives[i].cf, row,
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
	struct history_update *update = update_of(path);

	add(update, MIDNIGHT - 60, 5, 5, MS);
	add(update, MIDNIGHT, 10, 10, MS);
	add(update, MIDNIGHT + 120, 20, 20, MS);
	append(update);
	update = update_of(path);
	add(update, MIDNIGHT, 11, 10, MS);
	add(update, MIDNIGHT + 60, 12, 10, MS);
	add(update, MIDNIGHT + 120, 20, 20, MS);
	rebuild(update, MIDNIGHT);
	close_to(fetched(path, "AVERAGE", 60, MIDNIGHT, "sent"), 5);
	close_to(fetched(path, "AVERAGE", 60, MIDNIGHT + 60, "sent"), 11);
	close_to(fetched(path, "AVERAGE", 60, MIDNIGHT + 120, "sent"), 12);
	close_to(fetched(path, "AVERAGE", 60, MIDNIGHT + 180, "sent"), 20);
	free(path);
}

static void
new_metric_does_not_fit_until_rebuilt(void **state)
{
	char *path = folder_path(state, "b.rrd");
	struct history_update *update = update_of(path);
	nanoseconds last;

	assert_true(history_fits(path, &sample_manifest, MINUTE, &last));
	assert_int_equal(last, 0);
	add(update, MIDNIGHT - 60, 10, 10, MS);
	append(update);
	assert_true(history_fits(path, &sample_manifest, MINUTE, &last));
	assert_int_equal(last, MIDNIGHT * NS_PER_S);
	assert_false(history_fits(path, &sample_newer, MINUTE, &last));
	update = history_update_new(path, &sample_newer, MINUTE);
	rebuild(update, MIDNIGHT);
	assert_true(history_fits(path, &sample_newer, MINUTE, &last));
	/* and whoever knows only the older manifest can go on */
	assert_true(history_fits(path, &sample_manifest, MINUTE, &last));
	close_to(fetched(path, "AVERAGE", 60, MIDNIGHT, "sent"), 10);
	assert_true(isnan(fetched(path, "AVERAGE", 60, MIDNIGHT, "late")));
	free(path);
}

static void
another_step_keeps_the_coarser_rows(void **state)
{
	char *path = folder_path(state, "b.rrd");
	struct history_update *update = update_of(path);
	nanoseconds last;

	add_many(update, 0, 1440);
	append(update);
	assert_false(history_fits(path, &sample_manifest, 5 * MINUTE, &last));
	update = history_update_new(path, &sample_manifest, 5 * MINUTE);
	add(update, MIDNIGHT, 77, 10, MS);
	rebuild(update, MIDNIGHT);
	assert_true(history_fits(path, &sample_manifest, 5 * MINUTE, &last));
	close_to(
	    fetched(path, "AVERAGE", 300, MIDNIGHT - DAY + 600, "sent"), 8);
	close_to(
	    fetched(path, "AVERAGE", 3600, MIDNIGHT - DAY + 3600, "sent"), 29);
	close_to(fetched(path, "AVERAGE", 300, MIDNIGHT + 300, "sent"), 77);
	free(path);
}

static void
damaged_file_is_put_aside(void **state)
{
	char *path = folder_path(state, "b.rrd");
	char *aside = folder_path(state, "b.rrd.damaged");
	struct history_update *update = update_of(path);
	nanoseconds last;
	FILE *out;

	add(update, MIDNIGHT, 10, 10, MS);
	append(update);
	out = fopen(path, "r+");
	assert_non_null(out);
	fputs("not an RRD", out);
	fclose(out);
	assert_false(history_fits(path, &sample_manifest, MINUTE, &last));
	update = update_of(path);
	add(update, MIDNIGHT + 60, 20, 20, MS);
	rebuild(update, MIDNIGHT);
	close_to(fetched(path, "AVERAGE", 60, MIDNIGHT + 120, "sent"), 20);
	assert_int_equal(access(aside, F_OK), 0);
	free(aside);
	free(path);
}

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
	struct history_update *update = update_of(path);
	struct history_span span;

	add(update, MIDNIGHT, 10, 10, MS);
	add(update, MIDNIGHT + 120, 10, 5, MS);
	append(update);
	read_span(path, "rtt", MIDNIGHT - 30, MIDNIGHT + 241, 100, &span);
	assert_string_equal(span.consolidation, "bins of 60 s");
	assert_int_equal(span.start, (MIDNIGHT - 60) * NS_PER_S);
	assert_int_equal(span.step, MINUTE);
	assert_int_equal(span.count, 6);
	assert_int_equal(span.columns, 4);
	assert_string_equal(span.names[0], "min");
	assert_string_equal(span.names[1], "p50");
	assert_true(isnan(span.values[6 + 0]));
	close_to(span.values[6 + 1], 0.005);
	assert_true(isnan(span.values[6 + 2]));
	close_to(span.values[6 + 3], 0.003);
	assert_true(isnan(span.values[6 + 4]));
	assert_true(isnan(span.values[6 + 5]));
	close_to(span.values[3 * 6 + 3], 0.005);
	history_span_clear(&span);
	free(path);
}

static void
read_takes_rows_together_as_the_archive_does(void **state)
{
	char *path = folder_path(state, "b.rrd");
	struct history_update *update = update_of(path);
	long start = MIDNIGHT - DAY;
	struct history_span span;

	add_many(update, 0, 1440);
	append(update);
	read_span(path, "rtt", start, MIDNIGHT, 8, &span);
	assert_int_equal(span.step, 3 * 3600 * NS_PER_S);
	assert_int_equal(span.count, 8);
	assert_string_equal(span.consolidation,
	    "AVERAGE, MIN, MAX over 10800 s of bins of 60 s");
	close_to(span.values[0], 0.001);
	close_to(span.values[3 * 8], 0.013);
	history_span_clear(&span);
	read_span(path, "sent", start, start + 3600, 6, &span);
	assert_int_equal(span.step, 600 * NS_PER_S);
	close_to(span.values[0], (1 + 8) / 2.0);
	assert_string_equal(
	    span.consolidation, "AVERAGE over 600 s of bins of 60 s");
	history_span_clear(&span);
	free(path);
}

static void
ratio_is_formed_from_counts(void **state)
{
	char *path = folder_path(state, "b.rrd");
	struct history_update *update = update_of(path);
	struct history_span span;

	add(update, MIDNIGHT, 100, 100, MS);
	add(update, MIDNIGHT + 60, 10, 0, MS);
	append(update);
	read_span(path, "loss", MIDNIGHT, MIDNIGHT + 120, 2, &span);
	assert_int_equal(span.columns, 1);
	assert_string_equal(span.names[0], "ratio");
	close_to(span.values[0], 0);
	close_to(span.values[1], 1);
	history_span_clear(&span);
	read_span(path, "loss", MIDNIGHT, MIDNIGHT + 120, 1, &span);
	assert_int_equal(span.count, 1);
	close_to(span.values[0], 10 / 110.0); /* not (0 + 1) / 2 */
	history_span_clear(&span);
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

static void
path_names_test_family_and_ends(void **state)
{
	const struct bins_key key = {"core-ping", "nyc", "2001:db8::1", 6};
	char *path = history_path("/state/rrd", &key);

	assert_string_equal(path, "/state/rrd/core-ping/6/nyc/2001:db8::1.rrd");
	free(path);
}

/* Bins one by one, each a call of librrd. */
static void
write_all(const char *path, int bins)
{
	struct error err;

	for (int n = 0; n < bins; n++) {
		struct history_update *update = update_of(path);

		add(update, MIDNIGHT + 60 * n, 10, 10, MS);
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
	struct history_update *update = update_of(path);
	int status, reads = 0;
	pid_t writer;

	add(update, MIDNIGHT - 60, 10, 10, MS);
	append(update);
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

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, folder_make, folder_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(bins_become_rows),
	    TEST(quantile_of_few_samples_is_unknown),
	    TEST(missing_bin_is_unknown_and_the_next_is_not),
	    TEST(same_bins_again_change_nothing),
	    TEST(coarse_rows_hold_average_minimum_and_maximum),
	    TEST(rebuild_keeps_what_is_older_in_every_archive),
	    TEST(rebuild_takes_a_late_bin_in),
	    TEST(new_metric_does_not_fit_until_rebuilt),
	    TEST(another_step_keeps_the_coarser_rows),
	    TEST(damaged_file_is_put_aside),
	    TEST(read_gives_bins_where_points_allow),
	    TEST(read_takes_rows_together_as_the_archive_does),
	    TEST(ratio_is_formed_from_counts),
	    TEST(reader_and_writer_wait_for_each_other),
	    TEST(read_of_a_missing_file_is_all_unknown),
	    TEST(read_of_what_has_no_history_says_so),
	    TEST(path_names_test_family_and_ends),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
