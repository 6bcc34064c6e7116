/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/sample.h"

#include <stddef.h>

#include "common/member.h"
#include "common/summary.h"

#define MOST 100

static const struct setting no_settings[] = {{0}};

#define METRICS                                                               \
	{.name = "sent",                                                      \
	    .kind = METRIC_COUNT,                                             \
	    .unit = UNIT_COUNT,                                               \
	    .better = BETTER_NEITHER,                                         \
	    .help = "packets sent"},                                          \
	    {.name = "lost",                                                  \
		.kind = METRIC_COUNT,                                         \
		.unit = UNIT_COUNT,                                           \
		.help = "packets lost"},                                      \
	    {.name = "loss",                                                  \
		.kind = METRIC_RATIO,                                         \
		.unit = UNIT_RATIO,                                           \
		.part = "lost",                                               \
		.whole = "sent",                                              \
		.help = "share of lost packets"},                             \
	    {.name = "rtt",                                                   \
		.kind = METRIC_DISTRIBUTION,                                  \
		.unit = UNIT_SECONDS,                                         \
		.help = "round-trip time"},                                   \
	{                                                                     \
		.name = "error", .kind = METRIC_TEXT_KIND, .unit = UNIT_NONE, \
		.help = "what went wrong"                                     \
	}

static const struct metric metrics[] = {METRICS, {0}};

static const struct metric newer_metrics[] = {
    METRICS,
    {.name = "late",
	.kind = METRIC_COUNT,
	.unit = UNIT_COUNT,
	.help = "packets that came late"},
    {0},
};

const struct manifest sample_manifest = {
    .name = "sample",
    .version = 1,
    .summary = "Nothing, in a test",
    .settings = no_settings,
    .metrics = metrics,
};

const struct manifest sample_newer = {
    .name = "sample",
    .version = 2,
    .summary = "Nothing, in a test",
    .settings = no_settings,
    .metrics = newer_metrics,
};

struct json_object *
sample_metrics(int sent, int received, nanoseconds unit)
{
	json_object *json = json_object_new_object();
	struct summary summary = {0};
	int64_t samples[MOST];

	for (int i = 0; i < received; i++)
		samples[i] = (i + 1) * unit;
	member_add_whole(json, "sent", sent);
	member_add_whole(json, "lost", sent - received);
	if (received > 0) {
		summary_fill(&summary, samples, (size_t)received);
		json_object_object_add(json, "rtt", summary_json(&summary));
		summary_clear(&summary);
	}
	return (json);
}

struct bundle *
sample_bundle(
    const struct manifest *manifest, int sent, int received, nanoseconds unit)
{
	json_object *json = sample_metrics(sent, received, unit);
	struct bundle *bundle = bundle_new(manifest);

	bundle_add(
	    bundle, received > 0 ? OUTCOME_MEASURED : OUTCOME_NO_ANSWER, json);
	json_object_put(json);
	return (bundle);
}
