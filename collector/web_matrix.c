/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GET /api/v1/matrix/{test}: what is known of the cells, and what it is worth.
 */
#include "collector/web_matrix.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/bins.h"
#include "collector/fleet.h"
#include "collector/registry.h"
#include "collector/states.h"
#include "collector/verdicts.h"
#include "collector/web.h"
#include "collector/web_past.h"
#include "common/member.h"
#include "common/memory.h"

#define VIEW_TRIES 3

/* Is each end of an axis silent? Who was is not known. free() it. */
static bool *
silences(struct web *web, const struct fleet *fleet, const size_t *ends,
    size_t count, bool past)
{
	bool *silent = memory_new(count, sizeof(*silent));

	for (size_t i = 0; i < count && !past; i++)
		silent[i] = web_is_silent(web, &fleet->ends[ends[i]]);
	return (silent);
}

double
matrix_grade(const struct matrix_number *number, double value)
{
	int grade = isnan(value) ? -1 : metric_grade(number->metric, value);

	return (grade < 0 ? NAN : grade);
}

/* Is it smaller than what its clocks may be apart, or may that be anything? */
static bool
is_doubted(const struct matrix *m, size_t cell)
{
	return (m->q.known > m->q.also_count && !isnan(m->main.value[cell]) &&
		!(m->main.value[cell] >= matrix_bound(m, cell)));
}

static void
judge_cell(
    struct matrix *m, struct state_facts *facts, size_t row, size_t column)
{
	const struct fleet_test *test = m->q.test;
	size_t cell = row * test->destination_count + column;
	double grade = matrix_grade(&m->q.main, m->main.value[cell]);
	struct fleet_pair pair;

	fleet_pair(m->q.fleet, test, row, column, &pair);
	facts->tested = pair.tested;
	facts->self = test->sources[row] == test->destinations[column];
	facts->outcome = (enum outcome)m->main.outcome[cell];
	facts->finding = m->main.finding[cell];
	facts->doubted |= is_doubted(m, cell);
	m->state[cell] = (uint8_t)state_of(facts, m->now);
	m->states[m->state[cell]]++;
	if (!isnan(grade) && m->state[cell] == STATE_OK)
		m->grades[(size_t)grade]++;
}

/* Is each end's clock wrong? Only what is between two clocks asks for it. */
static bool *
lies(struct web *web, const struct matrix *m, const size_t *ends, size_t count)
{
	bool *wrong = memory_new(count, sizeof(*wrong));

	if (m->q.main.metric->bound != NULL && m->q.at == 0)
		for (size_t i = 0; i < count; i++)
			wrong[i] = verdicts_is_wrong(web->verdicts, ends[i]);
	return (wrong);
}

void
matrix_judge(struct web *web, struct matrix *m)
{
	const struct fleet_test *t = m->q.test;
	bool past = m->q.at != 0;
	bool *from =
	    silences(web, m->q.fleet, t->sources, t->source_count, past);
	bool *to = silences(
	    web, m->q.fleet, t->destinations, t->destination_count, past);
	bool *source_lies = lies(web, m, t->sources, t->source_count);
	bool *destination_lies =
	    lies(web, m, t->destinations, t->destination_count);
	struct state_facts facts = {.stale_after = fleet_stale_after(t)};

	m->now = past ? m->q.at : clock_wall();
	m->state = memory_new(m->cells, sizeof(*m->state));
	for (size_t i = 0; i < t->source_count; i++)
		for (size_t j = 0; j < t->destination_count; j++) {
			facts.silent = from[i] || to[j];
			facts.doubted = source_lies[i] || destination_lies[j];
			judge_cell(m, &facts, i, j);
		}
	free(from);
	free(to);
	free(source_lies);
	free(destination_lies);
}

json_object *
matrix_silent(struct web *web, const struct matrix_question *q)
{
	json_object *array = json_object_new_array();

	for (size_t i = 0; i < q->fleet->end_count; i++) {
		const struct fleet_end *end = &q->fleet->ends[i];
		bool on_axis = false;

		for (size_t j = 0; j < q->test->source_count; j++)
			on_axis |= q->test->sources[j] == i;
		for (size_t j = 0; j < q->test->destination_count; j++)
			on_axis |= q->test->destinations[j] == i;
		if (on_axis && q->at == 0 && web_is_silent(web, end))
			json_object_array_add(
			    array, json_object_new_string(end->name));
	}
	return (array);
}

static json_object *
steps_json(const struct matrix *m)
{
	json_object *array = json_object_new_array();

	for (size_t i = 0; i < BASELINE_STEPS; i++)
		json_object_array_add(
		    array, json_object_new_int64((int64_t)m->steps[i]));
	return (array);
}

json_object *
matrix_summary(const struct matrix *m)
{
	json_object *json = json_object_new_object();
	json_object *grades = json_object_new_array();
	json_object *states = json_object_new_object();

	for (size_t i = 0; i <= METRIC_EDGES; i++)
		json_object_array_add(
		    grades, json_object_new_int64((int64_t)m->grades[i]));
	for (size_t i = 0; i < STATES; i++)
		member_add_whole(states, state_names[i], (int64_t)m->states[i]);
	json_object_object_add(json, "grades", grades);
	json_object_object_add(json, "states", states);
	if (m->q.based)
		json_object_object_add(json, "steps", steps_json(m));
	return (json);
}

/* Before the store has made its planes there is nothing in any cell. */
static void
empty_view(size_t cells, struct latest_view *view)
{
	view->value = memory_new(cells, sizeof(*view->value));
	view->weight = memory_new(cells, sizeof(*view->weight));
	view->finding = memory_new(cells, sizeof(*view->finding));
	view->outcome = memory_new(cells, sizeof(*view->outcome));
	for (size_t i = 0; i < cells; i++)
		view->value[i] = NAN;
}

void
matrix_make_empty(struct matrix *m)
{
	m->cells = m->q.test->source_count * m->q.test->destination_count;
	empty_view(m->cells, &m->main);
	for (size_t i = 0; i < m->q.known; i++)
		empty_view(m->cells, &m->also[i]);
}

bool
matrix_key(struct web *web, const struct matrix_question *q, size_t cell,
    struct bins_key *key)
{
	const struct fleet_test *t = q->test;
	size_t row = cell / t->destination_count;
	size_t column = cell % t->destination_count;
	struct fleet_pair pair;

	fleet_pair(q->fleet, t, row, column, &pair);
	if (!pair.tested)
		return (false);
	snprintf(key->test, sizeof(key->test), "%s", t->name);
	snprintf(key->src, sizeof(key->src), "%s",
	    q->fleet->ends[t->sources[row]].name);
	snprintf(key->dst, sizeof(key->dst), "%s",
	    q->fleet->ends[t->destinations[column]].name);
	key->family =
	    pair.family != 0 ? pair.family : web_known_family(web, key);
	return (true);
}

static void
clear_views(struct matrix *m)
{
	latest_view_clear(&m->main);
	for (size_t i = 0; i < m->q.known; i++)
		latest_view_clear(&m->also[i]);
}

static int
view_number(struct matrix *m, struct latest *latest,
    const struct matrix_number *number, struct latest_view *view,
    struct error *err)
{
	if (latest != NULL)
		return (latest_view(latest, m->q.window, number->metric->name,
		    number->stat, view, err));
	empty_view(m->cells, view);
	return (0);
}

/* All numbers of one moment, unless the store writes all the time. */
static int
view_all(struct matrix *m, struct latest *latest, struct error *err)
{
	uint64_t before;
	int rc, tries = 0;

	do {
		clear_views(m);
		before = latest == NULL ? 0 : latest_writes(latest);
		rc = view_number(m, latest, &m->q.main, &m->main, err);
		for (size_t i = 0; i < m->q.known && rc == 0; i++)
			rc = view_number(
			    m, latest, &m->q.also[i], &m->also[i], err);
	} while (rc == 0 && latest != NULL && ++tries < VIEW_TRIES &&
		 latest_writes(latest) != before);
	return (rc);
}

/* What the stamps of each end of an axis are off by, seconds. free() it. */
static double *
host_errors(
    struct web *web, const struct matrix *m, const size_t *ends, size_t count)
{
	double *errors = memory_new(count, sizeof(*errors));

	for (size_t i = 0; i < count; i++) {
		const struct registry_box *box =
		    web_box(web, m->q.fleet->ends[ends[i]].name);

		errors[i] = box == NULL ? 0 : registry_host_error(box);
	}
	return (errors);
}

static void
compare_cell(
    struct matrix *m, const struct baseline *baseline, size_t cell, double host)
{
	double value = m->main.value[cell], b = baseline_of(baseline, cell);
	int step;

	m->base[cell] = b;
	m->change[cell] = baseline_change(value, b);
	m->step[cell] = NAN;
	m->based += !isnan(b);
	if (isnan(value) || isnan(b))
		return;
	step = baseline_step(value, b, baseline_sigma(baseline, cell), host);
	m->step[cell] = step;
	if (m->state[cell] == STATE_OK)
		m->steps[step]++;
}

/* Each value beside what it usually is. */
static void
compare(struct web *web, struct matrix *m)
{
	const struct fleet_test *t = m->q.test;
	const struct baseline *baseline =
	    baselines_get(web->baselines, t, m->q.main.metric);
	double *from = host_errors(web, m, t->sources, t->source_count);
	double *to = host_errors(web, m, t->destinations, t->destination_count);

	m->base = memory_new(m->cells, sizeof(*m->base));
	m->change = memory_new(m->cells, sizeof(*m->change));
	m->step = memory_new(m->cells, sizeof(*m->step));
	m->base_hour = baseline_hour(baseline);
	m->base_is_whole = baseline_is_whole(baseline);
	for (size_t i = 0; i < m->cells; i++)
		compare_cell(m, baseline, i,
		    from[i / t->destination_count] +
			to[i % t->destination_count]);
	free(from);
	free(to);
}

int
matrix_look(struct web *web, struct matrix *m, struct error *err)
{
	m->cells = m->q.test->source_count * m->q.test->destination_count;
	if (view_all(m, web_latest(web, m->q.test), err) == -1)
		return (-1);
	matrix_judge(web, m);
	if (m->q.based)
		compare(web, m);
	return (0);
}

void
matrix_clear(struct matrix *m)
{
	clear_views(m);
	free(m->state);
	free(m->base);
	free(m->change);
	free(m->step);
	m->state = NULL;
	m->base = m->change = m->step = NULL;
}

void
web_get_matrix(struct http_request *request, void *arg)
{
	struct web *web = arg;
	struct matrix_reply reply;
	struct matrix m = {0};
	struct error err;

	if (matrix_ask(web, request, &m.q, &reply) == -1)
		return;
	if (m.q.at != 0) {
		pasts_ask(web->pasts, request, &m.q, &reply);
		return;
	}
	if (matrix_look(web, &m, &err) == 0)
		matrix_answer(web, request, &m, &reply);
	else
		http_problem(request, 503, "Not now", "%s", err.text);
	matrix_clear(&m);
}
