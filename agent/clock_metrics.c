/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/clock_metrics.h"

#include <string.h>

#include "common/manifest.h"

#define COUNT(metric, judged, sentence)                                   \
	{                                                                 \
		.name = metric, .kind = METRIC_COUNT, .unit = UNIT_COUNT, \
		.better = judged, .help = sentence                        \
	}
#define VALUE(metric, of, judged, merged, sentence)                 \
	{                                                           \
		.name = metric, .kind = METRIC_VALUE, .unit = of,   \
		.better = judged, .merge = merged, .help = sentence \
	}
#define TEXT(metric, sentence)                                             \
	{                                                                  \
		.name = metric, .kind = METRIC_TEXT_KIND, .help = sentence \
	}

static const struct setting settings[] = {{NULL}};

static const struct metric metrics[] = {
    {.name = "bound",
	.kind = METRIC_VALUE,
	.unit = UNIT_SECONDS,
	.better = BETTER_LESS,
	.merge = MERGE_MAX,
	.graded = true,
	.edges = {0.001, 0.01, 0.05, 0.1, 1},
	.help = "how far the clock may have been off at most; absent if it "
		"had no bound at some time"},
    {.name = "sync",
	.kind = METRIC_RATIO,
	.unit = UNIT_RATIO,
	.better = BETTER_MORE,
	.part = "synced",
	.whole = "looks",
	.graded = true,
	.edges = {0.5, 0.9, 0.99, 0.999, 1},
	.help = "share of the looks at which something kept the clock right"},
    COUNT("looks", BETTER_NEITHER,
	"times that the clock was looked at: each 16 s, and when it was set"),
    COUNT(
	"synced", BETTER_MORE, "looks at which something kept the clock right"),
    VALUE("frequency", UNIT_RATIO, BETTER_NEITHER, MERGE_MEAN,
	"what the clock would run fast by, were it not corrected"),
    VALUE("skew", UNIT_RATIO, BETTER_LESS, MERGE_MAX,
	"how far the frequency may be off: its stability"),
    VALUE("offset", UNIT_SECONDS, BETTER_NEITHER, MERGE_MEAN,
	"the clock less the truth, as what keeps it right has it"),
    COUNT("steps", BETTER_LESS, "times that the clock was set"),
    VALUE("step", UNIT_SECONDS, BETTER_LESS, MERGE_MAX,
	"by how much it was set at most, either way"),
    VALUE("steal", UNIT_RATIO, BETTER_LESS, MERGE_MEAN,
	"share of the processors' time that a virtual machine's host gave to "
	"others"),
    TEXT("state",
	"synchronised; vouched, where it is the operator's word; held, where "
	"what kept it has gone and its last word counts; or unsynchronised"),
    TEXT("source",
	"what keeps it right: chrony, kernel, gps, ptp, operator or none"),
    TEXT("reference", "whom that follows"),
    TEXT("clocksource", "the counter that the kernel keeps time by"),
    {.name = "stepped",
	.kind = METRIC_DETAIL,
	.help =
	    "each step: by how many seconds, forward positive, and when, by "
	    "the clock as set"},
    {.name = NULL},
};

const struct manifest clock_manifest = {
    .name = "clock",
    .version = 1,
    .summary = "what keeps this host's clock right, and how right it is",
    .runs_at = RUNS_AT_SRC,
    .of_host = true,
    .streams = true,
    .settings = settings,
    .metrics = metrics,
};

bool
clock_is_probe(const char *name)
{
	return (strcmp(name, clock_manifest.name) == 0);
}
