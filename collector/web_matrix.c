/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GET /api/v1/matrix/{test}. The planes are written by hand: a million cells as
 * objects of a JSON library would take seconds.
 */
#include <event2/buffer.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/fleet.h"
#include "collector/latest.h"
#include "collector/states.h"
#include "collector/web.h"
#include "common/manifest.h"
#include "common/member.h"
#include "common/memory.h"

struct question {
	const struct fleet *fleet;
	const struct fleet_test *test;
	const struct metric *metric;
	const char *stat;
	enum latest_window window;
};

/* The first graded distribution, else the first graded metric, else the first
 * one that has a number. */
static const struct metric *
usual_metric(const struct manifest *manifest)
{
	const struct metric *graded = NULL, *numeric = NULL;

	for (const struct metric *m = manifest->metrics; m->name != NULL; m++) {
		if (bundle_stats(manifest, m->name)[0] == NULL)
			continue;
		if (m->graded && m->kind == METRIC_DISTRIBUTION)
			return (m);
		if (graded == NULL && m->graded)
			graded = m;
		if (numeric == NULL)
			numeric = m;
	}
	return (graded != NULL ? graded : numeric);
}

static const char *
usual_stat(const struct manifest *manifest, const struct metric *metric)
{
	const char *const *stats = bundle_stats(manifest, metric->name);

	if (metric->kind == METRIC_DISTRIBUTION)
		return ("p50");
	return (stats[0]);
}

/* "min, p50, max", for messages; free() it. */
static char *
join(const char *const *words)
{
	char *all = memory_text("");

	for (size_t i = 0; words[i] != NULL; i++) {
		char *longer =
		    memory_print("%s%s%s", all, i > 0 ? ", " : "", words[i]);

		free(all);
		all = longer;
	}
	return (all);
}

static int
ask_metric(struct http_request *request, struct question *q)
{
	const struct manifest *manifest = q->test->manifest;
	const char *name = http_query(request, "metric");

	q->metric = name == NULL ? usual_metric(manifest)
				 : metric_find(manifest->metrics, name);
	if (q->metric != NULL &&
	    bundle_stats(manifest, q->metric->name)[0] != NULL)
		return (0);
	http_problem(request, 400, "No such metric",
	    "probe %s has no metric \"%s\" with a number; /api/v1/fleet lists "
	    "its metrics",
	    manifest->name, name == NULL ? "" : name);
	return (-1);
}

static int
ask_stat(struct http_request *request, struct question *q)
{
	const char *const *stats =
	    bundle_stats(q->test->manifest, q->metric->name);
	const char *name = http_query(request, "stat");
	char *accepted;

	q->stat =
	    name == NULL ? usual_stat(q->test->manifest, q->metric) : NULL;
	for (size_t i = 0; name != NULL && stats[i] != NULL; i++)
		if (strcmp(stats[i], name) == 0)
			q->stat = stats[i];
	if (q->stat != NULL)
		return (0);
	accepted = join(stats);
	http_problem(request, 400, "No such statistic",
	    "metric %s has no statistic \"%s\", only %s", q->metric->name, name,
	    accepted);
	free(accepted);
	return (-1);
}

static int
ask_window(struct http_request *request, struct question *q)
{
	const char *name = http_query(request, "window");

	q->window = LATEST_LAST;
	if (name == NULL)
		return (0);
	for (int i = 0; i < LATEST_WINDOWS; i++)
		if (strcmp(latest_window_names[i], name) == 0) {
			q->window = (enum latest_window)i;
			return (0);
		}
	http_problem(request, 400, "No such window",
	    "window \"%s\": expected last, 5m or 1h", name);
	return (-1);
}

/* What the planes are made of, cell by cell. */
struct planes {
	int *grade; /* -1: none */
	enum cell_state *state;
	double *age; /* NAN: never */
	size_t grades[METRIC_EDGES + 1], states[STATES];
};

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

static void
judge_cell(const struct question *q, const struct latest_view *view, size_t row,
    size_t column, bool silent, struct planes *planes)
{
	size_t cell = row * q->test->destination_count + column;
	nanoseconds now = clock_wall();
	struct state_facts facts = {
	    .self = q->test->sources[row] == q->test->destinations[column],
	    .silent = silent,
	    .outcome = (enum outcome)view->outcome[cell],
	    .finding = view->finding[cell],
	    .stale_after = fleet_stale_after(q->test),
	};
	struct fleet_pair pair;

	fleet_pair(q->fleet, q->test, row, column, &pair);
	facts.tested = pair.tested;
	planes->state[cell] = state_of(&facts, now);
	planes->states[planes->state[cell]]++;
	planes->age[cell] =
	    facts.finding == 0 ? NAN : clock_seconds(now - facts.finding);
	planes->grade[cell] = isnan(view->value[cell])
				  ? -1
				  : metric_grade(q->metric, view->value[cell]);
	if (planes->grade[cell] >= 0 && planes->state[cell] == STATE_OK)
		planes->grades[planes->grade[cell]]++;
}

static void
judge(struct web *web, const struct question *q, const struct latest_view *view,
    struct planes *planes)
{
	const struct fleet_test *t = q->test;
	size_t cells = t->source_count * t->destination_count;
	bool *from = silences(web, q->fleet, t->sources, t->source_count);
	bool *to =
	    silences(web, q->fleet, t->destinations, t->destination_count);

	planes->grade = memory_new(cells, sizeof(*planes->grade));
	planes->state = memory_new(cells, sizeof(*planes->state));
	planes->age = memory_new(cells, sizeof(*planes->age));
	for (size_t i = 0; i < t->source_count; i++)
		for (size_t j = 0; j < t->destination_count; j++)
			judge_cell(q, view, i, j, from[i] || to[j], planes);
	free(from);
	free(to);
}

static void
put_number(struct evbuffer *out, size_t i, double value, const char *format)
{
	char text[40];
	int length;

	if (i > 0)
		evbuffer_add(out, ",", 1);
	if (isnan(value)) {
		evbuffer_add(out, "null", 4);
		return;
	}
	length = snprintf(text, sizeof(text), format, value);
	evbuffer_add(out, text, (size_t)length);
}

static void
put_doubles(struct evbuffer *out, const char *name, const double *values,
    size_t count, const char *format)
{
	evbuffer_add_printf(out, ",\"%s\":[", name);
	for (size_t i = 0; i < count; i++)
		put_number(out, i, values[i], format);
	evbuffer_add(out, "]", 1);
}

static void
put_planes(struct evbuffer *out, const struct latest_view *view,
    const struct planes *planes, size_t cells)
{
	put_doubles(out, "value", view->value, cells, "%.9g");
	evbuffer_add_printf(out, ",\"grade\":[");
	for (size_t i = 0; i < cells; i++)
		put_number(out, i,
		    planes->grade[i] < 0 ? NAN : (double)planes->grade[i],
		    "%.0f");
	evbuffer_add_printf(out, "],\"state\":[");
	for (size_t i = 0; i < cells; i++)
		put_number(out, i, (double)planes->state[i], "%.0f");
	evbuffer_add(out, "]", 1);
	put_doubles(out, "age", planes->age, cells, "%.1f");
	put_doubles(out, "count", view->weight, cells, "%.0f");
}

static json_object *
silent_json(struct web *web, const struct question *q)
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

static json_object *
summary_json(const struct planes *planes)
{
	json_object *json = json_object_new_object();
	json_object *grades = json_object_new_array();
	json_object *states = json_object_new_object();

	for (size_t i = 0; i <= METRIC_EDGES; i++)
		json_object_array_add(
		    grades, json_object_new_int64((int64_t)planes->grades[i]));
	for (size_t i = 0; i < STATES; i++)
		member_add_whole(
		    states, state_names[i], (int64_t)planes->states[i]);
	json_object_object_add(json, "grades", grades);
	json_object_object_add(json, "states", states);
	return (json);
}

static void
add_question(json_object *json, const struct question *q)
{
	double span = clock_seconds(latest_window_spans[q->window]);

	member_add_number(json, "generated", clock_seconds(clock_wall()));
	member_add_whole(json, "revision", q->fleet->revision);
	member_add_text(json, "test", q->test->name);
	member_add_text(json, "probe", q->test->manifest->name);
	member_add_text(json, "metric", q->metric->name);
	member_add_text(json, "kind", metric_kind_names[q->metric->kind]);
	member_add_text(json, "stat", q->stat);
	member_add_text(json, "unit", unit_name(q->metric->unit));
	member_add_text(json, "window", latest_window_names[q->window]);
	json_object_object_add(
	    json, "window_seconds", span > 0 ? member_new_number(span) : NULL);
}

/* Everything but the planes. */
static json_object *
frame(struct web *web, const struct question *q, const struct planes *planes)
{
	json_object *json = json_object_new_object();
	json_object *states = json_object_new_array();

	add_question(json, q);
	json_object_object_add(json, "src",
	    fleet_axis_json(q->fleet, q->test->sources, q->test->source_count));
	json_object_object_add(json, "dst",
	    fleet_axis_json(
		q->fleet, q->test->destinations, q->test->destination_count));
	json_object_object_add(json, "silent", silent_json(web, q));
	for (size_t i = 0; i < STATES; i++)
		json_object_array_add(
		    states, json_object_new_string(state_names[i]));
	json_object_object_add(json, "states", states);
	json_object_object_add(json, "summary", summary_json(planes));
	return (json);
}

/* The frame with the planes put in before its closing brace. */
static void
answer(struct web *web, struct http_request *request, const struct question *q,
    const struct latest_view *view)
{
	size_t cells = q->test->source_count * q->test->destination_count;
	struct evbuffer *out = evbuffer_new();
	struct planes planes = {0};
	json_object *json;
	const char *text;

	judge(web, q, view, &planes);
	json = frame(web, q, &planes);
	text = json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN);
	evbuffer_add(out, text, strlen(text) - 1);
	put_planes(out, view, &planes, cells);
	evbuffer_add(out, "}\n", 2);
	http_set_header(request, "Cache-Control", "no-cache");
	http_reply(request, 200, "application/json", out);
	evbuffer_free(out);
	json_object_put(json);
	free(planes.grade);
	free(planes.state);
	free(planes.age);
}

/* Before the store has made its planes there is nothing in any cell. */
static void
empty_view(const struct fleet_test *test, struct latest_view *view)
{
	size_t cells = test->source_count * test->destination_count;

	view->sources = test->source_count;
	view->destinations = test->destination_count;
	view->value = memory_new(cells, sizeof(*view->value));
	view->weight = memory_new(cells, sizeof(*view->weight));
	view->finding = memory_new(cells, sizeof(*view->finding));
	view->tried = memory_new(cells, sizeof(*view->tried));
	view->outcome = memory_new(cells, sizeof(*view->outcome));
	for (size_t i = 0; i < cells; i++)
		view->value[i] = NAN;
}

void
web_get_matrix(struct http_request *request, void *arg)
{
	struct web *web = arg;
	struct question q = {0};
	struct latest_view view;
	struct latest *latest;
	struct error err;

	if ((q.test = web_test(web, request)) == NULL)
		return;
	q.fleet = web->fleet;
	if (ask_metric(request, &q) == -1 || ask_stat(request, &q) == -1 ||
	    ask_window(request, &q) == -1)
		return;
	latest = web_latest(web, q.test);
	if (latest == NULL) {
		empty_view(q.test, &view);
	} else if (latest_view(latest, q.window, q.metric->name, q.stat, &view,
		       &err) == -1) {
		http_problem(request, 503, "Not now", "%s", err.text);
		return;
	}
	answer(web, request, &q, &view);
	latest_view_clear(&view);
}
