/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/bins.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/manifest.h"
#include "tests/unit/binned.h"

static const struct metric sided_metrics[] = {
    {.name = "open", .kind = METRIC_SIDES, .help = "what one end knows"},
    {.name = "sent", .kind = METRIC_COUNT, .help = "sent"},
    {.name = "received", .kind = METRIC_COUNT, .help = "received"},
    {.name = "lost", .kind = METRIC_COUNT, .help = "lost"},
    {0},
};
static const struct setting no_settings[] = {{0}};
static const struct manifest sided = {.name = "sided",
    .version = 1,
    .summary = "Of two ends",
    .settings = no_settings,
    .metrics = sided_metrics};

/* What bins_add says. */
static int
add_side(struct binned *stage, nanoseconds start, enum outcome outcome,
    const char *metrics)
{
	struct bundle *bundle = bundle_new(&sided);
	json_object *json = json_tokener_parse(metrics);
	struct bins_record record = {.start = start,
	    .end = start + MINUTE,
	    .outcome = outcome,
	    .bundle = bundle};
	struct error err;
	int result;

	bundle_add(bundle, outcome, json);
	result =
	    bins_add(stage->bins, stage->pair, MINUTE, &sided, &record, &err);
	if (result == -1)
		fail_msg("%s", err.text);
	bundle_free(bundle);
	json_object_put(json);
	return (result);
}

/* The last finding; its bundle is to be freed. */
static struct bins_last
last_of(struct binned *stage)
{
	struct bins_last last;

	assert_int_equal(
	    bins_last(stage->bins, stage->pair, MINUTE, &sided, 0, &last, NULL),
	    1);
	return (last);
}

#define RECEIVED                                        \
	"{\"received\":7,\"open\":[{\"needs\":[\"k\"]," \
	"\"received\":7,\"late\":0,\"add\":{}}]}"
#define SENT "{\"open\":[{\"is\":\"k\",\"add\":{\"sent\":10}}]}"

/* Whichever was there first, also when it has been committed, and told to the
 * history: only when they meet there is something to be told again. */
static void
two_sides_meet_in_a_bin(void **state)
{
	struct binned *stage = *state;
	struct bins_last last;
	double value;

	add_side(stage, MIDNIGHT, OUTCOME_MEASURED, RECEIVED);
	add_side(stage, MIDNIGHT + MINUTE, OUTCOME_STATED, SENT);
	add_side(stage, MIDNIGHT + 3 * MINUTE, OUTCOME_STATED, SENT);
	bins_set_flushed(stage->bins, stage->pair, MIDNIGHT + 2 * MINUTE, NULL);
	binned_commit(stage, 1);
	binned_reopen(stage, false);
	/* a statement that waits is no finding */
	last = last_of(stage);
	assert_int_equal(last.finding, MIDNIGHT + MINUTE);
	assert_int_equal(last.start, MIDNIGHT);
	assert_false(bundle_get(last.bundle, "sent", "sum", &value));
	bundle_free(last.bundle);
	assert_int_equal(
	    add_side(stage, MIDNIGHT, OUTCOME_STATED,
		"{\"open\":[{\"is\":\"other\",\"add\":{\"sent\":1}}]}"),
	    0);
	assert_false(binned_standing(stage).rebuild);
	assert_int_equal(add_side(stage, MIDNIGHT, OUTCOME_STATED, SENT), 1);
	assert_true(binned_standing(stage).rebuild);
	assert_int_equal(
	    add_side(stage, MIDNIGHT + MINUTE, OUTCOME_MEASURED, RECEIVED), 1);
	binned_commit(stage, 2);
	for (int i = 0; i < 2; i++) {
		last = last_of(stage);
		assert_int_equal(last.start, MIDNIGHT + MINUTE);
		assert_int_equal(last.outcome, OUTCOME_MEASURED);
		assert_true(bundle_get(last.bundle, "sent", "sum", &value) &&
			    value == 10);
		assert_true(bundle_get(last.bundle, "lost", "sum", &value) &&
			    value == 3);
		bundle_free(last.bundle);
		binned_reopen(stage, false);
	}
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, binned_make, binned_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(two_sides_meet_in_a_bin),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
