/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/history_layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/manifest.h"
#include "common/memory.h"

#define DAY 86400L

/* Rows of a step of the bins' own, and the coarser ones. */
#define OWN_ROWS 2880L
static const struct {
	long row, span;
} coarser[] = {
    {300, 14 * DAY},
    {3600, 365 * DAY},
    {DAY, 7305 * DAY},
};

static const struct {
	const char *stat, *cf;
} distribution[] = {
    {"min", "MIN"},
    {"p50", "AVERAGE"},
    {"p95", "AVERAGE"},
    {"max", "MAX"},
};

static const struct {
	const char *stat, *cf;
} merged[] = {
    [MERGE_MEAN] = {"mean", "AVERAGE"},
    [MERGE_MIN] = {"min", "MIN"},
    [MERGE_MAX] = {"max", "MAX"},
    [MERGE_LAST] = {"last", "AVERAGE"},
};

static struct history_source *
add_source(struct history_layout *layout, const struct metric *metric,
    const char *stat, const char *cf)
{
	struct history_source *source;

	layout->sources = memory_resize(layout->sources,
	    layout->source_count + 1, sizeof(*layout->sources));
	source = &layout->sources[layout->source_count++];
	*source =
	    (struct history_source){.metric = metric, .stat = stat, .cf = cf};
	snprintf(source->name, sizeof(source->name), "%s", metric->name);
	return (source);
}

static void
add_distribution(struct history_layout *layout, const struct metric *metric)
{
	for (size_t i = 0; i < sizeof(distribution) / sizeof(*distribution);
	     i++) {
		struct history_source *source = add_source(
		    layout, metric, distribution[i].stat, distribution[i].cf);

		snprintf(source->name, sizeof(source->name), "%s_%s",
		    metric->name, source->stat);
	}
}

void
history_layout_add(struct history_layout *layout, const struct metric *metric)
{
	switch (metric->kind) {
	case METRIC_COUNT:
		add_source(layout, metric, "sum", "AVERAGE");
		break;
	case METRIC_VALUE:
		add_source(layout, metric, merged[metric->merge].stat,
		    merged[metric->merge].cf);
		break;
	case METRIC_DISTRIBUTION:
		add_distribution(layout, metric);
		break;
	default: /* ratios come from their counts, the rest is no number */
		break;
	}
}

static void
add_archive(struct history_layout *layout, const char *cf, long row, long rows)
{
	layout->archives[layout->archive_count++] =
	    (struct history_archive){cf, row, rows};
}

static void
fill_archives(struct history_layout *layout)
{
	long rows = OWN_ROWS;

	for (size_t i = 0; i < sizeof(coarser) / sizeof(*coarser); i++)
		if (coarser[i].row == layout->step)
			rows = coarser[i].span / coarser[i].row;
	add_archive(layout, "AVERAGE", layout->step, rows);
	for (size_t i = 0; i < sizeof(coarser) / sizeof(*coarser); i++) {
		if (coarser[i].row <= layout->step)
			continue;
		rows = coarser[i].span / coarser[i].row;
		add_archive(layout, "AVERAGE", coarser[i].row, rows);
		add_archive(layout, "MIN", coarser[i].row, rows);
		add_archive(layout, "MAX", coarser[i].row, rows);
	}
}

void
history_layout_fill(struct history_layout *layout,
    const struct manifest *manifest, nanoseconds step)
{
	*layout = (struct history_layout){
	    .manifest = manifest, .step = (long)(step / NS_PER_S)};
	for (const struct metric *m = manifest->metrics; m->name != NULL; m++)
		history_layout_add(layout, m);
	fill_archives(layout);
}

void
history_layout_clear(struct history_layout *layout)
{
	free(layout->sources);
	*layout = (struct history_layout){0};
}
