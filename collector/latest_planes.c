/* SPDX-License-Identifier: BSD-2-Clause */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "collector/latest.h"
#include "collector/latest_file.h"
#include "common/error.h"
#include "common/memory.h"

#define TRIES 1000              /* for a quiet moment of the writer */
#define PAUSE (500 * NS_PER_US) /* between them */

/* Planes of 64-bit numbers, in the order that the header file tells. */
static void *
plane(const struct latest *latest, size_t number)
{
	return ((char *)(latest->header + 1) +
		number * latest->cells * sizeof(double));
}

static int64_t *
findings(const struct latest *latest)
{
	return (plane(latest, 0));
}

static int64_t *
outcomes(const struct latest *latest)
{
	return (plane(latest, 1));
}

static double *
weights(const struct latest *latest, enum latest_window window)
{
	return (plane(latest, 2 + (size_t)window * (1 + latest->count)));
}

static double *
values(const struct latest *latest, enum latest_window window, size_t column)
{
	return (weights(latest, window) + (column + 1) * latest->cells);
}

void
latest_begin(struct latest *latest)
{
	uint64_t before = atomic_fetch_add_explicit(
	    &latest->header->sequence, 1, memory_order_relaxed);

	assert(before % 2 == 0);
	(void)before;
	atomic_thread_fence(memory_order_release);
}

void
latest_end(struct latest *latest)
{
	atomic_fetch_add_explicit(
	    &latest->header->sequence, 1, memory_order_release);
}

static size_t
cell_of(const struct latest *latest, size_t source, size_t destination)
{
	assert(source < latest->sources && destination < latest->destinations);
	return (source * latest->destinations + destination);
}

bool
latest_finding(struct latest *latest, size_t source, size_t destination,
    enum outcome outcome, nanoseconds end)
{
	size_t cell = cell_of(latest, source, destination);

	if (outcome != OUTCOME_MEASURED && outcome != OUTCOME_NO_ANSWER)
		return (false);
	if (end < findings(latest)[cell])
		return (false);
	findings(latest)[cell] = end;
	outcomes(latest)[cell] = (int64_t)outcome;
	return (true);
}

void
latest_set(struct latest *latest, enum latest_window window, size_t source,
    size_t destination, const struct bundle *bundle)
{
	size_t cell = cell_of(latest, source, destination);
	uint64_t weight = 0;

	if (bundle != NULL)
		weight = bundle_outcomes(bundle, OUTCOME_MEASURED) +
			 bundle_outcomes(bundle, OUTCOME_NO_ANSWER);
	weights(latest, window)[cell] = (double)weight;
	for (size_t i = 0; i < latest->count && weight > 0; i++) {
		double *value = &values(latest, window, i)[cell];

		if (!bundle_get(bundle, latest->columns[i].metric,
			latest->columns[i].stat, value))
			*value = NAN;
	}
}

nanoseconds
latest_found(const struct latest *latest, size_t source, size_t destination)
{
	return (findings(latest)[cell_of(latest, source, destination)]);
}

/* Its place in the other; that one's count: it has no such column. */
static size_t
find_column(const struct latest *other, const struct latest *latest, size_t i)
{
	const struct latest_column *column = &latest->columns[i];
	size_t at = i; /* mostly */

	for (size_t n = 0; n <= other->count; n++) {
		if (at < other->count &&
		    strcmp(other->columns[at].metric, column->metric) == 0 &&
		    strcmp(other->columns[at].stat, column->stat) == 0)
			return (at);
		at = n;
	}
	return (other->count);
}

void
latest_take_over(const struct latest_cell *into, const struct latest_cell *from)
{
	struct latest *latest = into->latest, *old = from->latest;
	size_t to = cell_of(latest, into->source, into->destination);
	size_t at = cell_of(old, from->source, from->destination);

	findings(latest)[to] = findings(old)[at];
	outcomes(latest)[to] = outcomes(old)[at];
	weights(latest, LATEST_LAST)[to] = weights(old, LATEST_LAST)[at];
	for (size_t i = 0; i < latest->count; i++) {
		size_t column = find_column(old, latest, i);

		values(latest, LATEST_LAST, i)[to] =
		    column < old->count ? values(old, LATEST_LAST, column)[at]
					: NAN;
	}
}

static void *
copy_of(const void *numbers, size_t count)
{
	void *copy = memory_new(count, sizeof(double));

	memcpy(copy, numbers, count * sizeof(double));
	return (copy);
}

static void
copy_planes(const struct latest *latest, enum latest_window window,
    size_t column, struct latest_view *view)
{
	size_t n = latest->cells;

	view->sources = latest->sources;
	view->destinations = latest->destinations;
	view->weight = copy_of(weights(latest, window), n);
	view->value = copy_of(values(latest, window, column), n);
	view->finding = copy_of(findings(latest), n);
	view->outcome = memory_new(n, sizeof(*view->outcome));
	for (size_t i = 0; i < n; i++) {
		view->outcome[i] = (uint8_t)outcomes(latest)[i];
		if (!(view->weight[i] > 0))
			view->value[i] = NAN;
	}
}

/* Of one moment; false when the writer left none: it is dead, or starved. */
static bool
copy_quietly(const struct latest *latest, enum latest_window window,
    size_t column, struct latest_view *view)
{
	const struct timespec pause = {.tv_nsec = PAUSE};
	_Atomic uint64_t *sequence = &latest->header->sequence;

	for (int i = 0; i < TRIES; i++) {
		uint64_t before =
		    atomic_load_explicit(sequence, memory_order_acquire);

		if (before % 2 == 0) {
			copy_planes(latest, window, column, view);
			atomic_thread_fence(memory_order_acquire);
			if (atomic_load_explicit(
				sequence, memory_order_relaxed) == before)
				return (true);
			latest_view_clear(view);
		}
		nanosleep(&pause, NULL);
	}
	return (false);
}

int
latest_view(struct latest *latest, enum latest_window window,
    const char *metric, const char *stat, struct latest_view *view,
    struct error *err)
{
	*view = (struct latest_view){0};
	for (size_t i = 0; i < latest->count; i++) {
		const struct latest_column *column = &latest->columns[i];

		if (strcmp(column->metric, metric) != 0 ||
		    strcmp(column->stat, stat) != 0)
			continue;
		if (copy_quietly(latest, window, i, view))
			return (0);
		return (error_set(err, "the numbers are being written; ask "
				       "again in a moment"));
	}
	return (error_set(
	    err, "no metric \"%s\" with a statistic \"%s\"", metric, stat));
}

uint64_t
latest_writes(const struct latest *latest)
{
	return (atomic_load(&latest->header->sequence));
}

void
latest_view_clear(struct latest_view *view)
{
	free(view->value);
	free(view->weight);
	free(view->finding);
	free(view->outcome);
	*view = (struct latest_view){0};
}
