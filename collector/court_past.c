/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is remembered of a box's clock: its rate, and since when it is wrong.
 */
#include <json-c/json.h>
#include <math.h>
#include <string.h>

#include "collector/court_private.h"
#include "collector/envelope.h"
#include "common/member.h"

#define RATE_ROWS 4
#define RATE_SPAN 120.0           /* seconds that say anything of a rate */
#define FORGIVEN (600 * NS_PER_S) /* not named for so long: it is over */
#define CLEAR 8.0                 /* doubts that make a step */
#define TWICE 2.0
#define LEAST_STEP 100e-6
#define APART (20 * NS_PER_S) /* rows, at least */
#define MOVE_ROWS 8
#define CROOKED 0.2 /* of its way it may be beside a line */

static double
seconds_between(const struct past_row *a, const struct past_row *b)
{
	return (clock_seconds(b->at - a->at));
}

/* The rows since the last step, as points. */
static size_t
points_of(const struct past *past, struct envelope_point *points)
{
	size_t n = 0;

	for (size_t i = past->stretch; i < past->count; i++)
		points[n++] = (struct envelope_point){
		    seconds_between(&past->rows[past->stretch], &past->rows[i]),
		    past->rows[i].offset};
	return (n);
}

/* What is left around the line, at 95 %, over the time. */
static double
error_of(const struct envelope_point *points, size_t n, double slope)
{
	double mean = 0, middle = 0, left = 0, along = 0;

	for (size_t i = 0; i < n; i++) {
		mean += points[i].at / (double)n;
		middle += (points[i].delay - slope * points[i].at) / (double)n;
	}
	for (size_t i = 0; i < n; i++) {
		double r = points[i].delay - slope * points[i].at - middle;

		left += r * r;
		along += (points[i].at - mean) * (points[i].at - mean);
	}
	return (TWICE * sqrt(left / (double)(n - 2) / along) + 1e-9);
}

static void
find_rate(struct past *past)
{
	struct envelope_point points[PAST_ROWS];
	size_t n = points_of(past, points);

	past->rate = past->rate_error = NAN;
	if (n < RATE_ROWS || points[n - 1].at < RATE_SPAN)
		return;
	past->rate = envelope_slope(points, n);
	past->rate_error = error_of(points, n, past->rate);
}

/* Is it elsewhere than where it was going? */
static bool
has_stepped(const struct past *past, const struct past_row *row)
{
	const struct past_row *last = &past->rows[past->count - 1];
	double time = seconds_between(last, row), off, allowed;

	if (past->count - past->stretch < RATE_ROWS || isnan(past->rate))
		return (false);
	off = fabs(row->offset - last->offset - past->rate * time);
	allowed = CLEAR * (row->error + past->rate_error * time);
	return (off > fmax(allowed, LEAST_STEP));
}

void
past_add(struct past *past, const struct past_row *row)
{
	nanoseconds last = past->count > 0 ? past->rows[past->count - 1].at : 0;

	if (past->count > 0 && row->at >= last && row->at - last < APART)
		return;     /* little that is new has come */
	if (row->at < last) /* our clock was set back */
		past->count = past->stretch = 0;
	if (past->count > 0 && has_stepped(past, row))
		past->stretch = past->count;
	if (past->count == PAST_ROWS) {
		past->count--;
		memmove(past->rows, &past->rows[1],
		    past->count * sizeof(*past->rows));
		past->stretch -= past->stretch > 0;
	}
	past->rows[past->count++] = *row;
	find_rate(past);
}

/* Is it a line, and not two levels? A route that changes is no clock. */
static bool
is_straight(const struct past *past, double moved)
{
	struct envelope_point points[PAST_ROWS];
	size_t n = points_of(past, points);
	double least = INFINITY, most = -INFINITY;

	for (size_t i = 0; i < n; i++) {
		double off = points[i].delay - past->rate * points[i].at;

		least = fmin(least, off);
		most = fmax(most, off);
	}
	return (n >= MOVE_ROWS && most - least < CROOKED * moved);
}

double
past_moved(const struct past *past)
{
	double time, sure, moved;

	if (past->count == 0 || isnan(past->rate))
		return (0);
	time = seconds_between(
	    &past->rows[past->stretch], &past->rows[past->count - 1]);
	sure = fabs(past->rate) - past->rate_error;
	moved = fmax(sure, 0) * time;
	return (is_straight(past, moved) ? moved : 0);
}

/* The first of the rows that were bad without a pause. */
static nanoseconds
begin_of(const struct past *past, nanoseconds now)
{
	nanoseconds begin = now;

	for (size_t i = past->count; i-- > 0 && past->rows[i].bad;)
		begin = past->rows[i].at;
	return (begin);
}

static bool
is_named(enum court_verdict verdict)
{
	return (verdict == COURT_WRONG || verdict == COURT_OFF);
}

void
past_close(struct past *past, const struct court_case *over)
{
	if (past->case_count == COURT_CASES) {
		past->case_count--;
		memmove(past->cases, &past->cases[1],
		    past->case_count * sizeof(*past->cases));
	}
	past->cases[past->case_count++] = *over;
}

static void
end_case(struct past *past)
{
	past_close(past, &(struct court_case){.verdict = past->named,
			     .since = past->since,
			     .until = past->seen,
			     .offset = past->offset});
	past->named = COURT_FINE;
}

void
past_judge(struct past *past, struct court_finding *finding, nanoseconds now)
{
	if (!is_named(finding->verdict)) {
		if (is_named(past->named) &&
		    (now - past->seen > FORGIVEN || past->seen > now ||
			finding->verdict == COURT_FINE))
			end_case(past);
		return;
	}
	if (past->named == COURT_FINE || past->since > now)
		past->since = begin_of(past, now);
	past->named = finding->verdict;
	past->seen = now;
	past->offset = finding->offset;
	finding->since = past->since;
}
