/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/latest.h"

#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/fleet.h"
#include "common/error.h"
#include "tests/unit/folder.h"
#include "tests/unit/sample.h"

#define NOON (20778 * 86400 * NS_PER_S + 43200 * NS_PER_S)
#define MS NS_PER_MS

/* Three boxes, each of which measures the two others. */
static struct fleet_end ends[] = {
    {.name = "lon", .is_box = true},
    {.name = "nyc", .is_box = true},
    {.name = "par", .is_box = true},
};
static size_t axis[] = {0, 1, 2};
static struct fleet_test test = {.name = "core",
    .manifest = &sample_manifest,
    .sources = axis,
    .destinations = axis,
    .source_count = 3,
    .destination_count = 3};
static const struct fleet fleet = {
    .ends = ends, .end_count = 3, .tests = &test, .test_count = 1};

static struct latest *
create(const char *dir, bool expect_made)
{
	struct error err;
	bool made;
	struct latest *latest = latest_create(dir, &fleet, &test, &made, &err);

	if (latest == NULL)
		fail_msg("%s", err.text);
	assert_int_equal(made, expect_made);
	return (latest);
}

static void
set(struct latest *latest, enum latest_window window, size_t source,
    size_t destination, int received)
{
	struct bundle *bundle =
	    sample_bundle(&sample_manifest, 10, received, MS);

	latest_begin(latest);
	latest_finding(latest, source, destination,
	    received > 0 ? OUTCOME_MEASURED : OUTCOME_NO_ANSWER, NOON);
	latest_set(latest, window, source, destination, bundle);
	latest_end(latest);
	bundle_free(bundle);
}

static struct latest_view
view_of(struct latest *latest, enum latest_window window, const char *metric,
    const char *stat)
{
	struct latest_view view;
	struct error err;

	if (latest_view(latest, window, metric, stat, &view, &err) == -1)
		fail_msg("%s", err.text);
	return (view);
}

static double
value_of(struct latest *latest, enum latest_window window, const char *metric,
    const char *stat, size_t cell)
{
	struct latest_view view = view_of(latest, window, metric, stat);
	double value = view.value[cell];

	latest_view_clear(&view);
	return (value);
}

static void
new_file_is_unmeasured(void **state)
{
	struct latest *latest = create(*state, true);
	struct latest_view view = view_of(latest, LATEST_1H, "rtt", "p50");

	assert_int_equal(view.sources, 3);
	assert_int_equal(view.destinations, 3);
	for (size_t i = 0; i < 9; i++) {
		assert_true(isnan(view.value[i]));
		assert_true(view.weight[i] == 0);
		assert_int_equal(view.finding[i], 0);
	}
	latest_view_clear(&view);
	latest_free(latest);
}

static void
reader_sees_what_the_writer_set(void **state)
{
	struct latest *latest = create(*state, true);
	struct latest *reader = latest_open(*state, &fleet, &test, NULL);
	struct latest_view view;

	assert_non_null(reader);
	set(latest, LATEST_LAST, 0, 2, 10);
	view = view_of(reader, LATEST_LAST, "rtt", "p50");
	assert_true(view.value[2] == 0.005);
	assert_true(view.weight[2] == 1);
	assert_int_equal(view.finding[2], NOON);
	assert_int_equal(view.outcome[2], OUTCOME_MEASURED);
	assert_true(isnan(view.value[1]) && isnan(view.value[6]));
	latest_view_clear(&view);
	assert_true(isnan(value_of(reader, LATEST_5M, "rtt", "p50", 2)));
	assert_true(value_of(reader, LATEST_LAST, "lost", "sum", 2) == 0);
	latest_free(reader);
	latest_free(latest);
}

static void
no_answer_has_loss_and_no_delay(void **state)
{
	struct latest *latest = create(*state, true);

	set(latest, LATEST_LAST, 1, 0, 10);
	set(latest, LATEST_LAST, 1, 0, 0);
	assert_true(value_of(latest, LATEST_LAST, "loss", "ratio", 3) == 1);
	assert_true(isnan(value_of(latest, LATEST_LAST, "rtt", "min", 3)));
	latest_free(latest);
}

static void
empty_window_becomes_unmeasured(void **state)
{
	struct latest *latest = create(*state, true);

	set(latest, LATEST_5M, 0, 1, 10);
	assert_true(value_of(latest, LATEST_5M, "sent", "sum", 1) == 10);
	latest_begin(latest);
	latest_set(latest, LATEST_5M, 0, 1, NULL);
	latest_end(latest);
	assert_true(isnan(value_of(latest, LATEST_5M, "sent", "sum", 1)));
	latest_free(latest);
}

static void
failure_is_no_finding(void **state)
{
	struct latest *latest = create(*state, true);
	struct latest_view view;

	set(latest, LATEST_LAST, 0, 1, 10);
	latest_begin(latest);
	assert_false(
	    latest_finding(latest, 0, 1, OUTCOME_FAILED, NOON + 60 * NS_PER_S));
	latest_end(latest);
	view = view_of(latest, LATEST_LAST, "rtt", "p50");
	assert_int_equal(view.finding[1], NOON);
	assert_int_equal(view.outcome[1], OUTCOME_MEASURED);
	latest_view_clear(&view);
	latest_free(latest);
}

static void
older_finding_does_not_replace_a_newer(void **state)
{
	struct latest *latest = create(*state, true);

	latest_begin(latest);
	assert_true(latest_finding(latest, 0, 1, OUTCOME_MEASURED, NOON));
	assert_false(
	    latest_finding(latest, 0, 1, OUTCOME_NO_ANSWER, NOON - NS_PER_S));
	assert_true(
	    latest_finding(latest, 0, 1, OUTCOME_NO_ANSWER, NOON + NS_PER_S));
	latest_end(latest);
	latest_free(latest);
}

static void
file_of_the_same_shape_is_kept(void **state)
{
	struct latest *latest = create(*state, true);

	set(latest, LATEST_LAST, 2, 1, 10);
	latest_free(latest);
	latest = create(*state, false);
	assert_true(value_of(latest, LATEST_LAST, "rtt", "max", 7) == 0.01);
	latest_free(latest);
}

static void
another_shape_makes_a_new_file(void **state)
{
	struct latest *latest = create(*state, true), *old, *fresh;

	set(latest, LATEST_LAST, 0, 1, 10);
	old = latest_open(*state, &fleet, &test, NULL);
	assert_false(latest_is_replaced(old));
	latest_free(latest);
	test.manifest = &sample_newer;
	assert_null(latest_open(*state, &fleet, &test, NULL));
	latest = create(*state, true);
	assert_true(isnan(value_of(latest, LATEST_LAST, "rtt", "p50", 1)));
	assert_true(latest_is_replaced(old));
	/* the old one can still be read to the end */
	assert_true(value_of(old, LATEST_LAST, "rtt", "p50", 1) == 0.005);
	fresh = latest_open(*state, &fleet, &test, NULL);
	assert_non_null(fresh);
	latest_free(fresh);
	latest_free(old);
	latest_free(latest);
	test.manifest = &sample_manifest;
}

static void
last_finding_moves_to_another_matrix(void **state)
{
	struct latest *old = create(*state, true), *latest;
	struct latest_view view;

	set(old, LATEST_LAST, 0, 1, 10);
	assert_true(latest_found(old, 0, 1) == NOON);
	test.manifest = &sample_newer;
	latest = create(*state, true);
	assert_int_equal(latest_found(latest, 2, 1), 0);
	latest_begin(latest);
	latest_take_over(&(struct latest_cell){latest, 2, 1},
	    &(struct latest_cell){old, 0, 1});
	latest_end(latest);
	assert_true(value_of(latest, LATEST_LAST, "rtt", "max", 7) == 0.01);
	assert_true(value_of(latest, LATEST_LAST, "sent", "sum", 7) == 10);
	assert_true(isnan(value_of(latest, LATEST_LAST, "late", "sum", 7)));
	view = view_of(latest, LATEST_LAST, "rtt", "max");
	assert_true(view.finding[7] == NOON);
	assert_int_equal(view.outcome[7], OUTCOME_MEASURED);
	latest_view_clear(&view);
	latest_free(latest);
	latest_free(old);
	test.manifest = &sample_manifest;
}

static void
other_names_on_the_axes_are_another_shape(void **state)
{
	struct latest *latest = create(*state, true);

	latest_free(latest);
	strcpy(ends[2].name, "rom");
	assert_null(latest_open(*state, &fleet, &test, NULL));
	strcpy(ends[2].name, "par");
	latest = latest_open(*state, &fleet, &test, NULL);
	assert_non_null(latest);
	latest_free(latest);
}

static void
writer_that_died_at_work_leaves_no_file_to_trust(void **state)
{
	struct latest *latest = create(*state, true);
	struct latest_view view;
	struct error err;

	latest_begin(latest);
	latest_free(latest);
	latest = latest_open(*state, &fleet, &test, NULL);
	assert_int_equal(
	    latest_view(latest, LATEST_LAST, "rtt", "p50", &view, &err), -1);
	assert_non_null(strstr(err.text, "being written"));
	latest_free(latest);
	latest = create(*state, true);
	latest_free(latest);
}

static void
unknown_metric_or_statistic_is_refused(void **state)
{
	struct latest *latest = create(*state, true);
	struct latest_view view;
	struct error err;

	assert_int_equal(
	    latest_view(latest, LATEST_LAST, "rtt", "sum", &view, &err), -1);
	assert_non_null(strstr(err.text, "\"rtt\""));
	assert_int_equal(
	    latest_view(latest, LATEST_LAST, "error", "last", &view, &err), -1);
	latest_free(latest);
}

/* Sets two cells to the same figure, over and over, as long as somebody
 * looks. */
static void
write_on(const char *dir)
{
	const struct timespec pause = {.tv_nsec = 100000};
	struct latest *latest = create(dir, false);

	prctl(PR_SET_PDEATHSIG, SIGKILL);

	for (int n = 0;; n = (n + 1) % 10) {
		struct bundle *bundle =
		    sample_bundle(&sample_manifest, 10, n, MS);

		latest_begin(latest);
		latest_set(latest, LATEST_LAST, 0, 1, bundle);
		latest_set(latest, LATEST_LAST, 2, 1, bundle);
		latest_end(latest);
		bundle_free(bundle);
		nanosleep(&pause, NULL);
	}
}

static void
view_is_of_one_moment(void **state)
{
	struct latest *latest = create(*state, true);
	int changes = 0;
	double before = 0;
	nanoseconds end = clock_monotonic() + 60 * NS_PER_S;
	pid_t child;

	child = fork();
	if (child == 0) {
		write_on(*state);
		_exit(0);
	}
	while (changes < 100) {
		struct latest_view view =
		    view_of(latest, LATEST_LAST, "lost", "sum");

		assert_true(clock_monotonic() < end);
		if (view.weight[1] > 0 || view.weight[7] > 0)
			assert_true(view.value[1] == view.value[7]);
		changes += view.weight[1] > 0 && view.value[1] != before;
		before = view.value[1];
		latest_view_clear(&view);
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	latest_free(latest);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(new_file_is_unmeasured),
	    IN_FOLDER(reader_sees_what_the_writer_set),
	    IN_FOLDER(no_answer_has_loss_and_no_delay),
	    IN_FOLDER(empty_window_becomes_unmeasured),
	    IN_FOLDER(failure_is_no_finding),
	    IN_FOLDER(older_finding_does_not_replace_a_newer),
	    IN_FOLDER(file_of_the_same_shape_is_kept),
	    IN_FOLDER(another_shape_makes_a_new_file),
	    IN_FOLDER(last_finding_moves_to_another_matrix),
	    IN_FOLDER(other_names_on_the_axes_are_another_shape),
	    IN_FOLDER(writer_that_died_at_work_leaves_no_file_to_trust),
	    IN_FOLDER(unknown_metric_or_statistic_is_refused),
	    IN_FOLDER(view_is_of_one_moment),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
