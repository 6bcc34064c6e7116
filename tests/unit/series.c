/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/series.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "collector/history.h"
#include "collector/since.h"
#include "common/error.h"
#include "common/log.h"
#include "common/member.h"
#include "tests/unit/rolled.h"
#include "tests/unit/sample.h"

/* All bins up to an instant go into rows and those of two days before into
 * nothing, as the store does it at midnight. */
static void
pass_midnight(struct binned *stage, nanoseconds now)
{
	struct error err;

	rolled_upto(stage, now);
	assert_int_equal(
	    bins_set_flushed(stage->bins, stage->pair, now, &err), 0);
	binned_commit(stage, 1);
	bins_forget(stage->bins);
	binned_expire(stage, now - 2 * ROLLUP_DAY);
	binned_commit(stage, 1);
}

/* What a reader beside the store finds. */
static void
ask(struct binned *stage, nanoseconds step, nanoseconds from, nanoseconds to,
    size_t points, struct series *series)
{
	const struct metric *metrics[] = {
	    metric_find(sample_manifest.metrics, "rtt"),
	    metric_find(sample_manifest.metrics, "loss"),
	    metric_find(sample_manifest.metrics, "sent")};
	struct error err;
	struct series_question question = {.history = stage->dir,
	    .key = &binned_nyc_lon,
	    .manifest = &sample_manifest,
	    .step = step,
	    .from = from,
	    .to = to,
	    .points = points,
	    .metrics = metrics,
	    .metric_count = 3};

	binned_commit(stage, 1);
	question.bins = bins_open(stage->path, true, &err);
	assert_non_null(question.bins);
	if (series_read(&question, series, &err) == -1)
		fail_msg("%s", err.text);
	bins_free(question.bins);
}

static double *
column(const struct series *series, size_t metric, const char *name)
{
	const struct series_metric *m = &series->metrics[metric];

	for (size_t i = 0; i < m->column_count; i++)
		if (strcmp(m->columns[i].name, name) == 0)
			return (m->columns[i].values);
	fail_msg("no column %s", name);
	return (NULL);
}

enum { RTT, LOSS, SENT };

static size_t
row_at(const struct series *series, nanoseconds instant)
{
	return ((size_t)((instant - series->start) / series->step));
}

/* Two minutes of each hour of a year, all of one day, and one bad minute. */
static nanoseconds
live_through_a_year(struct binned *stage, nanoseconds bad)
{
	nanoseconds start = MIDNIGHT - 365 * ROLLUP_DAY, now = start;

	for (; now < MIDNIGHT + 3 * ROLLUP_HOUR; now += ROLLUP_HOUR) {
		bool all = now / ROLLUP_DAY == bad / ROLLUP_DAY;

		for (int i = 0; i < (all ? 60 : 2); i++) {
			nanoseconds at = now + i * MINUTE;

			if (at == bad)
				binned_add_step(
				    stage, MINUTE, at, 0, NS_PER_MS);
			else if (at == bad + MINUTE)
				binned_add_step(
				    stage, MINUTE, at, 1, 900 * NS_PER_MS);
			else
				binned_add_step(
				    stage, MINUTE, at, 10, NS_PER_MS);
		}
		if (now % ROLLUP_DAY == 0)
			pass_midnight(stage, now);
	}
	return (start);
}

static void
one_bad_minute_is_seen_in_a_year(void **state)
{
	struct binned *stage = *state;
	nanoseconds bad = MIDNIGHT - 100 * ROLLUP_DAY + 613 * MINUTE;
	nanoseconds start = live_through_a_year(stage, bad);
	struct series s;
	size_t row;

	ask(stage, MINUTE, start, MIDNIGHT + 3 * ROLLUP_HOUR, 1500, &s);
	assert_string_equal(s.consolidation, "days of bins of 60 s");
	assert_true(s.step == ROLLUP_DAY && s.count == 366);
	row = row_at(&s, bad);
	assert_true(s.metrics[LOSS].worst[row] == 1);
	assert_true(s.metrics[LOSS].worst_at[row] == clock_seconds(bad));
	assert_true(column(&s, RTT, "max")[row] == 0.9);
	assert_true(column(&s, RTT, "p50")[row] < 0.01);
	assert_true(column(&s, LOSS, "ratio")[row] > 0);
	for (size_t i = 0; i < s.count; i++)
		if (i != row) {
			assert_true(s.metrics[LOSS].worst[i] == 0);
			assert_true(column(&s, RTT, "max")[i] == 0.01);
			assert_true(column(&s, SENT, "sum")[i] == 10);
		}
	series_clear(&s);
	ask(stage, MINUTE, bad - 30 * ROLLUP_DAY, bad + 30 * ROLLUP_DAY, 1500,
	    &s);
	assert_string_equal(s.consolidation, "hours of bins of 60 s");
	assert_true(s.step == ROLLUP_HOUR);
	row = row_at(&s, bad);
	assert_true(s.metrics[LOSS].worst[row] == 1);
	assert_true(s.metrics[LOSS].worst[row + 1] == 0);
	assert_true(column(&s, RTT, "max")[row] == 0.9);
	series_clear(&s);
}

static void
rows_of_hours_have_the_quantiles_of_all_records(void **state)
{
	struct binned *stage = *state;
	struct series s;

	/* three minutes of four are quick: the average of p95 would be low */
	for (int i = 0; i < 60; i++)
		binned_add_step(stage, MINUTE, MIDNIGHT + i * MINUTE, 10,
		    i % 4 == 0 ? 40 * NS_PER_MS : NS_PER_MS);
	pass_midnight(stage, MIDNIGHT + 5 * ROLLUP_DAY);
	ask(stage, MINUTE, MIDNIGHT - 20 * ROLLUP_DAY, MIDNIGHT + ROLLUP_DAY,
	    1000, &s);
	assert_true(s.step == ROLLUP_HOUR);
	assert_true(fabs(column(&s, RTT, "p95")[480] - 0.32) < 0.32 / 32);
	assert_true(fabs(column(&s, RTT, "p75")[480] - 0.009) < 0.009 / 32 ||
		    fabs(column(&s, RTT, "p75")[480] - 0.010) < 0.010 / 32);
	assert_true(isnan(column(&s, RTT, "p50")[481]));
	assert_true(isnan(column(&s, SENT, "sum")[479]));
	series_clear(&s);
}

static double
whole(const struct series *series, size_t metric, const char *name)
{
	const struct series_metric *m = &series->metrics[metric];

	for (size_t i = 0; i < m->column_count; i++)
		if (strcmp(m->columns[i].name, name) == 0)
			return (m->columns[i].whole);
	fail_msg("no column %s", name);
	return (0);
}

static void
the_whole_has_the_quantiles_of_the_span(void **state)
{
	struct binned *stage = *state;
	struct series s;

	/* ten minutes of a hundred lose half and are slow */
	for (int i = 0; i < 100; i++)
		binned_add_step(stage, MINUTE, MIDNIGHT + i * MINUTE,
		    i % 10 == 0 ? 5 : 10,
		    i % 10 == 0 ? 40 * NS_PER_MS : NS_PER_MS);
	ask(stage, MINUTE, MIDNIGHT - 60 * MINUTE, MIDNIGHT + 100 * MINUTE, 40,
	    &s);
	assert_int_equal(s.whole_rows, 25);
	assert_true(s.whole_from == MIDNIGHT);
	assert_true(whole(&s, RTT, "max") == 0.2);
	assert_true(whole(&s, RTT, "min") == 0.001);
	assert_true(fabs(whole(&s, RTT, "p50") - 0.006) < 0.006 / 32);
	assert_true(whole(&s, RTT, "p99") > 0.15);
	assert_true(whole(&s, SENT, "sum") == 1000);
	assert_true(s.metrics[LOSS].part == 50 && s.metrics[LOSS].of == 1000);
	assert_true(whole(&s, LOSS, "ratio") == 0.05);
	series_clear(&s);
	ask(stage, MINUTE, MIDNIGHT - 60 * MINUTE, MIDNIGHT, 40, &s);
	assert_int_equal(s.whole_rows, 0);
	assert_true(isnan(whole(&s, RTT, "p50")));
	series_clear(&s);
}

static void
recent_rows_come_from_bins_up_to_now(void **state)
{
	struct binned *stage = *state;
	struct series s;

	for (int i = 0; i < 120; i++)
		if (i != 50)
			binned_add_step(stage, MINUTE, MIDNIGHT + i * MINUTE,
			    10, NS_PER_MS);
	ask(stage, MINUTE, MIDNIGHT, MIDNIGHT + 120 * MINUTE, 1500, &s);
	assert_string_equal(s.consolidation, "bins of 60 s");
	assert_true(s.count == 120 && s.step == MINUTE);
	assert_true(column(&s, RTT, "p25")[119] == 0.003);
	assert_true(isnan(column(&s, RTT, "p5")[119])); /* of ten samples */
	assert_true(isnan(column(&s, RTT, "p50")[50]));
	assert_false(s.metrics[LOSS].judged);
	series_clear(&s);
	ask(stage, MINUTE, MIDNIGHT, MIDNIGHT + 120 * MINUTE, 24, &s);
	assert_string_equal(s.consolidation, "bins of 60 s merged over 300 s");
	assert_true(s.count == 24);
	assert_true(fabs(column(&s, RTT, "p5")[23] - 0.001) < 0.001 / 32);
	assert_true(column(&s, SENT, "sum")[10] == 10);
	assert_true(s.metrics[LOSS].worst[10] == 0);
	series_clear(&s);
}

/* A history of two weeks without hours, as an older version left it. */
static void
write_history(struct binned *stage, nanoseconds step, nanoseconds from,
    nanoseconds to, int received)
{
	char *path = history_path(stage->dir, &binned_nyc_lon);
	struct history_update *update =
	    history_update_new(path, &sample_manifest, step);
	struct error err;

	for (; from < to; from += step) {
		struct bundle *bundle =
		    sample_bundle(&sample_manifest, 10, received, NS_PER_MS);

		history_update_add(update, from, bundle);
		bundle_free(bundle);
	}
	if (history_update_append(update, &err) == -1)
		fail_msg("%s", err.text);
	free(path);
}

static void
before_the_first_hour_the_history_answers(void **state)
{
	struct binned *stage = *state;
	nanoseconds from = MIDNIGHT - 20 * ROLLUP_DAY;
	struct series s;

	write_history(stage, 5 * MINUTE, from, MIDNIGHT, 8);
	for (int i = 0; i < 24; i++)
		binned_add_step(
		    stage, 5 * MINUTE, MIDNIGHT + i * 5 * MINUTE, 5, NS_PER_MS);
	pass_midnight(stage, MIDNIGHT + 2 * ROLLUP_DAY);
	ask(stage, 5 * MINUTE, from, MIDNIGHT + ROLLUP_DAY, 600, &s);
	assert_true(s.step == ROLLUP_HOUR);
	assert_true(fabs(column(&s, LOSS, "ratio")[479] - 0.2) < 1e-9);
	assert_true(column(&s, LOSS, "ratio")[480] == 0.5);
	assert_true(isnan(column(&s, RTT, "p25")[479]));
	assert_true(fabs(column(&s, RTT, "p25")[480] - 0.002) < 0.002 / 32);
	assert_string_equal(s.consolidation,
	    "hours of bins of 300 s; before 2026-11-21T00:00:00Z AVERAGE, MIN, "
	    "MAX over 3600 s of bins of 300 s");
	series_clear(&s);
}

static void
fine_rows_of_before_come_from_the_history(void **state)
{
	struct binned *stage = *state;
	nanoseconds from = MIDNIGHT - 2 * ROLLUP_DAY;
	struct series s;

	write_history(stage, 5 * MINUTE, from, MIDNIGHT + ROLLUP_HOUR, 8);
	for (int i = 0; i < 24; i++)
		binned_add_step(
		    stage, 5 * MINUTE, MIDNIGHT + i * 5 * MINUTE, 8, NS_PER_MS);
	pass_midnight(stage, MIDNIGHT + 2 * ROLLUP_DAY);
	ask(stage, 5 * MINUTE, from, MIDNIGHT + 2 * ROLLUP_HOUR, 1500, &s);
	assert_true(s.step == 5 * MINUTE && s.count == 600);
	assert_true(column(&s, RTT, "max")[0] == 0.008);
	assert_true(isnan(column(&s, RTT, "p25")[575]));
	assert_true(column(&s, RTT, "p25")[576] == 0.002);
	assert_true(column(&s, RTT, "max")[599] == 0.008); /* not there yet */
	series_clear(&s);
}

static void
change_of_the_step_leaves_no_gap(void **state)
{
	struct binned *stage = *state;
	struct series s;

	write_history(stage, 5 * MINUTE, MIDNIGHT, MIDNIGHT + ROLLUP_HOUR, 8);
	for (int i = 0; i < 12; i++)
		binned_add_step(
		    stage, MINUTE, MIDNIGHT + i * 5 * MINUTE, 8, NS_PER_MS);
	binned_add_step(
	    stage, 5 * MINUTE, MIDNIGHT + ROLLUP_HOUR, 8, NS_PER_MS);
	ask(stage, 5 * MINUTE, MIDNIGHT, MIDNIGHT + 2 * ROLLUP_HOUR, 1500, &s);
	for (int i = 0; i < 13; i++)
		assert_true(column(&s, SENT, "sum")[i] == 10);
	assert_true(isnan(column(&s, SENT, "sum")[13]));
	series_clear(&s);
}

/* A finding with no count, but with words. */
static void
add_unanswered(struct binned *stage, nanoseconds start, const char *why)
{
	struct bundle *bundle = bundle_new(&sample_manifest);
	json_object *metrics = json_object_new_object();
	const struct bins_record record = {.start = start,
	    .end = start + NS_PER_S,
	    .outcome = OUTCOME_NO_ANSWER,
	    .bundle = bundle};

	member_add_text(metrics, "error", why);
	bundle_add(bundle, OUTCOME_NO_ANSWER, metrics);
	assert_int_equal(bins_add(stage->bins, stage->pair, MINUTE,
			     &sample_manifest, &record, NULL),
	    0);
	json_object_put(metrics);
	bundle_free(bundle);
}

static void
find_since(struct binned *stage, nanoseconds now, struct since *since)
{
	const struct since_limit limit = {
	    metric_find(sample_manifest.metrics, "loss"), SINCE_UNANSWERED};
	struct error err;
	struct series_question question = {.history = stage->dir,
	    .key = &binned_nyc_lon,
	    .manifest = &sample_manifest,
	    .step = MINUTE};

	question.bins = bins_open(stage->path, true, &err);
	assert_non_null(question.bins);
	if (since_find(&question, now, &limit, since, &err) == -1)
		fail_msg("%s", err.text);
	bins_free(question.bins);
}

static void
rows_that_nobody_answered_are_told_with_the_reason(void **state)
{
	struct binned *stage = *state;
	struct series s;
	struct since since;

	for (int i = 0; i < 60; i++)
		if (i < 10 || i == 40)
			binned_add_step(
			    stage, MINUTE, MIDNIGHT + i * MINUTE, 8, NS_PER_MS);
		else if (i < 50)
			add_unanswered(stage, MIDNIGHT + i * MINUTE,
			    i < 49 ? "no route" : "no host");
	/* one of two was answered */
	add_unanswered(stage, MIDNIGHT + 5 * MINUTE, "no luck");
	ask(stage, MINUTE, MIDNIGHT, MIDNIGHT + ROLLUP_HOUR, 60, &s);
	assert_int_equal(s.count, 60);
	for (size_t i = 0; i < s.count; i++)
		assert_int_equal(s.unanswered[i], i >= 10 && i < 50 && i != 40);
	assert_string_equal(s.why, "no host");
	series_clear(&s);
	find_since(stage, MIDNIGHT + 50 * MINUTE, &since);
	assert_int_equal(since.from, MIDNIGHT + 41 * MINUTE);
	assert_int_equal(since.bad, 9);
	assert_false(since.open);
	ask(stage, MINUTE, MIDNIGHT, MIDNIGHT + 10 * MINUTE, 60, &s);
	assert_null(s.unanswered);
	assert_null(s.why);
	series_clear(&s);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, binned_make, binned_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(one_bad_minute_is_seen_in_a_year),
	    TEST(rows_of_hours_have_the_quantiles_of_all_records),
	    TEST(the_whole_has_the_quantiles_of_the_span),
	    TEST(recent_rows_come_from_bins_up_to_now),
	    TEST(before_the_first_hour_the_history_answers),
	    TEST(fine_rows_of_before_come_from_the_history),
	    TEST(change_of_the_step_leaves_no_gap),
	    TEST(rows_that_nobody_answered_are_told_with_the_reason),
	};

	log_open("series", false);
	return (cmocka_run_group_tests_name("series", tests, NULL, NULL));
}
