/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/rollup.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "collector/rollup_row.h"
#include "common/bundle.h"
#include "common/draft.h"
#include "common/manifest.h"
#include "common/memory.h"
#include "common/packing.h"
#include "common/tree.h"

#define LARGEST (64UL * 1024 * 1024) /* of a row when unpacked */

struct worst {
	double value;      /* NAN: none */
	nanoseconds start; /* of the bin */
};

struct rollup {
	const struct manifest *manifest;
	struct bundle *bundle;
	uint64_t bins;
	struct worst *worst; /* in the order of the manifest's metrics */
};

struct rollup *
rollup_new(const struct manifest *manifest)
{
	struct rollup *rollup = memory_new(1, sizeof(*rollup));
	size_t count = 0;

	while (manifest->metrics[count].name != NULL)
		count++;
	rollup->manifest = manifest;
	rollup->bundle = bundle_new(manifest);
	rollup->worst = memory_new(count + 1, sizeof(*rollup->worst));
	for (size_t i = 0; i < count; i++)
		rollup->worst[i].value = NAN;
	return (rollup);
}

void
rollup_free(struct rollup *rollup)
{
	if (rollup == NULL)
		return;
	bundle_free(rollup->bundle);
	free(rollup->worst);
	free(rollup);
}

/* What is judged of a metric, or NULL. */
static const char *
judged(const struct manifest *manifest, const struct metric *metric)
{
	if (metric->kind != METRIC_RATIO && !metric->graded)
		return (NULL);
	return (bundle_stats(manifest, metric->name)[0]);
}

static void
note_worst(const struct metric *metric, struct worst *worst, double value,
    nanoseconds start)
{
	bool worse = metric->better == BETTER_MORE ? value < worst->value
						   : value > worst->value;

	if (isnan(worst->value) || worse)
		*worst = (struct worst){value, start};
}

void
rollup_add(
    struct rollup *rollup, nanoseconds start, const struct bundle *bundle)
{
	const struct metric *m = rollup->manifest->metrics;
	double value;

	for (size_t i = 0; m[i].name != NULL; i++) {
		const char *stat = judged(rollup->manifest, &m[i]);

		if (stat != NULL && bundle_get_metric(bundle, rollup->manifest,
					&m[i], stat, &value))
			note_worst(&m[i], &rollup->worst[i], value, start);
	}
	bundle_merge(rollup->bundle, bundle);
	rollup->bins++;
}

void
rollup_merge(struct rollup *into, const struct rollup *from)
{
	const struct metric *m = into->manifest->metrics;
	struct worst worst;

	for (size_t i = 0; m[i].name != NULL; i++)
		if (judged(into->manifest, &m[i]) != NULL &&
		    rollup_worst(from, m[i].name, &worst.value, &worst.start))
			note_worst(
			    &m[i], &into->worst[i], worst.value, worst.start);
	bundle_merge(into->bundle, from->bundle);
	into->bins += from->bins;
}

const struct bundle *
rollup_bundle(const struct rollup *rollup)
{
	return (rollup->bundle);
}

uint64_t
rollup_bins(const struct rollup *rollup)
{
	return (rollup->bins);
}

void
rollup_limit(struct rollup *rollup, uint64_t bins)
{
	if (rollup->bins > bins)
		rollup->bins = bins;
}

bool
rollup_worst(const struct rollup *rollup, const char *name, double *value,
    nanoseconds *start)
{
	const struct metric *table = rollup->manifest->metrics;
	const struct metric *metric = metric_find(table, name);
	const struct worst *worst;

	if (metric == NULL)
		return (false);
	worst = &rollup->worst[metric - table];
	if (isnan(worst->value))
		return (false);
	*value = worst->value;
	*start = worst->start;
	return (true);
}

/* Whole seconds are short and quick, and bins begin with them. */
static void
write_start(struct draft *draft, nanoseconds start)
{
	if (start % NS_PER_S == 0)
		draft_whole(draft, start / NS_PER_S);
	else
		draft_number(draft, clock_seconds(start));
}

static void
write_worst(const struct rollup *rollup, struct draft *draft)
{
	const struct metric *m = rollup->manifest->metrics;
	const char *before = "\"";

	for (size_t i = 0; m[i].name != NULL; i++) {
		if (isnan(rollup->worst[i].value))
			continue;
		draft_add(draft, before);
		draft_add(draft, m[i].name);
		draft_add(draft, "\":[");
		draft_number(draft, rollup->worst[i].value);
		draft_add(draft, ",");
		write_start(draft, rollup->worst[i].start);
		before = "],\"";
	}
	if (before[0] == ']')
		draft_add(draft, "]");
}

void *
rollup_pack(const struct rollup *rollup, size_t *length)
{
	struct draft draft = {0};
	void *packed;

	draft_add(&draft, "{\"bundle\":");
	bundle_write(rollup->bundle, &draft);
	draft_add(&draft, ",\"worst\":{");
	write_worst(rollup, &draft);
	draft_add(&draft, "}}");
	packed = packing_pack(draft.text, draft.length, length);
	draft_clear(&draft);
	return (packed);
}

static bool
is_number(const struct tree_node *node)
{
	return (node != NULL &&
		(node->kind == TREE_WHOLE || node->kind == TREE_NUMBER));
}

static void
read_worst(struct rollup *rollup, const struct tree_node *json)
{
	const struct metric *m = rollup->manifest->metrics;

	for (size_t i = 0; m[i].name != NULL; i++) {
		const struct tree_node *pair = tree_get(json, m[i].name);
		const struct tree_node *value, *start;

		if (pair == NULL || pair->kind != TREE_ARRAY)
			continue;
		value = pair->first;
		start = value != NULL ? value->next : NULL;
		if (is_number(value) && is_number(start))
			rollup->worst[i] = (struct worst){tree_number_of(value),
			    clock_of_seconds(tree_number_of(start))};
	}
}

static struct rollup *
parse(const struct manifest *manifest, const struct tree_node *json,
    struct error *err)
{
	struct bundle *bundle =
	    bundle_read(manifest, tree_get(json, "bundle"), err);
	struct rollup *rollup;

	if (bundle == NULL)
		return (NULL);
	rollup = rollup_new(manifest);
	bundle_free(rollup->bundle);
	rollup->bundle = bundle;
	read_worst(rollup, tree_get(json, "worst"));
	return (rollup);
}

struct rollup *
rollup_unpack(const struct manifest *manifest, int64_t bins, const void *data,
    size_t length, struct error *err)
{
	struct tree *tree = tree_new();
	const struct tree_node *json = NULL;
	struct rollup *rollup = NULL;
	size_t size;
	int too_large;
	char *text =
	    packing_unpack(data, length, LARGEST, &size, &too_large, err);

	if (text != NULL)
		json = tree_parse(tree, text, size, err);
	if (json != NULL)
		rollup = parse(manifest, json, err);
	if (rollup != NULL)
		rollup->bins = (uint64_t)bins;
	free(text);
	tree_free(tree);
	return (rollup);
}
