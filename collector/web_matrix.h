/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * web_matrix.h - what a matrix is asked for and what is known of its cells; for all
 * that answer with cells: the whole, what changes (live.h), what was, pictures.
 */
#ifndef PHAROS_COLLECTOR_WEB_MATRIX_H
#define PHAROS_COLLECTOR_WEB_MATRIX_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "collector/baseline.h"
#include "collector/latest.h"
#include "collector/states.h"
#include "common/metric.h"
#include "common/table.h"

struct error;
struct evbuffer;
struct fleet;
struct fleet_test;
struct http_request;
struct web;

#define MATRIX_ALSO 8

struct matrix_number {
	const struct metric *metric;
	const char *stat; /* static */
};
struct matrix_question {
	const struct fleet *fleet;
	const struct fleet_test *test;
	enum latest_window window;
	struct matrix_number main; /* what is judged */
	/* what is shown beside it, then how far it may be off (metric.h) */
	struct matrix_number also[MATRIX_ALSO + 2];
	size_t also_count; /* that are shown */
	size_t known;      /* and how many there are */
	bool based;        /* beside the baseline */
	nanoseconds at;    /* 0: now */
	bool hours;        /* of then only hours are known */
};
/* What of it is told, and how. */
enum {
	MATRIX_VALUE = 1,
	MATRIX_GRADE = 2,
	MATRIX_STATE = 4,
	MATRIX_AGE = 8,
	MATRIX_COUNT = 16,
	MATRIX_BESIDE = 32, /* "also" */
	MATRIX_ALL = 63
};
struct matrix_tile {
	size_t row, column, rows, columns;
};
struct matrix_reply {
	enum table_format format;
	unsigned planes;
	struct matrix_tile tile;
	bool tiled; /* the tile is not the whole */
};
/* -1 after a problem was answered. The fleet is borrowed from web. reply: NULL
 * when there is nothing to choose. */
int matrix_ask(struct web *web, struct http_request *request,
    struct matrix_question *question, struct matrix_reply *reply);
/* The same of a test that is named elsewhere. */
int matrix_ask_named(struct web *web, struct http_request *request,
    const char *test, struct matrix_question *question);

/* Nothing is to be shown beside it. */
void matrix_leave_also(struct matrix_question *question);

/* What is known of all cells, and what it is worth. */
struct matrix {
	struct matrix_question q;
	size_t cells;
	struct latest_view main, also[MATRIX_ALSO + 2];
	nanoseconds now; /* that of ages, and of what is stale */
	uint8_t *state;  /* enum cell_state */
	size_t grades[METRIC_EDGES + 1], states[STATES];
	/* when based; NAN: not known */
	double *base, *change, *step;
	size_t steps[BASELINE_STEPS], based;
	nanoseconds base_hour;
	bool base_is_whole;
};
/* Fills all but q, which is given; cleared with matrix_clear, also after -1. */
int matrix_look(struct web *web, struct matrix *m, struct error *err);
void matrix_clear(struct matrix *m);
/* In steps: nothing is known of any cell; what was filled in is judged. */
void matrix_make_empty(struct matrix *m);
void matrix_judge(struct web *web, struct matrix *m);
/* Under which key a cell's bins lie. False: it is not tested. */
struct bins_key;
bool matrix_key(struct web *web, const struct matrix_question *q, size_t cell,
    struct bins_key *key);
/* How far a value may be off; NAN: nobody knows, or it rests on no two clocks. */
static inline double
matrix_bound(const struct matrix *m, size_t cell)
{
	return (m->q.known == m->q.also_count ||
			m->also[m->q.also_count + 1].value[cell] > 0
		    ? NAN
		    : m->also[m->q.also_count].value[cell]);
}
/* Seconds since the last finding; NAN: there is none. */
static inline double
matrix_age(const struct matrix *m, size_t cell)
{
	nanoseconds finding = m->main.finding[cell];

	return (finding == 0 ? NAN : clock_seconds(m->now - finding));
}
/* NAN: the value has no grade. */
double matrix_grade(const struct matrix_number *number, double value);
void matrix_answer(struct web *web, struct http_request *request,
    const struct matrix *m, const struct matrix_reply *reply);
/* Does the client have all of it? Then it was told so. frame: all but the planes. */
bool matrix_is_known(struct http_request *request, struct json_object *frame,
    const struct matrix *m, const struct matrix_reply *reply);
/* As CSV or TSV; the caller's. */
struct evbuffer *matrix_rows(
    const struct matrix *m, const struct matrix_reply *reply);
/* New references, of the answer's members of these names. */
struct json_object *matrix_silent(
    struct web *web, const struct matrix_question *q);
struct json_object *matrix_summary(const struct matrix *m);

#endif
