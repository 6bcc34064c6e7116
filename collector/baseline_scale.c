/* SPDX-License-Identifier: BSD-2-Clause */
#include <math.h>

#include "collector/baseline.h"
#include "common/manifest.h"
#include "common/member.h"

#define LEAST 0.001  /* s: what a change is measured by at least */
#define FLOOR 0.0005 /* s: under this, and under ... */
#define SIGMAS 2     /* ... of these, a difference is none */

/* An edge is of the step farther out. */
static const double edges[BASELINE_STEPS - 1] = {
    -0.2, -0.05, 0.05, 0.2, 0.5, 1};
#define FASTER 2 /* so many of them are on that side */

/* Diverging, apart for colour-blind readers: adjacent steps differ by 14 and more
 * (CIEDE2000) in both themes. */
static const struct {
	const char *name, *en, *zh, *light, *dark;
} steps[BASELINE_STEPS] = {
    {"much-faster", "much faster", "快很多", "#2c5aa0", "#8fc2ff"},
    {"faster", "faster", "较快", "#7fa8d6", "#3f6fae"},
    {"usual", "as usual", "如常", "#eeeeea", "#262b2a"},
    {"slower", "slower", "较慢", "#f3cf8e", "#6b4a16"},
    {"clearly-slower", "clearly slower", "明显慢", "#e08a3a", "#b8741f"},
    {"much-slower", "much slower", "慢很多", "#b0341f", "#f0a878"},
    {"twice", "more than twice", "超过两倍", "#5c0a1e", "#ffe9dc"},
};

bool
baseline_fits(const struct metric *metric)
{
	return (metric->kind == METRIC_DISTRIBUTION &&
		metric->unit == UNIT_SECONDS);
}

double
baseline_change(double value, double b)
{
	return ((value - b) / fmax(b, LEAST));
}

int
baseline_step(double value, double b, double sigma, double host)
{
	double change = baseline_change(value, b);
	double difference = fabs(value - b);
	int step = 0;

	if (difference <= host ||
	    (difference < FLOOR &&
		(isnan(sigma) || difference < SIGMAS * sigma)))
		return (FASTER);
	for (int i = 0; i < BASELINE_STEPS - 1; i++)
		step += i < FASTER ? change > edges[i] : change >= edges[i];
	return (step);
}

static json_object *
step_json(size_t step)
{
	json_object *json = json_object_new_object();
	json_object *label = json_object_new_object();

	member_add_text(label, "en", steps[step].en);
	member_add_text(label, "zh", steps[step].zh);
	member_add_text(json, "name", steps[step].name);
	json_object_object_add(json, "label", label);
	member_add_text(json, "light", steps[step].light);
	member_add_text(json, "dark", steps[step].dark);
	return (json);
}

json_object *
baseline_scales(void)
{
	json_object *json = json_object_new_object();
	json_object *names = json_object_new_array();
	json_object *limits = json_object_new_array();

	for (size_t i = 0; i < BASELINE_STEPS; i++)
		json_object_array_add(names, step_json(i));
	for (size_t i = 0; i < BASELINE_STEPS - 1; i++)
		json_object_array_add(limits, member_new_number(edges[i]));
	json_object_object_add(json, "steps", names);
	json_object_object_add(json, "edges", limits);
	member_add_number(json, "least", LEAST);
	member_add_number(json, "floor", FLOOR);
	member_add_whole(json, "sigmas", SIGMAS);
	member_add_whole(json, "days", BASELINE_DAYS);
	return (json);
}
