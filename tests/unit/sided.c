/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/sided.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/draft.h"
#include "common/manifest.h"
#include "common/tree.h"

static const struct setting no_settings[] = {{NULL}};

static const struct metric metrics[] = {
    {"open", METRIC_SIDES},
    {"sent", METRIC_COUNT, UNIT_COUNT},
    {"received", METRIC_COUNT, UNIT_COUNT},
    {"lost", METRIC_COUNT, UNIT_COUNT},
    {"lost_locally", METRIC_COUNT, UNIT_COUNT},
    {"lost_unsure", METRIC_COUNT, UNIT_COUNT},
    {"skipped", METRIC_COUNT, UNIT_COUNT},
    {"loss_periods", METRIC_COUNT, UNIT_COUNT},
    {"loss_near", METRIC_COUNT, UNIT_COUNT},
    {"loss_longest", METRIC_VALUE, UNIT_COUNT, .merge = MERGE_MAX},
    {"loss", METRIC_RATIO, UNIT_RATIO, .part = "lost", .whole = "sent"},
    {NULL},
};

const struct manifest sided_manifest = {
    .name = "sample",
    .version = 1,
    .summary = "measures nothing",
    .settings = no_settings,
    .metrics = metrics,
};

const char sided_received[] =
    "{\"received\":97,\"open\":[{\"needs\":[\"a/1\"],\"received\":97,"
    "\"late\":1,\"add\":{\"sent\":0,\"lost_locally\":1,\"skipped\":0}}]}";
const char sided_sent[] = "{\"open\":[{\"is\":\"a/1\",\"add\":{\"sent\":100,"
			  "\"lost_locally\":0,\"skipped\":2}}]}";

static bool
merge(struct bundle *into, enum outcome outcome, const char *text)
{
	struct bundle *record = bundle_new(&sided_manifest);
	json_object *json = json_tokener_parse(text);
	bool met;

	assert_non_null(json);
	bundle_add(record, outcome, json);
	met = bundle_merge(into, record);
	bundle_free(record);
	json_object_put(json);
	return (met);
}

bool
sided_add_received(struct bundle *into, const char *text)
{
	return (merge(into, OUTCOME_MEASURED, text));
}

bool
sided_add_sent(struct bundle *into, const char *text)
{
	return (merge(into, OUTCOME_STATED, text));
}

double
sided_sum(const struct bundle *bundle, const char *metric)
{
	double value;

	return (bundle_get(bundle, metric, "sum", &value) ? value : -1);
}

void
sided_expect(
    const struct bundle *bundle, double all, double lost, double locally)
{
	assert_true(sided_sum(bundle, "sent") == all);
	assert_true(sided_sum(bundle, "lost") == lost);
	assert_true(sided_sum(bundle, "lost_locally") == locally);
	if (all >= 0)
		assert_true(
		    all == sided_sum(bundle, "received") + lost + locally);
}

struct bundle *
sided_stored(struct bundle *bundle, bool quickly)
{
	struct draft draft = {0};
	struct tree *tree = tree_new();
	json_object *json = bundle_json(bundle);
	struct bundle *back;

	if (quickly) {
		bundle_write(bundle, &draft);
		back = bundle_read(&sided_manifest,
		    tree_parse(tree, draft.text, draft.length, NULL), NULL);
	} else
		back = bundle_parse(&sided_manifest, json, NULL);
	assert_non_null(back);
	draft_clear(&draft);
	json_object_put(json);
	tree_free(tree);
	bundle_free(bundle);
	return (back);
}
