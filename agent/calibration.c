/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/calibration.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/member.h"
#include "common/memory.h"
#include "common/summary.h"

#define KEPT 64 /* records; one comes a minute */
#define SPAN (3600 * NS_PER_S)

/* Of one record. */
struct part {
	nanoseconds when; /* 0: none */
	struct summary delays;
};

struct calibration {
	struct part parts[KEPT]; /* a ring */
	size_t next;
};

struct calibration *
calibration_new(void)
{
	return (memory_new(1, sizeof(struct calibration)));
}

void
calibration_free(struct calibration *calibration)
{
	if (calibration == NULL)
		return;
	for (size_t i = 0; i < KEPT; i++)
		summary_clear(&calibration->parts[i].delays);
	free(calibration);
}

void
calibration_take(struct calibration *calibration, struct json_object *delays,
    nanoseconds now)
{
	struct part *part = &calibration->parts[calibration->next];
	struct summary found = {0};
	struct error err;

	if (summary_parse(&found, delays, &err) == -1)
		return;
	summary_clear(&part->delays);
	*part = (struct part){now, found};
	calibration->next = (calibration->next + 1) % KEPT;
}

static bool
is_fresh(const struct part *part, nanoseconds now)
{
	return (part->when != 0 && now - part->when <= SPAN);
}

/* All of the last hour in one; summary_clear ends it. */
static void
gather(
    const struct calibration *calibration, nanoseconds now, struct summary *all)
{
	*all = (struct summary){0};
	for (size_t i = 0; i < KEPT; i++)
		if (is_fresh(&calibration->parts[i], now))
			summary_merge(all, &calibration->parts[i].delays);
}

/* Where some are negative, buckets are wide. */
static double
quantile(const struct summary *all, double q)
{
	double value =
	    (double)histogram_quantile(&all->histogram, q) / NS_PER_S;

	return (fmin(fmax(value, all->min), all->max));
}

/* Down from the largest. */
static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x < y) - (x > y);
}

/* Of n delays n / 1000 may be larger. Each record tells its largest one exactly, as
 * no histogram does, so as many records are passed over, if that is one in twenty
 * at most: then it is nothing that they have in common. */
static double
largest_but_few(
    const struct calibration *calibration, nanoseconds now, uint64_t n)
{
	double sizes[KEPT];
	size_t count = 0, few;

	for (size_t i = 0; i < KEPT; i++) {
		const struct summary *s = &calibration->parts[i].delays;

		if (is_fresh(&calibration->parts[i], now))
			sizes[count++] = fmax(fabs(s->min), fabs(s->max));
	}
	qsort(sizes, count, sizeof(*sizes), by_size);
	few = count / 20;
	return (sizes[n / 1000 < few ? n / 1000 : few]);
}

static double
error_of(const struct calibration *calibration, nanoseconds now,
    const struct summary *all)
{
	if (all->n < CALIBRATION_PACKETS)
		return (clock_seconds(CALIBRATION_UNKNOWN));
	return (fmax(largest_but_few(calibration, now, all->n),
	    clock_seconds(CALIBRATION_LEAST)));
}

nanoseconds
calibration_error(const struct calibration *calibration, nanoseconds now)
{
	struct summary all;
	nanoseconds error;

	gather(calibration, now, &all);
	error = clock_of_seconds(error_of(calibration, now, &all));
	summary_clear(&all);
	return (error);
}

static void
add_figures(json_object *json, const struct summary *all)
{
	double median = quantile(all, 0.5);
	double below = median - quantile(all, 0.025);
	double above = quantile(all, 0.975) - median;

	member_add_number(json, "systematic", median);
	member_add_number(json, "random", fmax(below, above));
}

struct json_object *
calibration_json(const struct calibration *calibration, nanoseconds now)
{
	json_object *json = json_object_new_object();
	struct summary all;

	gather(calibration, now, &all);
	member_add_whole(json, "packets", (int64_t)all.n);
	if (all.n >= CALIBRATION_PACKETS)
		add_figures(json, &all);
	member_add_number(json, "error", error_of(calibration, now, &all));
	summary_clear(&all);
	return (json);
}
