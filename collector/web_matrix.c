/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GET /api/v1/matrix/{test}. The planes are written by hand: a million cells as
 * objects of a JSON library would take seconds.
 */
#include "collector/web_matrix.h"

#include <event2/buffer.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/fleet.h"
#include "collector/states.h"
#include "collector/web.h"
#include "common/digits.h"
#include "common/manifest.h"
#include "common/member.h"
#include "common/memory.h"

#define VIEW_TRIES 3
#define CHUNK 16384

/* Is each end of an axis silent? free() it. */
static bool *
silences(struct web *web, const struct fleet *fleet, const size_t *ends,
    size_t count)
{
	bool *silent = memory_new(count, sizeof(*silent));

	for (size_t i = 0; i < count; i++)
		silent[i] = web_is_silent(web, &fleet->ends[ends[i]]);
	return (silent);
}

double
matrix_grade(const struct matrix_number *number, double value)
{
	int grade = isnan(value) ? -1 : metric_grade(number->metric, value);

	return (grade < 0 ? NAN : grade);
}

static void
judge_cell(struct matrix *m, struct state_facts *facts, size_t row,
    size_t column, nanoseconds now)
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
	m->state[cell] = state_of(facts, now);
	m->states[m->state[cell]]++;
	m->age[cell] =
	    facts->finding == 0 ? NAN : clock_seconds(now - facts->finding);
	if (!isnan(grade) && m->state[cell] == STATE_OK)
		m->grades[(size_t)grade]++;
}

static void
judge(struct web *web, struct matrix *m)
{
	const struct fleet_test *t = m->q.test;
	bool *from = silences(web, m->q.fleet, t->sources, t->source_count);
	bool *to =
	    silences(web, m->q.fleet, t->destinations, t->destination_count);
	struct state_facts facts = {.stale_after = fleet_stale_after(t)};
	nanoseconds now = clock_wall();

	m->state = memory_new(m->cells, sizeof(*m->state));
	m->age = memory_new(m->cells, sizeof(*m->age));
	for (size_t i = 0; i < t->source_count; i++)
		for (size_t j = 0; j < t->destination_count; j++) {
			facts.silent = from[i] || to[j];
			judge_cell(m, &facts, i, j, now);
		}
	free(from);
	free(to);
}

static size_t
put_null(char text[static DIGITS_MOST])
{
	memcpy(text, "null", 4);
	return (4);
}

/* A grade, a state, a count. */
static size_t
put_whole(char text[static DIGITS_MOST], double value)
{
	return (digits_whole(text, (uint64_t)value));
}

/* One plane: write(text, value) for each number(arg, cell); NAN becomes null. */
static void
put_plane(struct evbuffer *out, const char *name, size_t cells,
    size_t (*write)(char text[static DIGITS_MOST], double value),
    double (*number)(const void *arg, size_t cell), const void *arg)
{
	char text[CHUNK];
	size_t length = 0;

	evbuffer_add_printf(out, ",\"%s\":[", name);
	for (size_t i = 0; i < cells; i++) {
		double value = number(arg, i);

		if (i > 0)
			text[length++] = ',';
		length += isnan(value) ? put_null(&text[length])
				       : write(&text[length], value);
		if (length > sizeof(text) - DIGITS_MOST - 2) {
			evbuffer_add(out, text, length);
			length = 0;
		}
	}
	evbuffer_add(out, text, length);
	evbuffer_add(out, "]", 1);
}

static double
double_at(const void *arg, size_t cell)
{
	return (((const double *)arg)[cell]);
}

static double
state_at(const void *arg, size_t cell)
{
	return ((double)((const enum cell_state *)arg)[cell]);
}

struct graded {
	const struct matrix_number *number;
	const double *value;
};

static double
grade_at(const void *arg, size_t cell)
{
	const struct graded *graded = arg;

	return (matrix_grade(graded->number, graded->value[cell]));
}

static void
put_numbers(struct evbuffer *out, const struct matrix_number *number,
    const struct latest_view *view, size_t cells)
{
	const struct graded graded = {number, view->value};

	put_plane(out, "value", cells, digits_nine, double_at, view->value);
	put_plane(out, "grade", cells, put_whole, grade_at, &graded);
}

static void
put_also(struct evbuffer *out, const struct matrix *m)
{
	evbuffer_add_printf(out, ",\"also\":{");
	for (size_t i = 0; i < m->q.also_count; i++) {
		const struct matrix_number *number = &m->q.also[i];

		evbuffer_add_printf(out,
		    "%s\"%s\":{\"stat\":\"%s\",\"unit\":\"%s\"",
		    i > 0 ? "," : "", number->metric->name, number->stat,
		    unit_name(number->metric->unit));
		put_numbers(out, number, &m->also[i], m->cells);
		evbuffer_add(out, "}", 1);
	}
	evbuffer_add(out, "}", 1);
}

static void
put_planes(struct evbuffer *out, const struct matrix *m)
{
	put_numbers(out, &m->q.main, &m->main, m->cells);
	put_plane(out, "state", m->cells, put_whole, state_at, m->state);
	put_plane(out, "age", m->cells, digits_tenths, double_at, m->age);
	put_plane(out, "count", m->cells, put_whole, double_at, m->main.weight);
	put_also(out, m);
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
		if (on_axis && web_is_silent(web, end))
			json_object_array_add(
			    array, json_object_new_string(end->name));
	}
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
	return (json);
}

/* count names, or all up to NULL */
static json_object *
names_json(const char *const *names, size_t count)
{
	json_object *array = json_object_new_array();

	for (size_t i = 0; i < count && names[i] != NULL; i++)
		json_object_array_add(array, json_object_new_string(names[i]));
	return (array);
}

static void
add_question(json_object *json, const struct matrix_question *q)
{
	const struct manifest *manifest = q->test->manifest;
	const struct metric *metric = q->main.metric;
	double span = clock_seconds(latest_window_spans[q->window]);

	member_add_number(json, "generated", clock_seconds(clock_wall()));
	member_add_whole(json, "revision", q->fleet->revision);
	member_add_text(json, "test", q->test->name);
	member_add_text(json, "probe", manifest->name);
	member_add_text(json, "metric", metric->name);
	member_add_text(json, "kind", metric_kind_names[metric->kind]);
	member_add_text(json, "stat", q->main.stat);
	json_object_object_add(json, "stats",
	    names_json(bundle_stats(manifest, metric->name), SIZE_MAX));
	member_add_text(json, "unit", unit_name(metric->unit));
	member_add_text(json, "window", latest_window_names[q->window]);
	json_object_object_add(
	    json, "windows", names_json(latest_window_names, LATEST_WINDOWS));
	json_object_object_add(
	    json, "window_seconds", span > 0 ? member_new_number(span) : NULL);
}

/* Everything but the planes. */
static json_object *
frame(struct web *web, const struct matrix *m)
{
	const struct fleet_test *test = m->q.test;
	json_object *json = json_object_new_object();

	add_question(json, &m->q);
	json_object_object_add(json, "src",
	    fleet_axis_json(m->q.fleet, test->sources, test->source_count));
	json_object_object_add(json, "dst",
	    fleet_axis_json(
		m->q.fleet, test->destinations, test->destination_count));
	json_object_object_add(json, "silent", matrix_silent(web, &m->q));
	json_object_object_add(json, "states", names_json(state_names, STATES));
	json_object_object_add(json, "summary", matrix_summary(m));
	return (json);
}

/* The frame with the planes put in before its closing brace. */
static void
answer(struct web *web, struct http_request *request, struct matrix *m)
{
	const char *planes = http_query(request, "planes");
	struct evbuffer *out = evbuffer_new();
	json_object *json;
	const char *text;

	json = frame(web, m);
	text = json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN);
	evbuffer_add(out, text, strlen(text) - 1);
	if (planes == NULL || strcmp(planes, "none") != 0)
		put_planes(out, m);
	evbuffer_add(out, "}\n", 2);
	http_set_header(request, "Cache-Control", "no-cache");
	http_reply(request, 200, "application/json", out);
	evbuffer_free(out);
	json_object_put(json);
}

/* Before the store has made its planes there is nothing in any cell. */
static void
empty_view(size_t cells, struct latest_view *view)
{
	view->value = memory_new(cells, sizeof(*view->value));
	view->weight = memory_new(cells, sizeof(*view->weight));
	view->finding = memory_new(cells, sizeof(*view->finding));
	view->tried = memory_new(cells, sizeof(*view->tried));
	view->outcome = memory_new(cells, sizeof(*view->outcome));
	for (size_t i = 0; i < cells; i++)
		view->value[i] = NAN;
}

static void
clear_views(struct matrix *m)
{
	latest_view_clear(&m->main);
	for (size_t i = 0; i < m->q.also_count; i++)
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
		for (size_t i = 0; i < m->q.also_count && rc == 0; i++)
			rc = view_number(
			    m, latest, &m->q.also[i], &m->also[i], err);
	} while (rc == 0 && latest != NULL && ++tries < VIEW_TRIES &&
		 latest_writes(latest) != before);
	return (rc);
}

int
matrix_look(struct web *web, struct matrix *m, struct error *err)
{
	m->cells = m->q.test->source_count * m->q.test->destination_count;
	if (view_all(m, web_latest(web, m->q.test), err) == -1)
		return (-1);
	judge(web, m);
	return (0);
}

void
matrix_clear(struct matrix *m)
{
	clear_views(m);
	free(m->state);
	free(m->age);
	m->state = NULL;
	m->age = NULL;
}

void
web_get_matrix(struct http_request *request, void *arg)
{
	struct web *web = arg;
	struct matrix m = {0};
	struct error err;

	if (matrix_ask(web, request, &m.q) == -1)
		return;
	if (matrix_look(web, &m, &err) == 0)
		answer(web, request, &m);
	else
		http_problem(request, 503, "Not now", "%s", err.text);
	matrix_clear(&m);
}
