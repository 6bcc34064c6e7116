/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/finding.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/draft.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/sides.h"
#include "common/summary.h"
#include "common/tree.h"

void
finding_free(const struct finding *finding)
{
	if (finding->distribution != NULL)
		summary_clear(finding->distribution);
	free(finding->distribution);
	free(finding->text);
	if (finding->sides != NULL)
		sides_clear(finding->sides);
	free(finding->sides);
}

/* JSON has no infinity: the largest number stands for more. */
static double
finite_sum(double a, double b)
{
	return (fmin(fmax(a + b, -DBL_MAX), DBL_MAX));
}

static void
merge_sides(struct finding *into, const struct finding *from)
{
	if (into->sides == NULL)
		into->sides = memory_new(1, sizeof(*into->sides));
	sides_merge(into->sides, from->sides);
	into->n = into->sides->count;
}

void
finding_merge(struct finding *into, const struct finding *from)
{
	if (from->n == 0)
		return;
	if (from->sides != NULL) {
		merge_sides(into, from);
		return;
	}
	if (__builtin_add_overflow(into->count, from->count, &into->count))
		into->count = INT64_MAX;
	into->sum = finite_sum(into->sum, from->sum);
	into->min = into->n > 0 ? fmin(into->min, from->min) : from->min;
	into->max = into->n > 0 ? fmax(into->max, from->max) : from->max;
	into->last = from->last;
	if (from->distribution != NULL) {
		if (into->distribution == NULL)
			into->distribution =
			    memory_new(1, sizeof(*into->distribution));
		summary_merge(into->distribution, from->distribution);
	}
	if (from->text != NULL) {
		free(into->text);
		into->text = memory_text(from->text);
	}
	into->n += from->n;
}

static void
read_count(
    struct finding *finding, const char *name, const struct tree_node *metrics)
{
	if (tree_whole(metrics, name, &finding->count, NULL) == 0 &&
	    finding->count >= 0)
		finding->n = 1;
}

/* As a record has it: one number. */
static void
read_value(
    struct finding *finding, const char *name, const struct tree_node *metrics)
{
	double value;

	if (tree_number(metrics, name, &value, NULL) != 0)
		return;
	finding->sum = finding->min = finding->max = finding->last = value;
	finding->n = 1;
}

/* As bundle_json writes it. */
static void
read_values(
    struct finding *finding, const char *name, const struct tree_node *metrics)
{
	const struct tree_node *value = tree_get(metrics, name);
	int64_t n;

	if (tree_whole(value, "n", &n, NULL) == 0 && n > 0 &&
	    tree_number(value, "sum", &finding->sum, NULL) == 0 &&
	    tree_number(value, "min", &finding->min, NULL) == 0 &&
	    tree_number(value, "max", &finding->max, NULL) == 0 &&
	    tree_number(value, "last", &finding->last, NULL) == 0)
		finding->n = (uint64_t)n;
}

static void
read_distribution(
    struct finding *finding, const char *name, const struct tree_node *metrics)
{
	finding->distribution = memory_new(1, sizeof(*finding->distribution));
	if (summary_read(
		finding->distribution, tree_get(metrics, name), NULL) == 0)
		finding->n = 1;
}

static void
read_text(
    struct finding *finding, const char *name, const struct tree_node *metrics)
{
	const char *text;

	if (tree_text(metrics, name, &text, NULL) != 0)
		return;
	finding->text = memory_text(text);
	finding->n = 1;
}

static void
read_sides(
    struct finding *finding, const char *name, const struct tree_node *metrics)
{
	const struct tree_node *array = tree_get(metrics, name);

	if (array == NULL)
		return;
	finding->sides = memory_new(1, sizeof(*finding->sides));
	sides_read(finding->sides, array);
	finding->n = finding->sides->count;
}

void
finding_read(struct finding *finding, const struct metric *metric,
    const struct tree_node *metrics, bool merged)
{
	switch (metric->kind) {
	case METRIC_COUNT:
		read_count(finding, metric->name, metrics);
		break;
	case METRIC_VALUE:
		if (merged)
			read_values(finding, metric->name, metrics);
		else
			read_value(finding, metric->name, metrics);
		break;
	case METRIC_DISTRIBUTION:
		read_distribution(finding, metric->name, metrics);
		break;
	case METRIC_TEXT_KIND:
		read_text(finding, metric->name, metrics);
		break;
	case METRIC_SIDES:
		read_sides(finding, metric->name, metrics);
		break;
	default: /* a ratio is formed when it is asked for */
		break;
	}
}

static bool
get_value(const struct finding *finding, const char *stat, double *value)
{
	if (strcmp(stat, "mean") == 0)
		*value = finding->sum / (double)finding->n;
	else if (strcmp(stat, "min") == 0)
		*value = finding->min;
	else if (strcmp(stat, "max") == 0)
		*value = finding->max;
	else if (strcmp(stat, "last") == 0)
		*value = finding->last;
	else
		return (false);
	return (true);
}

static json_object *
value_json(const struct finding *finding)
{
	json_object *value = json_object_new_object();

	member_add_whole(value, "n", (int64_t)finding->n);
	member_add_number(value, "sum", finding->sum);
	member_add_number(value, "min", finding->min);
	member_add_number(value, "max", finding->max);
	member_add_number(value, "last", finding->last);
	return (value);
}

static json_object *
sides_json(const struct finding *finding)
{
	struct draft draft = {0};
	json_object *json;

	sides_write(finding->sides, &draft);
	json = json_tokener_parse(draft.text);
	draft_clear(&draft);
	return (json);
}

struct json_object *
finding_json(const struct finding *finding, enum metric_kind kind)
{
	switch (kind) {
	case METRIC_COUNT:
		return (json_object_new_int64(finding->count));
	case METRIC_VALUE:
		return (value_json(finding));
	case METRIC_DISTRIBUTION:
		return (summary_json(finding->distribution));
	case METRIC_SIDES:
		return (sides_json(finding));
	default:
		return (member_new_text(finding->text));
	}
}

bool
finding_get(const struct finding *finding, enum metric_kind kind,
    const char *stat, double *value)
{
	if (finding->n == 0)
		return (false);
	switch (kind) {
	case METRIC_COUNT:
		*value = (double)finding->count;
		return (strcmp(stat, "sum") == 0);
	case METRIC_VALUE:
		return (get_value(finding, stat, value));
	case METRIC_DISTRIBUTION:
		return (summary_get(finding->distribution, stat, value));
	default:
		return (false);
	}
}
