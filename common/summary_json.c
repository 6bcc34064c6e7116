/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/summary.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/member.h"
#include "common/tree.h"

#define LONGEST 9e9 /* seconds; what clock_of_seconds takes */

struct json_object *
summary_json(const struct summary *s)
{
	json_object *o;

	assert(s->n > 0);
	o = json_object_new_object();
	member_add_whole(o, "n", (int64_t)s->n);
	member_add_number(o, "min", s->min);
	for (size_t i = 0; i < SUMMARY_QUANTILES; i++) {
		if (!isnan(s->quantile[i]))
			member_add_number(o, summary_names[i], s->quantile[i]);
		if (i == SUMMARY_P50)
			member_add_number(o, "median", s->median);
	}
	member_add_number(o, "max", s->max);
	member_add_number(o, "mean", s->mean);
	if (s->n > 1)
		member_add_number(o, "sd", s->sd);
	if (s->merged)
		json_object_object_add(o, "merged", json_object_new_boolean(1));
	member_add_duration(o, "base", s->histogram.base);
	json_object_object_add(o, "bins", histogram_json(&s->histogram));
	return (o);
}

static int
parse_seconds(const struct tree_node *json, const char *name, double *value,
    struct error *err)
{
	if (tree_number(json, name, value, err) != 0)
		return (-1);
	if (!(fabs(*value) < LONGEST))
		return (error_set(err,
		    "member \"%s\": %g, expected seconds within +-%g", name,
		    *value, LONGEST));
	return (0);
}

/* As parse_seconds, and it must lie between the two. */
static int
parse_between(const struct tree_node *json, const char *name, double least,
    double most, double *value, struct error *err)
{
	if (parse_seconds(json, name, value, err) != 0)
		return (-1);
	if (*value < least || *value > most)
		return (
		    error_set(err, "member \"%s\": %.9g, expected %.9g to %.9g",
			name, *value, least, most));
	return (0);
}

static int
parse_quantiles(
    struct summary *s, const struct tree_node *json, struct error *err)
{
	double least = s->min;

	for (size_t i = 0; i < SUMMARY_QUANTILES; i++) {
		const char *name = summary_names[i];

		s->quantile[i] = NAN;
		if (tree_get(json, name) == NULL)
			continue;
		if (!summary_holds(s->n, summary_levels[i]))
			return (error_set(err,
			    "member \"%s\": n is %" PRIu64
			    ", expected none of so few",
			    name, s->n));
		if (parse_between(
			json, name, least, s->max, &s->quantile[i], err) != 0)
			return (-1);
		least = s->quantile[i];
	}
	return (parse_between(json, "median", s->min, s->max, &s->median, err));
}

static int
parse_moments(
    struct summary *s, const struct tree_node *json, struct error *err)
{
	int64_t n;

	if (tree_whole(json, "n", &n, err) != 0)
		return (-1);
	if (n < 1)
		return (error_set(
		    err, "member \"n\": %" PRId64 ", expected at least 1", n));
	s->n = (uint64_t)n;
	if (parse_seconds(json, "max", &s->max, err) != 0 ||
	    parse_between(json, "min", -LONGEST, s->max, &s->min, err) != 0 ||
	    parse_between(json, "mean", s->min, s->max, &s->mean, err) != 0)
		return (-1);
	s->sd = NAN;
	if (n < 2)
		return (0);
	return (parse_between(
	    json, "sd", 0, SUMMARY_SD_MOST * (s->max - s->min), &s->sd, err));
}

static int
parse_histogram(
    struct summary *s, const struct tree_node *json, struct error *err)
{
	const struct tree_node *bins;
	uint64_t count;
	double seconds;
	int64_t ns, base;

	if (parse_seconds(json, "base", &seconds, err) != 0 ||
	    tree_array(json, "bins", &bins, err) != 0)
		return (-1);
	/* a number of this size is only good to about a microsecond */
	ns = clock_of_seconds(seconds);
	base = (ns + HISTOGRAM_BASE / 2) & ~(HISTOGRAM_BASE - 1);
	if (llabs(ns - base) > NS_PER_US)
		base = ns;
	if (histogram_read(&s->histogram, base, bins, err) != 0)
		return (-1);
	count = histogram_count(&s->histogram);
	if (count != s->n)
		return (error_set(err,
		    "member \"bins\": counts of %" PRIu64
		    ", expected n, which is %" PRIu64,
		    count, s->n));
	return (0);
}

int
summary_read(struct summary *s, const struct tree_node *json, struct error *err)
{
	const struct tree_node *merged;

	summary_clear(s);
	if (json == NULL || json->kind != TREE_OBJECT)
		return (error_set(err, "expected a distribution's object"));
	if (parse_moments(s, json, err) != 0 ||
	    parse_quantiles(s, json, err) != 0 ||
	    parse_histogram(s, json, err) != 0) {
		summary_clear(s);
		return (-1);
	}
	merged = tree_get(json, "merged");
	s->merged = merged != NULL && merged->kind == TREE_TRUE;
	return (0);
}

int
summary_parse(struct summary *s, struct json_object *json, struct error *err)
{
	struct tree *tree = tree_new();
	int result = summary_read(s, tree_of(tree, json, err), err);

	tree_free(tree);
	return (result);
}
