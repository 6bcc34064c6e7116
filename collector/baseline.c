/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/baseline.h"

#include <event2/event.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "collector/bins.h"
#include "collector/fleet.h"
#include "collector/rollup.h"
#include "collector/web.h"
#include "collector/web_matrix.h"
#include "common/bundle.h"
#include "common/error.h"
#include "common/log.h"
#include "common/manifest.h"
#include "common/memory.h"

#define SLICE (5 * NS_PER_MS)
#define PAUSE_US 10000 /* between slices: others are served, too */
#define KEPT_MOST 8

struct baseline {
	TAILQ_ENTRY(baseline) link; /* the last asked for first */
	const struct fleet_test *test;
	const struct metric *metric;
	size_t cells;
	nanoseconds hour;        /* of what is shown; 0: nothing yet */
	nanoseconds made;        /* of what is being made */
	size_t next;             /* the cell that comes next; cells: none */
	double *value, *sigma;   /* what is shown */
	double *coming, *spread; /* what is being made */
};

struct baselines {
	struct web *web;
	struct event *turn;
	size_t count;
	TAILQ_HEAD(baseline_list, baseline) list;
};

static double *
unknown(size_t count)
{
	double *values = memory_new(count, sizeof(*values));

	for (size_t i = 0; i < count; i++)
		values[i] = NAN;
	return (values);
}

static void
forget(struct baselines *all, struct baseline *b)
{
	TAILQ_REMOVE(&all->list, b, link);
	all->count--;
	free(b->value);
	free(b->sigma);
	free(b->coming);
	free(b->spread);
	free(b);
}

/* The hour of each day before. */
static int
add_hour(void *arg, nanoseconds start, const struct rollup *rollup,
    struct error *err)
{
	bundle_merge(arg, rollup_bundle(rollup));
	return (0);
}

static int
gather(struct bins *bins, int64_t pair, const struct baseline *b,
    struct bundle *into, struct error *err)
{
	int rc = 0;

	for (int day = 1; day <= BASELINE_DAYS && rc == 0; day++) {
		nanoseconds start = b->made - day * ROLLUP_DAY;

		rc = rollup_read(bins, pair, ROLLUP_HOUR, b->test->manifest,
		    start, start + ROLLUP_HOUR, add_hour, into, err);
	}
	return (rc);
}

static void
make_cell(struct baselines *all, struct baseline *b, struct bins *bins)
{
	const struct matrix_question question = {
	    .fleet = all->web->fleet, .test = b->test};
	struct bundle *bundle;
	struct bins_key key;
	struct error err;
	int64_t number = 0;

	if (matrix_key(all->web, &question, b->next, &key))
		number = bins_pair(bins, &key, NULL);
	if (number <= 0)
		return;
	bundle = bundle_new(b->test->manifest);
	if (gather(bins, number, b, bundle, &err) == -1)
		log_debug("baseline: %s", err.text);
	else if (bundle_get(
		     bundle, b->metric->name, "p50", &b->coming[b->next]) &&
		 !bundle_get(
		     bundle, b->metric->name, "sd", &b->spread[b->next]))
		b->spread[b->next] = NAN;
	bundle_free(bundle);
}

static void
copy(double *to, const double *from, size_t count)
{
	memcpy(to, from, count * sizeof(*to));
}

/* A first one is shown as it grows, a later one when it is whole. */
static void
show(struct baseline *b)
{
	if (b->hour != 0 && b->hour != b->made && b->next < b->cells)
		return;
	b->hour = b->made;
	copy(b->value, b->coming, b->next);
	copy(b->sigma, b->spread, b->next);
}

static void
make_some(struct baselines *all, struct baseline *b, nanoseconds deadline)
{
	struct bins *bins = web_bins(all->web);

	if (bins == NULL)
		b->next = b->cells;
	while (b->next < b->cells && clock_monotonic() < deadline) {
		make_cell(all, b, bins);
		b->next++;
	}
	show(b);
}

static void
turn_later(struct baselines *all)
{
	const struct timeval pause = {.tv_usec = PAUSE_US};

	if (!event_pending(all->turn, EV_TIMEOUT, NULL))
		event_add(all->turn, &pause);
}

static void
on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct baselines *all = arg;
	struct baseline *b;

	TAILQ_FOREACH (b, &all->list, link)
		if (b->next < b->cells) {
			make_some(all, b, clock_monotonic() + SLICE);
			turn_later(all);
			return;
		}
}

struct baselines *
baselines_new(struct web *web)
{
	struct baselines *all = memory_new(1, sizeof(*all));

	all->web = web;
	all->turn = evtimer_new(web->base, on_turn, all);
	TAILQ_INIT(&all->list);
	return (all);
}

void
baselines_free(struct baselines *all)
{
	if (all == NULL)
		return;
	baselines_forget(all);
	event_free(all->turn);
	free(all);
}

void
baselines_forget(struct baselines *all)
{
	struct baseline *b;

	while ((b = TAILQ_FIRST(&all->list)) != NULL)
		forget(all, b);
}

static struct baseline *
add(struct baselines *all, const struct fleet_test *test,
    const struct metric *metric)
{
	struct baseline *b = memory_new(1, sizeof(*b));

	if (all->count >= KEPT_MOST)
		forget(all, TAILQ_LAST(&all->list, baseline_list));
	b->test = test;
	b->metric = metric;
	b->cells = test->source_count * test->destination_count;
	b->value = unknown(b->cells);
	b->sigma = unknown(b->cells);
	TAILQ_INSERT_HEAD(&all->list, b, link);
	all->count++;
	return (b);
}

static void
begin(struct baseline *b, nanoseconds hour)
{
	free(b->coming);
	free(b->spread);
	b->coming = unknown(b->cells);
	b->spread = unknown(b->cells);
	b->made = hour;
	b->next = 0;
}

const struct baseline *
baselines_get(struct baselines *all, const struct fleet_test *test,
    const struct metric *metric)
{
	nanoseconds now = clock_wall(), hour = now - now % ROLLUP_HOUR;
	struct baseline *b;

	TAILQ_FOREACH (b, &all->list, link)
		if (b->test == test && b->metric == metric)
			break;
	if (b == NULL)
		b = add(all, test, metric);
	if (b->made == hour)
		return (b);
	begin(b, hour);
	make_some(all, b, clock_monotonic() + SLICE);
	turn_later(all);
	return (b);
}

nanoseconds
baseline_hour(const struct baseline *b)
{
	return (b->hour);
}

bool
baseline_is_whole(const struct baseline *b)
{
	return (b->next == b->cells);
}

double
baseline_of(const struct baseline *b, size_t cell)
{
	return (b->value[cell]);
}

double
baseline_sigma(const struct baseline *b, size_t cell)
{
	return (b->sigma[cell]);
}
