/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A matrix as JSON. The planes are written by hand: a million cells as objects of
 * a JSON library would take seconds.
 */
#include <event2/buffer.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "collector/fleet.h"
#include "collector/web.h"
#include "collector/web_matrix.h"
#include "common/digits.h"
#include "common/log.h"
#include "common/manifest.h"
#include "common/member.h"

/* Bytes: with what libevent has beside them, a power of two. */
#define CHUNK (32 * 1024 - 64)

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

/* Where planes go, and which cells of them. */
struct sheet {
	struct evbuffer *out;
	const struct matrix_tile *tile;
	size_t width; /* of the whole matrix */
};

/* Room at the end of what there is already, so that nothing is copied. */
struct slip {
	struct evbuffer *out;
	struct evbuffer_iovec room;
	size_t length; /* written there */
};

static void
end_slip(struct slip *slip)
{
	slip->room.iov_len = slip->length;
	evbuffer_commit_space(slip->out, &slip->room, 1);
	slip->length = 0;
}

static void
begin_slip(struct slip *slip)
{
	if (evbuffer_reserve_space(slip->out, CHUNK, &slip->room, 1) != 1)
		log_fatal("out of memory");
}

/* A row of it: write(text, value) for each number(arg, cell); NAN becomes null. */
static void
put_row(const struct sheet *sheet, struct slip *slip, size_t row,
    size_t (*write)(char text[static DIGITS_MOST], double value),
    double (*number)(const void *arg, size_t cell), const void *arg)
{
	size_t first = row * sheet->width + sheet->tile->column;
	bool comma = row > sheet->tile->row;

	for (size_t i = 0; i < sheet->tile->columns; i++) {
		double value = number(arg, first + i);
		char *text = slip->room.iov_base;

		if (comma || i > 0)
			text[slip->length++] = ',';
		text += slip->length;
		slip->length +=
		    isnan(value) ? put_null(text) : write(text, value);
		if (slip->length > CHUNK - DIGITS_MOST - 1) {
			end_slip(slip);
			begin_slip(slip);
		}
	}
}

static void
put_plane(const struct sheet *sheet, const char *name,
    size_t (*write)(char text[static DIGITS_MOST], double value),
    double (*number)(const void *arg, size_t cell), const void *arg)
{
	const struct matrix_tile *t = sheet->tile;
	struct slip slip = {.out = sheet->out};

	evbuffer_add_printf(sheet->out, ",\"%s\":[", name);
	begin_slip(&slip);
	for (size_t row = t->row; row < t->row + t->rows; row++)
		put_row(sheet, &slip, row, write, number, arg);
	end_slip(&slip);
	evbuffer_add(sheet->out, "]", 1);
}

static double
double_at(const void *arg, size_t cell)
{
	return (((const double *)arg)[cell]);
}

static double
state_at(const void *arg, size_t cell)
{
	return ((double)((const uint8_t *)arg)[cell]);
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
put_numbers(const struct sheet *sheet, const struct matrix_number *number,
    const struct latest_view *view, unsigned planes)
{
	const struct graded graded = {number, view->value};

	if (planes & MATRIX_VALUE)
		put_plane(sheet, "value", digits_nine, double_at, view->value);
	if (planes & MATRIX_GRADE)
		put_plane(sheet, "grade", put_whole, grade_at, &graded);
}

static void
put_also(const struct sheet *sheet, const struct matrix *m)
{
	evbuffer_add_printf(sheet->out, ",\"also\":{");
	for (size_t i = 0; i < m->q.also_count; i++) {
		const struct matrix_number *number = &m->q.also[i];

		evbuffer_add_printf(sheet->out,
		    "%s\"%s\":{\"stat\":\"%s\",\"unit\":\"%s\"",
		    i > 0 ? "," : "", number->metric->name, number->stat,
		    unit_name(number->metric->unit));
		put_numbers(sheet, number, &m->also[i], MATRIX_ALL);
		evbuffer_add(sheet->out, "}", 1);
	}
	evbuffer_add(sheet->out, "}", 1);
}

/* What a value usually is goes with values, how far it is from that with grades. */
static void
put_baseline(const struct sheet *sheet, const struct matrix *m, unsigned planes)
{
	if (planes & MATRIX_VALUE) {
		put_plane(sheet, "base", digits_nine, double_at, m->base);
		put_plane(sheet, "change", digits_nine, double_at, m->change);
	}
	if (planes & MATRIX_GRADE)
		put_plane(sheet, "step", put_whole, double_at, m->step);
}

static double
age_at(const void *arg, size_t cell)
{
	return (matrix_age(arg, cell));
}

static double
bound_at(const void *arg, size_t cell)
{
	return (matrix_bound(arg, cell));
}

static void
put_planes(const struct sheet *sheet, const struct matrix *m, unsigned planes)
{
	put_numbers(sheet, &m->q.main, &m->main, planes);
	if (m->q.known > m->q.also_count && (planes & MATRIX_VALUE))
		put_plane(sheet, "bound", digits_nine, bound_at, m);
	if (m->q.based)
		put_baseline(sheet, m, planes);
	if (planes & MATRIX_STATE)
		put_plane(sheet, "state", put_whole, state_at, m->state);
	if (planes & MATRIX_AGE)
		put_plane(sheet, "age", digits_tenths, age_at, m);
	if (planes & MATRIX_COUNT)
		put_plane(sheet, "count", put_whole, double_at, m->main.weight);
	if (planes & MATRIX_BESIDE)
		put_also(sheet, m);
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

static void
add_baseline(json_object *json, const struct matrix *m)
{
	json_object *baseline = json_object_new_object();

	json_object_object_add(baseline, "hour",
	    m->base_hour == 0 ? NULL
			      : member_new_number(clock_seconds(m->base_hour)));
	member_add_whole(baseline, "days", BASELINE_DAYS);
	member_add_whole(baseline, "known", (int64_t)m->based);
	json_object_object_add(
	    baseline, "complete", json_object_new_boolean(m->base_is_whole));
	member_add_text(json, "ref", "base");
	json_object_object_add(json, "baseline", baseline);
}

static void
add_past(json_object *json, const struct matrix_question *q)
{
	char source[64];

	snprintf(source, sizeof(source), "%sbins of %lld s",
	    q->hours ? "hours of " : "",
	    (long long)(timing_step(&q->test->timing) / NS_PER_S));
	member_add_number(json, "at", clock_seconds(q->at));
	member_add_text(json, "source", source);
}

static void
add_axes(json_object *json, const struct matrix_question *q)
{
	const struct fleet_test *t = q->test;

	json_object_object_add(json, "src",
	    fleet_axis_json(q->fleet, t->sources, t->source_count));
	json_object_object_add(json, "dst",
	    fleet_axis_json(q->fleet, t->destinations, t->destination_count));
}

static void
add_tile(json_object *json, const struct matrix_tile *tile)
{
	json_object *o = json_object_new_object();

	member_add_whole(o, "row", (int64_t)tile->row);
	member_add_whole(o, "column", (int64_t)tile->column);
	member_add_whole(o, "rows", (int64_t)tile->rows);
	member_add_whole(o, "columns", (int64_t)tile->columns);
	json_object_object_add(json, "tile", o);
}

/* Everything but the planes; a tile needs no axes. */
static json_object *
frame(struct web *web, const struct matrix *m, const struct matrix_reply *reply)
{
	json_object *json = json_object_new_object();

	add_question(json, &m->q);
	if (m->q.based)
		add_baseline(json, m);
	if (m->q.at != 0)
		add_past(json, &m->q);
	json_object_object_add(json, "states", names_json(state_names, STATES));
	if (reply->tiled) {
		add_tile(json, &reply->tile);
		return (json);
	}
	add_axes(json, &m->q);
	json_object_object_add(json, "silent", matrix_silent(web, &m->q));
	json_object_object_add(json, "summary", matrix_summary(m));
	return (json);
}

/* The frame with the planes put in before its closing brace. */
static void
answer_json(struct http_request *request, json_object *json,
    const struct matrix *m, const struct matrix_reply *reply)
{
	const struct sheet sheet = {
	    evbuffer_new(), &reply->tile, m->q.test->destination_count};
	const char *text;

	member_add_number(json, "generated", clock_seconds(clock_wall()));
	text = json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN);
	evbuffer_add(sheet.out, text, strlen(text) - 1);
	put_planes(&sheet, m, reply->planes);
	evbuffer_add(sheet.out, "}\n", 2);
	http_reply(request, 200, "application/json", sheet.out);
	evbuffer_free(sheet.out);
}

static void
answer_rows(struct http_request *request, const struct matrix *m,
    const struct matrix_reply *reply)
{
	struct evbuffer *rows = matrix_rows(m, reply);

	web_format_reply(request, reply->format, m->q.test->name, rows);
	evbuffer_free(rows);
}

void
matrix_answer(struct web *web, struct http_request *request,
    const struct matrix *m, const struct matrix_reply *reply)
{
	json_object *json = frame(web, m, reply);

	if (matrix_is_known(request, json, m, reply))
		; /* it has been told so */
	else if (reply->format == TABLE_JSON)
		answer_json(request, json, m, reply);
	else
		answer_rows(request, m, reply);
	json_object_put(json);
}
