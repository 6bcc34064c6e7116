/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/rollup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/bins.h"
#include "common/error.h"
#include "common/log.h"
#include "tests/unit/folder.h"
#include "tests/unit/formats.h"
#include "tests/unit/sample.h"

#define MIDNIGHT (20778 * ROLLUP_DAY) /* 2026-11-21 */
#define MINUTE (60 * NS_PER_S)
#define MS NS_PER_MS

static const struct bins_key nyc_lon = {"core", "nyc", "lon", 4};

struct stage {
	char *path;
	struct bins *bins;
	int64_t pair;
};

static void
open_stage(struct stage *stage, bool read_only)
{
	struct error err;

	stage->pair = 0;
	stage->bins = bins_open(stage->path, read_only, &err);
	if (stage->bins == NULL)
		fail_msg("%s", err.text);
	stage->pair = bins_pair(stage->bins, &nyc_lon, &err);
	assert_true(stage->pair > 0);
}

static int
make_stage(void **state)
{
	struct stage *stage = calloc(1, sizeof(*stage));
	void *dir;

	assert_int_equal(folder_make(&dir), 0);
	stage->path = folder_path(&dir, "bins.db");
	free(dir);
	open_stage(stage, false);
	*state = stage;
	return (0);
}

static int
remove_stage(void **state)
{
	struct stage *stage = *state;
	void *dir = stage->path;

	bins_free(stage->bins);
	*strrchr(stage->path, '/') = '\0';
	free(stage);
	return (folder_remove(&dir));
}

/* A run that got `received` of ten packets back after 1, 2, .. units. */
static void
add_slow(struct stage *stage, nanoseconds step, nanoseconds start, int received,
    nanoseconds unit)
{
	struct bundle *bundle =
	    sample_bundle(&sample_manifest, 10, received, unit);
	const struct bins_record record = {.start = start,
	    .end = start + NS_PER_S,
	    .outcome = received > 0 ? OUTCOME_MEASURED : OUTCOME_NO_ANSWER,
	    .bundle = bundle};
	struct error err;

	if (bins_add(stage->bins, stage->pair, step, &sample_manifest, &record,
		&err) == -1)
		fail_msg("%s", err.text);
	bundle_free(bundle);
}

static void
add(struct stage *stage, nanoseconds start, int received)
{
	add_slow(stage, MINUTE, start, received, MS);
}

static void
commit(struct stage *stage)
{
	static uint64_t number;
	struct error err;

	if (bins_commit(stage->bins, ++number, &err) == -1)
		fail_msg("%s", err.text);
}

static void
roll(struct stage *stage, nanoseconds upto)
{
	struct error err;

	if (rollup_make(
		stage->bins, stage->pair, &sample_manifest, upto, &err) == -1)
		fail_msg("%s", err.text);
}

/* Bins before this are forgotten, and nothing is left in memory. */
static void
expire(struct stage *stage, nanoseconds before)
{
	struct error err;
	int more;

	assert_int_equal(bins_set_flushed(stage->bins, stage->pair,
			     before + ROLLUP_DAY, &err),
	    0);
	commit(stage);
	bins_forget(stage->bins);
	while ((more = bins_expire(stage->bins, before, &err)) == 1)
		continue;
	assert_int_equal(more, 0);
	commit(stage);
}

struct seen {
	int rows;
	nanoseconds first, last;
	uint64_t bins;
	double sent, lost, max, n, worst;
	nanoseconds worst_start;
};

static int
see(void *arg, nanoseconds start, const struct rollup *rollup,
    struct error *err)
{
	struct seen *seen = arg;
	const struct bundle *bundle = rollup_bundle(rollup);
	double value;

	if (seen->rows++ == 0)
		seen->first = start;
	assert_true(seen->rows == 1 || start > seen->last);
	seen->last = start;
	seen->bins += rollup_bins(rollup);
	assert_true(bundle_get(bundle, "sent", "sum", &value));
	seen->sent += value;
	assert_true(bundle_get(bundle, "lost", "sum", &value));
	seen->lost += value;
	if (bundle_get(bundle, "rtt", "max", &value) && value > seen->max)
		seen->max = value;
	if (bundle_get(bundle, "rtt", "n", &value))
		seen->n += value;
	if (rollup_worst(rollup, "loss", &value, &start) &&
	    value > seen->worst) {
		seen->worst = value;
		seen->worst_start = start;
	}
	return (0);
}

static struct seen
rows_of(struct stage *stage, nanoseconds row, nanoseconds from, nanoseconds to)
{
	struct seen seen = {0};
	struct error err;

	if (rollup_read(stage->bins, stage->pair, row, &sample_manifest, from,
		to, see, &seen, &err) == -1)
		fail_msg("%s", err.text);
	return (seen);
}

static struct seen
all(struct stage *stage, nanoseconds row)
{
	return (rows_of(stage, row, 0, MIDNIGHT + 10 * ROLLUP_DAY));
}

static void
bins_become_hours_and_hours_days(void **state)
{
	struct stage *stage = *state;
	struct seen seen;

	for (int i = 0; i < 120; i++)
		add(stage, MIDNIGHT + i * MINUTE, i == 75 ? 3 : 10);
	roll(stage, MIDNIGHT + ROLLUP_DAY);
	seen = all(stage, ROLLUP_HOUR);
	assert_int_equal(seen.rows, 2);
	assert_int_equal(seen.first, MIDNIGHT);
	assert_int_equal(seen.last, MIDNIGHT + ROLLUP_HOUR);
	assert_true(seen.bins == 120 && seen.sent == 1200 && seen.lost == 7);
	assert_true(seen.n == 1193 && seen.max == 0.01);
	seen = all(stage, ROLLUP_DAY);
	assert_int_equal(seen.rows, 1);
	assert_true(seen.bins == 120 && seen.sent == 1200 && seen.lost == 7);
	assert_true(seen.worst == 0.7);
	assert_int_equal(seen.worst_start, MIDNIGHT + 75 * MINUTE);
}

static void
hour_that_is_not_made_is_read_from_bins(void **state)
{
	struct stage *stage = *state;
	struct seen seen;

	for (int i = 0; i < 100; i++)
		add(stage, MIDNIGHT + i * MINUTE, 9);
	roll(stage, MIDNIGHT + 99 * MINUTE);
	commit(stage);
	for (int read_only = 0; read_only < 2; read_only++) {
		seen = rows_of(
		    stage, ROLLUP_HOUR, MIDNIGHT, MIDNIGHT + 2 * ROLLUP_HOUR);
		assert_int_equal(seen.rows, 2);
		assert_true(seen.bins == 100 && seen.lost == 100);
		seen = all(stage, ROLLUP_DAY);
		assert_int_equal(seen.rows, 1);
		assert_true(seen.bins == 100 && seen.lost == 100);
		bins_free(stage->bins);
		open_stage(stage, true);
	}
}

static void
rows_outlive_their_bins(void **state)
{
	struct stage *stage = *state;
	struct seen seen;

	for (int i = 0; i < 1440; i++)
		add(stage, MIDNIGHT + i * MINUTE, i == 700 ? 0 : 10);
	add(stage, MIDNIGHT + 3 * ROLLUP_DAY, 10);
	roll(stage, MIDNIGHT + 2 * ROLLUP_DAY);
	expire(stage, MIDNIGHT + 2 * ROLLUP_DAY);
	bins_free(stage->bins);
	open_stage(stage, false);
	seen = all(stage, ROLLUP_HOUR);
	assert_int_equal(seen.rows, 25);
	assert_true(seen.sent == 14410 && seen.lost == 10);
	seen = all(stage, ROLLUP_DAY);
	assert_int_equal(seen.rows, 2);
	assert_true(seen.sent == 14410 && seen.worst == 1);
	assert_int_equal(seen.worst_start, MIDNIGHT + 700 * MINUTE);
}

/* Bins that are in no row yet are not forgotten, however old. */
static void
bins_outlive_the_horizon_until_they_are_in_rows(void **state)
{
	struct stage *stage = *state;

	for (int i = 0; i < 1440; i++)
		add(stage, MIDNIGHT + i * MINUTE, 10);
	roll(stage, MIDNIGHT + ROLLUP_HOUR);
	expire(stage, MIDNIGHT + 2 * ROLLUP_DAY);
	assert_true(all(stage, ROLLUP_DAY).sent == 14400);
	roll(stage, MIDNIGHT + 2 * ROLLUP_DAY);
	expire(stage, MIDNIGHT + 3 * ROLLUP_DAY);
	assert_true(all(stage, ROLLUP_DAY).sent == 14400);
	assert_true(all(stage, ROLLUP_HOUR).sent == 14400);
}

static void
late_bin_changes_its_rows(void **state)
{
	struct stage *stage = *state;
	struct seen seen;

	for (int i = 0; i < 180; i++)
		add(stage, MIDNIGHT + i * MINUTE, 10);
	roll(stage, MIDNIGHT + ROLLUP_DAY);
	commit(stage);
	add(stage, MIDNIGHT + 61 * MINUTE, 0);
	assert_true(all(stage, ROLLUP_HOUR).lost == 10);
	roll(stage, MIDNIGHT + ROLLUP_DAY);
	for (int i = 0; i < 2; i++) {
		nanoseconds row = i == 0 ? ROLLUP_HOUR : ROLLUP_DAY;

		seen = all(stage, row);
		assert_true(seen.sent == 1810 && seen.bins == 180);
		assert_true(seen.lost == 10 && seen.worst == 0.5);
	}
	assert_true(rows_of(stage, ROLLUP_HOUR, MIDNIGHT + ROLLUP_HOUR,
			MIDNIGHT + 2 * ROLLUP_HOUR)
			.lost == 10);
}

static void
record_older_than_all_bins_is_counted_once(void **state)
{
	struct stage *stage = *state;
	struct seen seen;

	for (int i = 0; i < 60; i++)
		if (i != 30)
			add(stage, MIDNIGHT + i * MINUTE, 10);
	add(stage, MIDNIGHT + 5 * ROLLUP_DAY, 10);
	roll(stage, MIDNIGHT + 3 * ROLLUP_DAY);
	expire(stage, MIDNIGHT + 3 * ROLLUP_DAY);
	add(stage, MIDNIGHT + 30 * MINUTE, 4);
	add(stage, MIDNIGHT + 30 * MINUTE + NS_PER_S, 4);
	add(stage, MIDNIGHT + 2 * ROLLUP_HOUR, 10); /* of an hour without row */
	commit(stage);
	roll(stage, MIDNIGHT + 4 * ROLLUP_DAY);
	commit(stage);
	bins_free(stage->bins);
	open_stage(stage, false);
	for (int i = 0; i < 2; i++) {
		seen = rows_of(stage, i == 0 ? ROLLUP_HOUR : ROLLUP_DAY,
		    MIDNIGHT, MIDNIGHT + ROLLUP_DAY);
		assert_int_equal(seen.rows, i == 0 ? 2 : 1);
		assert_true(seen.sent == 620 && seen.lost == 12);
		assert_true(seen.bins == 61 && seen.worst == 0.6);
		assert_int_equal(seen.worst_start, MIDNIGHT + 30 * MINUTE);
	}
}

static void
what_is_not_committed_is_taken_again(void **state)
{
	struct stage *stage = *state;

	add(stage, MIDNIGHT, 10);
	add(stage, MIDNIGHT + 5 * ROLLUP_DAY, 10);
	roll(stage, MIDNIGHT + 3 * ROLLUP_DAY);
	expire(stage, MIDNIGHT + 3 * ROLLUP_DAY);
	for (int i = 0; i < 2; i++) {
		add(stage, MIDNIGHT + MINUTE, 10);
		add(stage, MIDNIGHT + 5 * ROLLUP_DAY + MINUTE, 10);
		roll(stage, MIDNIGHT + 5 * ROLLUP_DAY + ROLLUP_HOUR);
		if (i == 1)
			commit(stage);
		bins_free(stage->bins); /* as if killed */
		open_stage(stage, false);
	}
	assert_true(all(stage, ROLLUP_DAY).sent == 40);
	assert_true(all(stage, ROLLUP_HOUR).sent == 40);
}

static void
bins_of_two_steps_make_one_hour(void **state)
{
	struct stage *stage = *state;

	for (int i = 0; i < 30; i++)
		add(stage, MIDNIGHT + i * MINUTE, 10);
	for (int i = 0; i < 6; i++)
		add_slow(stage, 5 * MINUTE,
		    MIDNIGHT + 30 * MINUTE + i * 5 * MINUTE, 5, MS);
	roll(stage, MIDNIGHT + ROLLUP_DAY);
	assert_true(all(stage, ROLLUP_HOUR).sent == 360);
	assert_true(all(stage, ROLLUP_HOUR).lost == 30);
	assert_true(all(stage, ROLLUP_DAY).bins == 36);
}

static void
bins_of_hours_make_days(void **state)
{
	struct stage *stage = *state;

	for (int i = 0; i < 6; i++)
		add_slow(stage, 6 * ROLLUP_HOUR, MIDNIGHT + i * 6 * ROLLUP_HOUR,
		    10, MS);
	roll(stage, MIDNIGHT + ROLLUP_DAY + ROLLUP_HOUR);
	assert_int_equal(all(stage, ROLLUP_HOUR).rows, 0);
	assert_int_equal(all(stage, ROLLUP_DAY).rows, 2);
	assert_true(all(stage, ROLLUP_DAY).sent == 60);
	expire(stage, MIDNIGHT + ROLLUP_DAY);
	assert_true(all(stage, ROLLUP_DAY).sent == 60);
}

static void
pair_that_falls_silent_gets_its_last_day(void **state)
{
	struct stage *stage = *state;

	add(stage, MIDNIGHT + 10 * MINUTE, 10);
	for (int hour = 1; hour < 50; hour++)
		roll(stage, MIDNIGHT + hour * ROLLUP_HOUR);
	expire(stage, MIDNIGHT + 3 * ROLLUP_DAY);
	assert_true(all(stage, ROLLUP_DAY).sent == 10);
	add(stage, MIDNIGHT + 9 * ROLLUP_DAY, 10);
	assert_int_equal(all(stage, ROLLUP_DAY).rows, 2);
	roll(stage, MIDNIGHT + 10 * ROLLUP_DAY);
	assert_int_equal(all(stage, ROLLUP_DAY).rows, 2);
	assert_true(all(stage, ROLLUP_DAY).sent == 20);
}

static void
old_rows_expire_by_their_kind(void **state)
{
	struct stage *stage = *state;
	struct error err;

	for (int i = 0; i < 2880; i++)
		add(stage, MIDNIGHT + i * MINUTE, 10);
	roll(stage, MIDNIGHT + 2 * ROLLUP_DAY);
	assert_int_equal(rollup_expire(stage->bins, stage->pair, ROLLUP_HOUR,
			     MIDNIGHT + ROLLUP_DAY, &err),
	    0);
	assert_int_equal(all(stage, ROLLUP_HOUR).rows, 24);
	assert_int_equal(all(stage, ROLLUP_DAY).rows, 2);
}

/* The quantiles of a row are those of all its records, not of its bins. */
static void
quantiles_are_of_all_records(void **state)
{
	struct stage *stage = *state;
	struct bundle *expected = bundle_new(&sample_manifest);
	struct rollup *rollup = rollup_new(&sample_manifest);
	double value, true_value;

	for (int i = 0; i < 60; i++) {
		struct bundle *bundle = sample_bundle(
		    &sample_manifest, 10, i < 40 ? 1 : 10, (1 + i % 7) * MS);

		bundle_merge(expected, bundle);
		rollup_add(rollup, MIDNIGHT + i * MINUTE, bundle);
		bundle_free(bundle);
	}
	assert_true(bundle_get(expected, "rtt", "p95", &true_value));
	assert_true(bundle_get(rollup_bundle(rollup), "rtt", "p95", &value));
	assert_true(value == true_value && value > 0.05);
	bundle_free(expected);
	rollup_free(rollup);
	assert_non_null(stage);
}

static void
bins_of_format_1_are_rolled_up(void **state)
{
	struct stage *stage = *state;
	struct seen seen;
	struct error err;

	bins_free(stage->bins);
	stage->bins = NULL;
	assert_int_equal(unlink(stage->path), 0);
	formats_make(stage->path, "bins-1.sql");
	assert_null(bins_open(stage->path, true, &err));
	assert_non_null(strstr(err.text, "format 1 is older than format"));
	open_stage(stage, false);
	assert_int_equal(bins_checkpoint(stage->bins), 17);
	roll(stage, MIDNIGHT + 3 * ROLLUP_DAY);
	seen = all(stage, ROLLUP_DAY);
	/* of the day before the horizon bins are missing: it gets no row */
	assert_int_equal(seen.rows, 1);
	assert_int_equal(seen.first, MIDNIGHT);
	assert_true(seen.sent == 30 && seen.lost == 5 && seen.bins == 2);
}

/* An hour of bins that lost nothing. */
static void
add_hour(struct stage *stage)
{
	for (int i = 0; i < 60; i++)
		add(stage, MIDNIGHT + i * MINUTE, 10);
}

/* Bins on their way that say otherwise, so it shows what a row is made of. */
static void
note_worse(struct stage *stage, nanoseconds from, int first, int count)
{
	struct bundle *bundle = sample_bundle(&sample_manifest, 10, 9, MS);

	for (int i = first; i < first + count; i++)
		rollup_note(stage->bins, stage->pair, &sample_manifest, from,
		    MIDNIGHT + i * MINUTE, bundle);
	bundle_free(bundle);
}

static struct seen
roll_flushed(struct stage *stage, nanoseconds upto)
{
	struct error err;

	assert_int_equal(
	    bins_set_flushed(stage->bins, stage->pair, upto, &err), 0);
	roll(stage, upto);
	return (rows_of(stage, ROLLUP_HOUR, MIDNIGHT, MIDNIGHT + ROLLUP_HOUR));
}

static void
hour_is_made_of_bins_on_their_way(void **state)
{
	struct seen seen;

	add_hour(*state);
	note_worse(*state, 0, 0, 20);
	note_worse(
	    *state, MIDNIGHT + 10 * MINUTE, 10, 50); /* ten of them again */
	seen = roll_flushed(*state, MIDNIGHT + ROLLUP_HOUR);
	assert_true(seen.bins == 60 && seen.sent == 600 && seen.lost == 60);
}

static void
changed_bin_is_not_what_was_on_its_way(void **state)
{
	struct seen seen;

	add_hour(*state);
	note_worse(*state, 0, 0, 60);
	add(*state, MIDNIGHT + 59 * MINUTE, 8);
	seen = roll_flushed(*state, MIDNIGHT + ROLLUP_HOUR);
	assert_true(seen.bins == 60 && seen.sent == 610 && seen.lost == 2);
}

static void
part_of_an_hour_is_no_hour(void **state)
{
	struct seen seen;

	add_hour(*state);
	note_worse(*state, MIDNIGHT + MINUTE, 1, 59);
	seen = roll_flushed(*state, MIDNIGHT + ROLLUP_HOUR);
	assert_true(seen.bins == 60 && seen.sent == 600 && seen.lost == 0);
}

static void
hour_with_a_hole_on_the_way_is_read(void **state)
{
	struct seen seen;

	add_hour(*state);
	note_worse(*state, 0, 0, 20);
	note_worse(*state, MIDNIGHT + 30 * MINUTE, 30, 30);
	seen = roll_flushed(*state, MIDNIGHT + ROLLUP_HOUR);
	assert_true(seen.bins == 60 && seen.sent == 600 && seen.lost == 0);
}

static void
hour_with_bins_that_are_due_is_read(void **state)
{
	struct error err;
	struct seen seen;
	struct stage *stage = *state;

	add_hour(stage);
	note_worse(stage, 0, 0, 30);
	assert_int_equal(bins_set_flushed(stage->bins, stage->pair,
			     MIDNIGHT + 30 * MINUTE, &err),
	    0);
	roll(stage, MIDNIGHT + ROLLUP_HOUR);
	seen = all(stage, ROLLUP_HOUR);
	assert_true(seen.bins == 60 && seen.sent == 600 && seen.lost == 0);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, make_stage, remove_stage)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(bins_become_hours_and_hours_days),
	    TEST(hour_that_is_not_made_is_read_from_bins),
	    TEST(rows_outlive_their_bins),
	    TEST(bins_outlive_the_horizon_until_they_are_in_rows),
	    TEST(late_bin_changes_its_rows),
	    TEST(record_older_than_all_bins_is_counted_once),
	    TEST(what_is_not_committed_is_taken_again),
	    TEST(bins_of_two_steps_make_one_hour),
	    TEST(bins_of_hours_make_days),
	    TEST(pair_that_falls_silent_gets_its_last_day),
	    TEST(old_rows_expire_by_their_kind),
	    TEST(quantiles_are_of_all_records),
	    TEST(bins_of_format_1_are_rolled_up),
	    TEST(hour_is_made_of_bins_on_their_way),
	    TEST(changed_bin_is_not_what_was_on_its_way),
	    TEST(part_of_an_hour_is_no_hour),
	    TEST(hour_with_a_hole_on_the_way_is_read),
	    TEST(hour_with_bins_that_are_due_is_read),
	};

	log_open("rollup", false);
	return (cmocka_run_group_tests_name("rollup", tests, NULL, NULL));
}
