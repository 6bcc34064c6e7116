/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/bundle.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/draft.h"
#include "common/manifest.h"
#include "common/member.h"
#include "common/summary.h"
#include "common/tree.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const struct setting no_settings[] = {{NULL}};

static const struct metric metrics[] = {
    {"sent", METRIC_COUNT, UNIT_COUNT},
    {"lost", METRIC_COUNT, UNIT_COUNT},
    {"loss", METRIC_RATIO, UNIT_RATIO, .part = "lost", .whole = "sent"},
    {"rtt", METRIC_DISTRIBUTION, UNIT_SECONDS},
    {"mean", METRIC_VALUE, UNIT_NONE, .merge = MERGE_MEAN},
    {"least", METRIC_VALUE, UNIT_NONE, .merge = MERGE_MIN},
    {"most", METRIC_VALUE, UNIT_NONE, .merge = MERGE_MAX},
    {"state", METRIC_VALUE, UNIT_NONE, .merge = MERGE_LAST},
    {"error", METRIC_TEXT_KIND},
    {"notes", METRIC_DETAIL},
    {NULL},
};

static const struct manifest manifest = {
    .name = "sample",
    .version = 1,
    .summary = "measures nothing",
    .settings = no_settings,
    .metrics = metrics,
};

static void
add(struct bundle *bundle, enum outcome outcome, const char *text)
{
	json_object *json = json_tokener_parse(text);

	assert_non_null(json);
	bundle_add(bundle, outcome, json);
	json_object_put(json);
}

static void
assert_number(const struct bundle *bundle, const char *metric, const char *stat,
    double expected)
{
	double value;

	if (!bundle_get(bundle, metric, stat, &value))
		fail_msg("%s of %s is absent", stat, metric);
	if (fabs(value - expected) > 1e-12)
		fail_msg("%s of %s: %.17g, expected %.17g", stat, metric, value,
		    expected);
}

static void
assert_absent(const struct bundle *bundle, const char *metric, const char *stat)
{
	double value;

	if (bundle_get(bundle, metric, stat, &value))
		fail_msg("%s of %s: %g, expected none", stat, metric, value);
}

static char *
stored(const struct bundle *bundle)
{
	json_object *json = bundle_json(bundle);
	char *text = strdup(
	    json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN));

	json_object_put(json);
	return (text);
}

/* By way of json-c's tree, and by way of none: both yield the same. */
static struct bundle *
store_and_parse(const struct bundle *bundle)
{
	struct tree *tree = tree_new();
	struct draft draft = {0};
	char *text = stored(bundle), *again;
	struct error err;
	json_object *json = member_parse(text, strlen(text), &err);
	struct bundle *back = bundle_parse(&manifest, json, &err), *written;

	bundle_write(bundle, &draft);
	assert_int_equal(strlen(draft.text), draft.length);
	written = bundle_read(
	    &manifest, tree_parse(tree, draft.text, draft.length, &err), &err);
	if (back == NULL || written == NULL)
		fail_msg("%s", err.text);
	again = stored(written);
	assert_string_equal(again, text);
	bundle_free(written);
	json_object_put(json);
	draft_clear(&draft);
	tree_free(tree);
	free(again);
	free(text);
	return (back);
}

static void
assert_same(const struct bundle *a, const struct bundle *b)
{
	char *x = stored(a), *y = stored(b);

	assert_string_equal(x, y);
	free(x);
	free(y);
}

/* A record's metrics with n round trips, some of them missing. */
static json_object *
random_metrics(unsigned short seed[static 3])
{
	json_object *o = json_object_new_object();
	struct summary s = {0};
	int64_t samples[20];
	size_t n = (size_t)(erand48(seed) * 21);

	for (size_t i = 0; i < n; i++)
		samples[i] = 30000000 + (int64_t)(erand48(seed) * 5e6);
	summary_fill(&s, samples, n);
	member_add_whole(o, "sent", 20);
	member_add_whole(o, "lost", 20 - (int64_t)n);
	if (n > 0)
		json_object_object_add(o, "rtt", summary_json(&s));
	if (n % 3 > 0)
		member_add_number(o, "mean", erand48(seed) - 0.5);
	if (n % 4 > 0)
		member_add_text(o, "error", n > 10 ? "a" : "b");
	summary_clear(&s);
	return (o);
}

static void
metrics_merge_by_their_kind(void **state)
{
	struct bundle *bundle = bundle_new(&manifest);

	add(bundle, OUTCOME_MEASURED,
	    "{\"sent\":10,\"lost\":1,\"mean\":2,\"least\":2,\"most\":2,"
	    "\"state\":2}");
	add(bundle, OUTCOME_MEASURED,
	    "{\"sent\":30,\"lost\":0,\"mean\":4.5,\"least\":1,\"most\":8,"
	    "\"state\":1}");
	assert_number(bundle, "sent", "sum", 40);
	assert_number(bundle, "loss", "ratio", 1.0 / 40);
	assert_number(bundle, "mean", "mean", 3.25);
	assert_number(bundle, "least", "min", 1);
	assert_number(bundle, "most", "max", 8);
	assert_number(bundle, "state", "last", 1);
	assert_number(bundle, "state", "max", 2);
	assert_absent(bundle, "sent", "mean");
	assert_absent(bundle, "loss", "sum");
	assert_absent(bundle, "error", "last");
	assert_absent(bundle, "none", "sum");
	bundle_free(bundle);
}

static void
unmeasured_is_absent(void **state)
{
	struct bundle *bundle = bundle_new(&manifest);

	bundle_add(bundle, OUTCOME_FAILED, NULL);
	for (const struct metric *m = metrics; m->name != NULL; m++) {
		const char *const *stat = bundle_stats(&manifest, m->name);

		for (; *stat != NULL; stat++)
			assert_absent(bundle, m->name, *stat);
	}
	add(bundle, OUTCOME_MEASURED, "{\"sent\":0,\"lost\":0}");
	assert_number(bundle, "lost", "sum", 0);
	assert_absent(bundle, "loss", "ratio");
	add(bundle, OUTCOME_MEASURED, "{\"sent\":4}");
	assert_number(bundle, "loss", "ratio", 0);
	bundle_free(bundle);
}

static void
ratio_needs_both_counts(void **state)
{
	struct bundle *bundle = bundle_new(&manifest);

	add(bundle, OUTCOME_MEASURED, "{\"sent\":4}");
	assert_absent(bundle, "loss", "ratio");
	bundle_free(bundle);
}

static void
outcomes_are_counted(void **state)
{
	struct bundle *a = bundle_new(&manifest), *b = bundle_new(&manifest);

	bundle_add(a, OUTCOME_FAILED, NULL);
	bundle_add(a, OUTCOME_FAILED, NULL);
	bundle_add(b, OUTCOME_SKIPPED, NULL);
	bundle_merge(a, b);
	assert_int_equal(bundle_outcomes(a, OUTCOME_FAILED), 2);
	assert_int_equal(bundle_outcomes(a, OUTCOME_SKIPPED), 1);
	assert_int_equal(bundle_outcomes(a, OUTCOME_MEASURED), 0);
	bundle_free(a);
	bundle_free(b);
}

static void
strange_members_are_ignored(void **state)
{
	static const char *const strange[] = {"{\"sent\":-1}", "{\"sent\":1.5}",
	    "{\"sent\":\"1\"}", "{\"sent\":null}",
	    "{\"mean\":{\"n\":1,\"sum\":1,"
	    "\"min\":1,\"max\":1,\"last\":1}}",
	    "{\"rtt\":3}", "{\"rtt\":{\"n\":1}}", "{\"error\":[]}",
	    "{\"loss\":0.5}", "{\"later\":7}", "[]", "7"};
	struct bundle *bundle = bundle_new(&manifest);
	struct bundle *empty = bundle_new(&manifest);

	for (size_t i = 0; i < COUNT(strange); i++) {
		add(bundle, OUTCOME_MEASURED, strange[i]);
		bundle_add(empty, OUTCOME_MEASURED, NULL);
	}
	assert_same(bundle, empty);
	bundle_free(bundle);
	bundle_free(empty);
}

static void
huge_numbers_stay_numbers(void **state)
{
	struct bundle *bundle = bundle_new(&manifest), *back;

	for (size_t i = 0; i < 4; i++)
		add(bundle, OUTCOME_MEASURED,
		    "{\"sent\":9223372036854775807,\"mean\":1.7e308}");
	assert_number(bundle, "sent", "sum", 9223372036854775807.0);
	back = store_and_parse(bundle);
	assert_same(bundle, back);
	bundle_free(bundle);
	bundle_free(back);
}

static void
storing_changes_nothing(void **state)
{
	unsigned short seed[3] = {2026, 11, 21};

	for (size_t round = 0; round < 50; round++) {
		struct bundle *kept = bundle_new(&manifest), *part, *back;
		struct bundle *other = bundle_new(&manifest);

		for (size_t i = 0; i < 12; i++) {
			enum outcome outcome = OUTCOME_MEASURED;
			json_object *json = random_metrics(seed);

			part = bundle_new(&manifest);
			if (erand48(seed) < 0.2)
				outcome = OUTCOME_NO_ANSWER;
			bundle_add(part, outcome, json);
			bundle_merge(kept, part);
			/* the other goes through its stored form each time */
			back = store_and_parse(part);
			bundle_merge(other, back);
			bundle_free(back);
			back = store_and_parse(other);
			bundle_free(other);
			other = back;
			assert_same(kept, other);
			bundle_free(part);
			json_object_put(json);
		}
		bundle_free(kept);
		bundle_free(other);
	}
}

static void
one_record_keeps_exact_quantiles(void **state)
{
	int64_t samples[] = {36100123, 36200456, 39100789};
	struct bundle *bundle = bundle_new(&manifest), *back;
	json_object *json = json_object_new_object();
	struct summary s = {0};

	summary_fill(&s, samples, 3);
	json_object_object_add(json, "rtt", summary_json(&s));
	bundle_add(bundle, OUTCOME_MEASURED, json);
	back = store_and_parse(bundle);
	assert_number(back, "rtt", "p50", 0.036200456);
	assert_number(back, "rtt", "max", 0.039100789);
	assert_number(back, "rtt", "n", 3);
	assert_absent(back, "rtt", "p99");
	json_object_put(json);
	summary_clear(&s);
	bundle_free(bundle);
	bundle_free(back);
}

static void
other_version_of_a_manifest_is_merged_by_name(void **state)
{
	static const struct metric newer[] = {
	    {"lost", METRIC_COUNT, UNIT_COUNT},
	    {"sent", METRIC_VALUE, UNIT_COUNT},
	    {NULL},
	};
	struct manifest next = manifest;
	struct bundle *a = bundle_new(&manifest), *b;

	next.metrics = newer;
	b = bundle_new(&next);
	add(a, OUTCOME_MEASURED, "{\"sent\":10,\"lost\":3}");
	bundle_merge(b, a);
	assert_number(b, "lost", "sum", 3);
	assert_absent(b, "sent", "mean");
	bundle_free(a);
	bundle_free(b);
}

static void
broken_store_is_refused(void **state)
{
	static const char *const bad[] = {"[]", "{}", "{\"outcomes\":{}}",
	    "{\"metrics\":{}}", "{\"outcomes\":[],\"metrics\":{}}",
	    "{\"outcomes\":{\"failed\":-1},\"metrics\":{}}",
	    "{\"outcomes\":{\"failed\":\"1\"},\"metrics\":{}}"};
	struct error err;

	for (size_t i = 0; i < COUNT(bad); i++) {
		json_object *json = json_tokener_parse(bad[i]);

		assert_null(bundle_parse(&manifest, json, &err));
		assert_non_null(strstr(err.text, "expected"));
		json_object_put(json);
	}
}

static void
usual_statistic_comes_first(void **state)
{
	assert_string_equal(bundle_stats(&manifest, "sent")[0], "sum");
	assert_string_equal(bundle_stats(&manifest, "loss")[0], "ratio");
	assert_string_equal(bundle_stats(&manifest, "rtt")[0], "p50");
	assert_string_equal(bundle_stats(&manifest, "mean")[0], "mean");
	assert_string_equal(bundle_stats(&manifest, "least")[0], "min");
	assert_string_equal(bundle_stats(&manifest, "most")[0], "max");
	assert_string_equal(bundle_stats(&manifest, "state")[0], "last");
	assert_null(bundle_stats(&manifest, "error")[0]);
	assert_null(bundle_stats(&manifest, "notes")[0]);
	assert_null(bundle_stats(&manifest, "none")[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(metrics_merge_by_their_kind),
	    cmocka_unit_test(unmeasured_is_absent),
	    cmocka_unit_test(ratio_needs_both_counts),
	    cmocka_unit_test(outcomes_are_counted),
	    cmocka_unit_test(strange_members_are_ignored),
	    cmocka_unit_test(huge_numbers_stay_numbers),
	    cmocka_unit_test(storing_changes_nothing),
	    cmocka_unit_test(one_record_keeps_exact_quantiles),
	    cmocka_unit_test(other_version_of_a_manifest_is_merged_by_name),
	    cmocka_unit_test(broken_store_is_refused),
	    cmocka_unit_test(usual_statistic_comes_first),
	};

	return (cmocka_run_group_tests_name("bundle", tests, NULL, NULL));
}
