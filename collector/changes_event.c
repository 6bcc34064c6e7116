/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/changes_event.h"

#include <event2/buffer.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <math.h>
#include <stdbool.h>

#include "collector/fleet.h"
#include "collector/web_matrix.h"
#include "common/clock.h"

#define RESET_CELLS 50000

static void
put_numbers(struct evbuffer *out, const char *name, const char *format,
    const double *values, const struct changes_choice *choice)
{
	evbuffer_add_printf(out, ",\"%s\":[", name);
	for (size_t i = 0; i < choice->count; i++) {
		double value = values[choice->cells[i]];

		if (i > 0)
			evbuffer_add(out, ",", 1);
		evbuffer_add_printf(out, isnan(value) ? "null" : format, value);
	}
	evbuffer_add(out, "]", 1);
}

static void
put_wholes(struct evbuffer *out, const char *name,
    int (*number)(const struct matrix *m, size_t cell), const struct matrix *m,
    const struct changes_choice *choice)
{
	evbuffer_add_printf(out, ",\"%s\":[", name);
	for (size_t i = 0; i < choice->count; i++)
		evbuffer_add_printf(
		    out, i > 0 ? ",%d" : "%d", number(m, choice->cells[i]));
	evbuffer_add(out, "]", 1);
}

static int
cell_at(const struct matrix *m, size_t cell)
{
	return ((int)cell);
}

static int
state_at(const struct matrix *m, size_t cell)
{
	return ((int)m->state[cell]);
}

static void
put_grades(struct evbuffer *out, const struct matrix_number *number,
    const double *values, const struct changes_choice *choice)
{
	evbuffer_add_printf(out, ",\"grade\":[");
	for (size_t i = 0; i < choice->count; i++) {
		double grade = matrix_grade(number, values[choice->cells[i]]);

		if (i > 0)
			evbuffer_add(out, ",", 1);
		evbuffer_add_printf(out, isnan(grade) ? "null" : "%.0f", grade);
	}
	evbuffer_add(out, "]", 1);
}

static void
put_made(struct evbuffer *out, const char *name, const char *format,
    double (*number)(const struct matrix *m, size_t cell),
    const struct matrix *m, const struct changes_choice *choice)
{
	evbuffer_add_printf(out, ",\"%s\":[", name);
	for (size_t i = 0; i < choice->count; i++) {
		double value = number(m, choice->cells[i]);

		evbuffer_add_printf(out, "%s", i > 0 ? "," : "");
		evbuffer_add_printf(out, isnan(value) ? "null" : format, value);
	}
	evbuffer_add(out, "]", 1);
}

static void
put_also(struct evbuffer *out, const struct matrix *m,
    const struct changes_choice *choice)
{
	evbuffer_add_printf(out, ",\"also\":{");
	for (size_t i = 0; i < m->q.also_count; i++) {
		const struct matrix_number *number = &m->q.also[i];

		evbuffer_add_printf(out, "%s\"%s\":{\"stat\":\"%s\"",
		    i > 0 ? "," : "", number->metric->name, number->stat);
		put_numbers(out, "value", "%.9g", m->also[i].value, choice);
		put_grades(out, number, m->also[i].value, choice);
		evbuffer_add(out, "}", 1);
	}
	evbuffer_add(out, "}", 1);
}

static void
put_frame(struct evbuffer *out, const struct matrix *m, const char *silent)
{
	json_object *summary = matrix_summary(m);

	evbuffer_add_printf(out, ",\"silent\":%s,\"summary\":%s", silent,
	    json_object_to_json_string_ext(summary, JSON_C_TO_STRING_PLAIN));
	json_object_put(summary);
}

static void
put_cells(struct evbuffer *out, const struct matrix *m,
    const struct changes_choice *choice)
{
	put_wholes(out, "cells", cell_at, m, choice);
	put_numbers(out, "value", "%.9g", m->main.value, choice);
	put_grades(out, &m->q.main, m->main.value, choice);
	if (m->q.known > m->q.also_count)
		put_made(out, "bound", "%.9g", matrix_bound, m, choice);
	if (m->q.based) {
		put_numbers(out, "base", "%.9g", m->base, choice);
		put_numbers(out, "change", "%.9g", m->change, choice);
		put_numbers(out, "step", "%.0f", m->step, choice);
	}
	put_wholes(out, "state", state_at, m, choice);
	put_made(out, "age", "%.1f", matrix_age, m, choice);
	put_numbers(out, "count", "%.0f", m->main.weight, choice);
	put_also(out, m, choice);
}

static void
put_head(struct evbuffer *out, const struct matrix *m)
{
	evbuffer_add_printf(out,
	    "data: {\"generated\":%.3f,\"revision\":%" PRId64
	    ",\"test\":\"%s\"",
	    clock_seconds(clock_wall()), (int64_t)m->q.fleet->revision,
	    m->q.test->name);
}

void
changes_event(struct evbuffer *out, const struct matrix *m, const char *id,
    const char *silent, const struct changes_choice *choice)
{
	bool reset = choice->count > RESET_CELLS;

	evbuffer_add_printf(
	    out, "event: %s\nid: %s\n", reset ? "reset" : "cells", id);
	put_head(out, m);
	if (!reset && silent != NULL)
		put_frame(out, m, silent);
	if (!reset)
		put_cells(out, m, choice);
	evbuffer_add_printf(out, "}\n\n");
}

void
changes_summary(
    struct evbuffer *out, const struct matrix *m, const char *silent)
{
	evbuffer_add_printf(out, "event: summary\n");
	put_head(out, m);
	put_frame(out, m, silent);
	evbuffer_add_printf(out, "}\n\n");
}
