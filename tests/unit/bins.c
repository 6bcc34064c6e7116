/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/bins.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/binned.h"
#include "tests/unit/sample.h"

static void
records_of_one_step_are_merged(void **state)
{
	struct binned *stage = *state;
	struct binned_seen seen;

	binned_add(stage, MIDNIGHT + 59 * NS_PER_S, 10);
	binned_add(stage, MIDNIGHT, 4);
	binned_add(stage, MIDNIGHT + MINUTE, 9);
	seen = binned_read(stage, MINUTE);
	assert_int_equal(seen.bins, 2);
	assert_int_equal(seen.first, MIDNIGHT);
	assert_int_equal(seen.last, MIDNIGHT + MINUTE);
	assert_true(seen.sent == 30 && seen.lost == 7 && seen.measured == 3);
}

static void
add_failed(struct binned *stage, nanoseconds start)
{
	struct bundle *bundle = bundle_new(&sample_manifest);
	struct bins_record record = {.start = start,
	    .end = start,
	    .outcome = OUTCOME_FAILED,
	    .bundle = bundle};

	bundle_add(bundle, OUTCOME_FAILED, NULL);
	assert_int_equal(bins_add(stage->bins, stage->pair, MINUTE,
			     &sample_manifest, &record, NULL),
	    0);
	bundle_free(bundle);
}

static void
record_without_findings_only_counts_its_outcome(void **state)
{
	struct binned *stage = *state;
	struct binned_seen seen;

	binned_add(stage, MIDNIGHT, 10);
	add_failed(stage, MIDNIGHT + NS_PER_S);
	seen = binned_read(stage, MINUTE);
	assert_int_equal(seen.bins, 1);
	assert_true(seen.failed == 1 && seen.measured == 1 && seen.sent == 10);
}

static void
reader_sees_what_is_committed(void **state)
{
	struct binned *stage = *state, reader = *stage;

	binned_add(stage, MIDNIGHT, 10);
	reader.bins = bins_open(stage->path, true, NULL);
	assert_non_null(reader.bins);
	assert_int_equal(bins_pair(reader.bins, &binned_nyc_lon, NULL), 0);
	binned_commit(stage, 1);
	assert_int_equal(
	    bins_pair(reader.bins, &binned_nyc_lon, NULL), reader.pair);
	assert_int_equal(binned_read(&reader, MINUTE).bins, 1);
	binned_add(stage, MIDNIGHT + MINUTE, 10);
	assert_int_equal(binned_read(&reader, MINUTE).bins, 1);
	binned_commit(stage, 2);
	assert_int_equal(binned_read(&reader, MINUTE).bins, 2);
	bins_free(reader.bins);
}

static void
bin_goes_on_after_a_restart(void **state)
{
	struct binned *stage = *state;
	int64_t pair = stage->pair;
	struct binned_seen seen;

	binned_add(stage, MIDNIGHT, 10);
	binned_commit(stage, 7);
	binned_add(stage, MIDNIGHT, 1); /* is not committed */
	binned_reopen(stage, false);
	assert_int_equal(bins_checkpoint(stage->bins), 7);
	assert_int_equal(stage->pair, pair);
	binned_add(stage, MIDNIGHT, 5);
	seen = binned_read(stage, MINUTE);
	assert_true(seen.bins == 1 && seen.sent == 20 && seen.lost == 5);
}

static void
steps_are_kept_apart(void **state)
{
	struct binned *stage = *state;

	binned_add(stage, MIDNIGHT, 10);
	binned_add_step(stage, 5 * MINUTE, MIDNIGHT, 10, NS_PER_MS);
	binned_commit(stage, 1);
	assert_true(binned_read(stage, MINUTE).sent == 10);
	assert_true(binned_read(stage, 5 * MINUTE).sent == 10);
}

static void
last_finding_is_found_behind_failures(void **state)
{
	struct binned *stage = *state;
	struct bins_last last;
	double lost;

	add_failed(stage, MIDNIGHT);
	assert_int_equal(bins_last(stage->bins, stage->pair, MINUTE,
			     &sample_manifest, 0, &last, NULL),
	    0);
	binned_add(stage, MIDNIGHT + MINUTE, 3);
	binned_add(stage, MIDNIGHT + MINUTE + NS_PER_S, 0);
	add_failed(stage, MIDNIGHT + 5 * MINUTE);
	binned_commit(stage, 1);
	bins_forget(stage->bins);
	assert_int_equal(bins_last(stage->bins, stage->pair, MINUTE,
			     &sample_manifest, 0, &last, NULL),
	    1);
	assert_int_equal(last.finding, MIDNIGHT + MINUTE + 2 * NS_PER_S);
	assert_int_equal(last.outcome, OUTCOME_NO_ANSWER);
	assert_true(bundle_get(last.bundle, "lost", "sum", &lost));
	assert_true(lost == 17);
	bundle_free(last.bundle);
}

static void
name_pair(void *arg, int64_t number, const struct bins_key *key)
{
	char *text = arg;

	sprintf(text + strlen(text), "%lld %s %s %s %d;", (long long)number,
	    key->test, key->src, key->dst, key->family);
}

static void
each_pair_is_told(void **state)
{
	const struct bins_key other = {"core", "nyc", "lon", 6};
	struct binned *stage = *state;
	char text[200] = "";

	assert_int_equal(bins_pair(stage->bins, &other, NULL), 2);
	binned_commit(stage, 0);
	assert_int_equal(bins_each(stage->bins, name_pair, text, NULL), 0);
	assert_string_equal(text, "1 core nyc lon 4;2 core nyc lon 6;");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, binned_make, binned_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(records_of_one_step_are_merged),
	    TEST(record_without_findings_only_counts_its_outcome),
	    TEST(reader_sees_what_is_committed),
	    TEST(bin_goes_on_after_a_restart),
	    TEST(steps_are_kept_apart),
	    TEST(last_finding_is_found_behind_failures),
	    TEST(each_pair_is_told),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
