/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/web_past.h"

#include <event2/event.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "collector/bins.h"
#include "collector/fleet.h"
#include "collector/rollup.h"
#include "collector/web.h"
#include "collector/web_matrix.h"
#include "common/bundle.h"
#include "common/error.h"
#include "common/manifest.h"
#include "common/memory.h"

#define SLICE (5 * NS_PER_MS)
#define PAUSE_US 1000
#define CELLS_MOST 100000
#define ANSWERS_MOST 16
#define NOWHERE SIZE_MAX

struct past {
	TAILQ_ENTRY(past) link;
	struct pasts *all;
	struct http_request *request;
	struct matrix m;
	struct matrix_reply reply;
	size_t next;             /* the cell whose pair comes next */
	size_t *cell_of;         /* by pair's number */
	size_t pairs;            /* numbers that it holds */
	struct bundle **bundles; /* of cells; NULL: nothing yet */
	nanoseconds step, start; /* of bins; of those that come next */
	nanoseconds first;       /* no bin before this */
	int64_t after;           /* the pair of the last that came */
};

struct pasts {
	struct web *web;
	struct event *turn;
	size_t count;
	TAILQ_HEAD(, past) list;
};

static void
free_past(struct past *past)
{
	TAILQ_REMOVE(&past->all->list, past, link);
	past->all->count--;
	for (size_t i = 0; i < past->m.cells; i++)
		bundle_free(past->bundles[i]);
	free(past->bundles);
	free(past->cell_of);
	matrix_clear(&past->m);
	free(past);
}

static void
on_gone(struct http_request *request, void *arg)
{
	free_past(arg);
}

static void
note_pair(struct past *past, int64_t pair, size_t cell)
{
	size_t number = (size_t)pair;

	if (number >= past->pairs) {
		size_t room = number * 2 + 64;

		past->cell_of =
		    memory_resize(past->cell_of, room, sizeof(*past->cell_of));
		while (past->pairs < room)
			past->cell_of[past->pairs++] = NOWHERE;
	}
	past->cell_of[number] = cell;
}

static struct bundle *
bundle_at(struct past *past, size_t cell)
{
	if (past->bundles[cell] == NULL)
		past->bundles[cell] = bundle_new(past->m.q.test->manifest);
	return (past->bundles[cell]);
}

static void
note_finding(
    struct past *past, size_t cell, nanoseconds finding, enum outcome outcome)
{
	if (past->m.main.finding[cell] >= finding)
		return;
	past->m.main.finding[cell] = finding;
	past->m.main.outcome[cell] = (uint8_t)outcome;
}

struct hour {
	struct past *past;
	size_t cell;
};

static int
take_hour(void *arg, nanoseconds start, const struct rollup *rollup,
    struct error *err)
{
	const struct hour *hour = arg;
	const struct bundle *bundle = rollup_bundle(rollup);
	bool measured = bundle_outcomes(bundle, OUTCOME_MEASURED) > 0;

	if (!measured && bundle_outcomes(bundle, OUTCOME_NO_ANSWER) == 0)
		return (0);
	bundle_merge(bundle_at(hour->past, hour->cell), bundle);
	note_finding(hour->past, hour->cell, start + ROLLUP_HOUR,
	    measured ? OUTCOME_MEASURED : OUTCOME_NO_ANSWER);
	return (0);
}

/* Before the horizon there are hours alone. */
static int
read_hour(struct past *past, struct bins *bins, int64_t pair, size_t cell,
    struct error *err)
{
	struct hour hour = {past, cell};
	nanoseconds end = past->m.q.at - past->m.q.at % ROLLUP_HOUR;

	return (rollup_read(bins, pair, ROLLUP_HOUR, past->m.q.test->manifest,
	    end - ROLLUP_HOUR, end, take_hour, &hour, err));
}

static int
find_pair(struct past *past, struct bins *bins, struct error *err)
{
	size_t cell = past->next++;
	struct bins_key key;
	int64_t pair = 0;

	if (matrix_key(past->all->web, &past->m.q, cell, &key))
		pair = bins_pair(bins, &key, err);
	if (pair <= 0)
		return ((int)pair);
	note_pair(past, pair, cell);
	return (past->m.q.hours ? read_hour(past, bins, pair, cell, err) : 0);
}

/* Of the window, or, for its age alone, of a cell of which nothing newer is. */
static bool
wants(void *arg, int64_t pair, nanoseconds finding)
{
	const struct past *past = arg;
	size_t cell =
	    (size_t)pair < past->pairs ? past->cell_of[pair] : NOWHERE;

	if (cell == NOWHERE)
		return (false);
	return (past->start + past->step >
			past->m.q.at - latest_window_spans[past->m.q.window]
		    ? past->m.q.window != LATEST_LAST ||
			  past->m.main.finding[cell] == 0
		    : past->m.main.finding[cell] == 0 && finding > 0);
}

static int
take_bin(
    void *arg, int64_t pair, const struct bins_last *bin, struct error *err)
{
	struct past *past = arg;
	size_t cell = past->cell_of[pair];
	const struct matrix_question *q = &past->m.q;
	nanoseconds span = latest_window_spans[q->window];

	if (q->window == LATEST_LAST && bin->finding == 0)
		return (0);
	if (q->window == LATEST_LAST || past->start + past->step > q->at - span)
		bundle_merge(bundle_at(past, cell), bin->bundle);
	if (bin->finding > 0)
		note_finding(past, cell, bin->finding, bin->outcome);
	return (0);
}

static int
read_bins(struct past *past, struct bins *bins, struct error *err)
{
	int more = bins_read_some(bins, past->start, past->step,
	    past->m.q.test->manifest, &past->after, wants, take_bin, past, err);

	if (more == 0) {
		past->start -= past->step;
		past->after = 0;
	}
	return (more == -1 ? -1 : 0);
}

static void
set_number(struct past *past, const struct matrix_number *number,
    struct latest_view *view)
{
	for (size_t i = 0; i < past->m.cells; i++)
		if (past->bundles[i] == NULL ||
		    !bundle_get(past->bundles[i], number->metric->name,
			number->stat, &view->value[i]))
			view->value[i] = NAN;
}

static void
answer(struct past *past)
{
	struct http_request *request = past->request;
	struct matrix *m = &past->m;

	set_number(past, &m->q.main, &m->main);
	for (size_t i = 0; i < m->q.known; i++)
		set_number(past, &m->q.also[i], &m->also[i]);
	for (size_t i = 0; i < m->cells; i++)
		if (past->bundles[i] != NULL)
			m->main.weight[i] =
			    (double)(bundle_outcomes(
					 past->bundles[i], OUTCOME_MEASURED) +
				     bundle_outcomes(
					 past->bundles[i], OUTCOME_NO_ANSWER));
	matrix_judge(past->all->web, m);
	matrix_answer(past->all->web, request, m, &past->reply);
	free_past(past);
}

/* 1: there is more to do, 0: all is there, -1 */
static int
work(struct past *past, nanoseconds deadline, struct error *err)
{
	struct bins *bins = web_bins(past->all->web);
	int rc = 0;

	while (bins != NULL && rc == 0 && clock_monotonic() < deadline) {
		if (past->next < past->m.cells)
			rc = find_pair(past, bins, err);
		else if (!past->m.q.hours && past->start >= past->first)
			rc = read_bins(past, bins, err);
		else
			return (0);
	}
	return (bins == NULL || rc == -1 ? rc : 1);
}

static void
turn_soon(struct pasts *all)
{
	const struct timeval pause = {.tv_usec = PAUSE_US};

	if (!event_pending(all->turn, EV_TIMEOUT, NULL))
		event_add(all->turn, &pause);
}

/* One after the other, each in its turn. */
static void
on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct pasts *all = arg;
	struct past *past = TAILQ_FIRST(&all->list);
	struct http_request *request;
	struct error err;
	int more;

	if (past == NULL)
		return;
	TAILQ_REMOVE(&all->list, past, link);
	TAILQ_INSERT_TAIL(&all->list, past, link);
	request = past->request;
	more = work(past, clock_monotonic() + SLICE, &err);
	if (more == 0)
		answer(past);
	if (more == -1) {
		free_past(past);
		http_problem(request, 503, "Not now", "%s", err.text);
	}
	turn_soon(all);
}

struct pasts *
pasts_new(struct web *web)
{
	struct pasts *all = memory_new(1, sizeof(*all));

	all->web = web;
	all->turn = evtimer_new(web->base, on_turn, all);
	TAILQ_INIT(&all->list);
	return (all);
}

void
pasts_free(struct pasts *all)
{
	if (all == NULL)
		return;
	while (!TAILQ_EMPTY(&all->list))
		free_past(TAILQ_FIRST(&all->list));
	event_free(all->turn);
	free(all);
}

void
pasts_forget(struct pasts *all)
{
	struct past *past;

	while ((past = TAILQ_FIRST(&all->list)) != NULL) {
		struct http_request *request = past->request;

		free_past(past);
		http_problem(request, 503, "Not now",
		    "the fleet has changed meanwhile; ask again");
	}
}

static void
begin(struct past *past)
{
	const struct matrix_question *q = &past->m.q;
	nanoseconds back = fleet_stale_after(q->test);

	if (back < latest_window_spans[q->window])
		back = latest_window_spans[q->window];
	past->step = timing_step(&q->test->timing);
	past->start = q->at - q->at % past->step - past->step;
	past->first = past->start - back - 2 * past->step;
	past->bundles = memory_new(past->m.cells, sizeof(*past->bundles));
}

void
pasts_ask(struct pasts *all, struct http_request *request,
    const struct matrix_question *q, const struct matrix_reply *reply)
{
	size_t cells = q->test->source_count * q->test->destination_count;
	struct past *past;

	if (cells > CELLS_MOST || all->count >= ANSWERS_MOST) {
		http_problem(request, cells > CELLS_MOST ? 400 : 503,
		    cells > CELLS_MOST ? "Too large" : "Not now",
		    "the past of %zu cells; %d are the most, of %d answers at a "
		    "time",
		    cells, CELLS_MOST, ANSWERS_MOST);
		return;
	}
	past = memory_new(1, sizeof(*past));
	past->all = all;
	past->request = request;
	past->m.q = *q;
	past->reply = *reply;
	matrix_make_empty(&past->m);
	begin(past);
	TAILQ_INSERT_TAIL(&all->list, past, link);
	all->count++;
	http_hold(request, on_gone, past);
	turn_soon(all);
}
