/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/bundle.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/bundle_parts.h"
#include "common/finding.h"
#include "common/manifest.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/sides.h"
#include "common/tree.h"

struct bundle *
bundle_new(const struct manifest *manifest)
{
	size_t size = 0;
	struct bundle *bundle;

	while (manifest->metrics[size].name != NULL)
		size++;
	/* in one piece */
	bundle =
	    memory_new(1, sizeof(*bundle) + size * sizeof(*bundle->findings));
	bundle->manifest = manifest;
	bundle->findings = (struct finding *)(bundle + 1);
	bundle->size = size;
	return (bundle);
}

void
bundle_free(struct bundle *bundle)
{
	if (bundle == NULL)
		return;
	for (size_t i = 0; i < bundle->size; i++)
		finding_free(&bundle->findings[i]);
	free(bundle);
}

static void
add_metrics(struct bundle *bundle, const struct tree_node *metrics, bool merged)
{
	for (size_t i = 0; i < bundle->size; i++) {
		struct finding *own = &bundle->findings[i], found = {0};

		finding_read(
		    &found, &bundle->manifest->metrics[i], metrics, merged);
		if (own->n == 0 && found.n > 0) {
			*own = found; /* what is unmeasured holds nothing */
			continue;
		}
		finding_merge(own, &found);
		finding_free(&found);
	}
}

void
bundle_add_tree(struct bundle *bundle, enum outcome outcome,
    const struct tree_node *metrics)
{
	bundle->outcomes[outcome]++;
	add_metrics(bundle, metrics, false);
}

void
bundle_add(
    struct bundle *bundle, enum outcome outcome, struct json_object *metrics)
{
	struct tree *tree = tree_new();

	bundle_add_tree(bundle, outcome, tree_of(tree, metrics, NULL));
	tree_free(tree);
}

static struct finding *
find(const struct bundle *bundle, const char *name, enum metric_kind kind)
{
	const struct metric *metric =
	    metric_find(bundle->manifest->metrics, name);

	if (metric == NULL || metric->kind != kind)
		return (NULL);
	return (&bundle->findings[metric - bundle->manifest->metrics]);
}

static void
add_count(struct bundle *bundle, const struct sides_count *count)
{
	struct finding *own = find(bundle, count->name, METRIC_COUNT);

	if (own != NULL)
		finding_merge(
		    own, &(struct finding){.n = 1, .count = count->n});
}

static void
add_value(struct bundle *bundle, const char *name, double value)
{
	struct finding *own = find(bundle, name, METRIC_VALUE);

	if (own != NULL)
		finding_merge(own, &(struct finding){.n = 1,
				       .sum = value,
				       .min = value,
				       .max = value,
				       .last = value});
}

static bool
meet(struct bundle *bundle, struct finding *finding)
{
	struct sides_sum sum;
	bool met = false;

	while (sides_meet(finding->sides, &sum)) {
		for (unsigned i = 0; i < sum.count; i++)
			add_count(bundle, &sum.counts[i]);
		if (sum.longest > 0)
			add_value(bundle, "loss_longest", sum.longest);
		met = true;
	}
	finding->n = finding->sides->count;
	return (met);
}

bool
bundle_merge(struct bundle *into, const struct bundle *from)
{
	bool met = false;
	const struct metric *metric = from->manifest->metrics;

	for (int i = 0; i < OUTCOMES; i++)
		into->outcomes[i] += from->outcomes[i];
	for (size_t i = 0; i < from->size; i++, metric++) {
		struct finding *own =
		    into->manifest == from->manifest
			? &into->findings[i]
			: find(into, metric->name, metric->kind);

		if (own == NULL)
			continue;
		finding_merge(own, &from->findings[i]);
		if (from->findings[i].sides != NULL && own->sides != NULL)
			met = meet(into, own) || met;
	}
	return (met);
}

uint64_t
bundle_outcomes(const struct bundle *bundle, enum outcome outcome)
{
	return (bundle->outcomes[outcome]);
}

const char *
bundle_text(const struct bundle *bundle, const char *metric)
{
	const struct finding *found = find(bundle, metric, METRIC_TEXT_KIND);

	return (found != NULL && found->n > 0 ? found->text : NULL);
}

static bool
get_ratio(
    const struct bundle *bundle, const struct metric *metric, double *value)
{
	const struct finding *part = find(bundle, metric->part, METRIC_COUNT);
	const struct finding *whole = find(bundle, metric->whole, METRIC_COUNT);

	if (part == NULL || whole == NULL || part->n == 0 || whole->count == 0)
		return (false);
	*value = (double)part->count / (double)whole->count;
	return (true);
}

static bool
get(const struct bundle *bundle, const struct metric *metric, const char *stat,
    double *value)
{
	if (metric->kind == METRIC_RATIO)
		return (strcmp(stat, "ratio") == 0 &&
			get_ratio(bundle, metric, value));
	return (
	    finding_get(&bundle->findings[metric - bundle->manifest->metrics],
		metric->kind, stat, value));
}

bool
bundle_get(const struct bundle *bundle, const char *name, const char *stat,
    double *value)
{
	const struct metric *metric =
	    metric_find(bundle->manifest->metrics, name);

	return (metric != NULL && get(bundle, metric, stat, value));
}

bool
bundle_get_metric(const struct bundle *bundle, const struct manifest *manifest,
    const struct metric *metric, const char *stat, double *value)
{
	if (bundle->manifest != manifest)
		return (bundle_get(bundle, metric->name, stat, value));
	return (get(bundle, metric, stat, value));
}

const char *const *
bundle_stats(const struct manifest *manifest, const char *name)
{
	static const char *const none[] = {NULL};
	static const char *const counts[] = {"sum", NULL};
	static const char *const ratios[] = {"ratio", NULL};
	static const char *const distributions[] = {"p50", "median", "mean",
	    "min", "p5", "p25", "p75", "p95", "p99", "max", "sd", "n", NULL};
	static const char *const values[][5] = {
	    [MERGE_MEAN] = {"mean", "min", "max", "last", NULL},
	    [MERGE_MIN] = {"min", "mean", "max", "last", NULL},
	    [MERGE_MAX] = {"max", "mean", "min", "last", NULL},
	    [MERGE_LAST] = {"last", "mean", "min", "max", NULL},
	};
	const struct metric *metric = metric_find(manifest->metrics, name);

	switch (metric != NULL ? metric->kind : METRIC_DETAIL) {
	case METRIC_COUNT:
		return (counts);
	case METRIC_VALUE:
		return (values[metric->merge]);
	case METRIC_RATIO:
		return (ratios);
	case METRIC_DISTRIBUTION:
		return (distributions);
	default:
		return (none);
	}
}

struct json_object *
bundle_json(const struct bundle *bundle)
{
	const struct metric *table = bundle->manifest->metrics;
	json_object *json = json_object_new_object();
	json_object *outcomes = json_object_new_object();
	json_object *metrics = json_object_new_object();

	for (int i = 0; i < OUTCOMES; i++)
		if (bundle->outcomes[i] > 0)
			member_add_whole(outcomes, outcome_names[i],
			    (int64_t)bundle->outcomes[i]);
	for (size_t i = 0; i < bundle->size; i++)
		if (bundle->findings[i].n > 0)
			json_object_object_add(metrics, table[i].name,
			    finding_json(&bundle->findings[i], table[i].kind));
	json_object_object_add(json, "outcomes", outcomes);
	json_object_object_add(json, "metrics", metrics);
	return (json);
}

static int
parse_outcomes(
    struct bundle *bundle, const struct tree_node *json, struct error *err)
{
	const struct tree_node *outcomes;
	int64_t count;

	if (tree_object(json, "outcomes", &outcomes, err) != 0)
		return (-1);
	for (int i = 0; i < OUTCOMES; i++) {
		if (tree_get(outcomes, outcome_names[i]) == NULL)
			continue;
		if (tree_whole(outcomes, outcome_names[i], &count, err) != 0)
			return (-1);
		if (count < 0)
			return (error_set(err,
			    "member \"%s\": %" PRId64 ", expected from 0",
			    outcome_names[i], count));
		bundle->outcomes[i] = (uint64_t)count;
	}
	return (0);
}

struct bundle *
bundle_read(const struct manifest *manifest, const struct tree_node *json,
    struct error *err)
{
	struct bundle *bundle = bundle_new(manifest);
	const struct tree_node *metrics;

	if (parse_outcomes(bundle, json, err) != 0 ||
	    tree_object(json, "metrics", &metrics, err) != 0) {
		bundle_free(bundle);
		return (NULL);
	}
	add_metrics(bundle, metrics, true);
	return (bundle);
}

struct bundle *
bundle_parse(const struct manifest *manifest, struct json_object *json,
    struct error *err)
{
	struct tree *tree = tree_new();
	struct bundle *bundle =
	    bundle_read(manifest, tree_of(tree, json, err), err);

	tree_free(tree);
	return (bundle);
}
