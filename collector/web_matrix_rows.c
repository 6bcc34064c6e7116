/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A matrix as rows of CSV or TSV, one a pair, in base units: src, dst, the metric
 * ("rtt_p50", "loss"), "bound" of a time between two clocks, those beside it, with ref=base base and change, grade, state, measured (Unix seconds),
 * count. Written by hand, as the planes are, for there may be a million.
 */
#include <event2/buffer.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/fleet.h"
#include "collector/web.h"
#include "collector/web_matrix.h"
#include "common/digits.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/metric.h"

#define CHUNK 16384
#define CELL_MOST (NAME_TEXT * 2 + 4) /* a name, quoted */

struct pen {
	struct evbuffer *out;
	char text[CHUNK];
	size_t length;
	char separator;
	const char *end; /* of a line */
};

static void
flush(struct pen *pen)
{
	evbuffer_add(pen->out, pen->text, pen->length);
	pen->length = 0;
}

static void
put_text(struct pen *pen, const char *text)
{
	size_t length = strlen(text);

	memcpy(&pen->text[pen->length], text, length);
	pen->length += length;
}

static void
next(struct pen *pen)
{
	if (pen->length > CHUNK - 2 * CELL_MOST)
		flush(pen);
	pen->text[pen->length++] = pen->separator;
}

static void
put_number(struct pen *pen,
    size_t (*write)(char text[static DIGITS_MOST], double value), double value)
{
	next(pen);
	if (!isnan(value))
		pen->length += write(&pen->text[pen->length], value);
}

static size_t
write_whole(char text[static DIGITS_MOST], double value)
{
	return (digits_whole(text, (uint64_t)value));
}

/* The names of an axis as cells; each and all free()d. */
static char **
cells_of(const struct fleet *fleet, const size_t *ends, size_t count,
    enum table_format format)
{
	char **cells = memory_new(count, sizeof(*cells));

	for (size_t i = 0; i < count; i++) {
		size_t length;
		FILE *out = open_memstream(&cells[i], &length);

		if (out == NULL)
			log_fatal("out of memory");
		table_cell(format, fleet->ends[ends[i]].name, out);
		fclose(out);
	}
	return (cells);
}

static void
free_cells(char **cells, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(cells[i]);
	free(cells);
}

/* "rtt_p50", but "loss" alone. */
static void
put_title(struct pen *pen, const struct matrix_number *number)
{
	next(pen);
	put_text(pen, number->metric->name);
	if (number->metric->kind == METRIC_RATIO ||
	    number->metric->kind == METRIC_COUNT)
		return;
	put_text(pen, "_");
	put_text(pen, number->stat);
}

static void
put_words(struct pen *pen, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		next(pen);
		put_text(pen, words[i]);
	}
}

static void
put_head(struct pen *pen, const struct matrix_question *q)
{
	static const char *const compared[] = {"base", "change"};
	static const char *const bound[] = {"bound"};
	static const char *const rest[] = {
	    "grade", "state", "measured", "count"};

	put_text(pen, "src");
	next(pen);
	put_text(pen, "dst");
	put_title(pen, &q->main);
	if (q->known > q->also_count)
		put_words(pen, bound, 1);
	for (size_t i = 0; i < q->also_count; i++)
		put_title(pen, &q->also[i]);
	if (q->based)
		put_words(pen, compared, 2);
	put_words(pen, rest, sizeof(rest) / sizeof(rest[0]));
	put_text(pen, pen->end);
}

static void
put_row(struct pen *pen, const struct matrix *m, size_t cell, const char *src,
    const char *dst)
{
	double grade = matrix_grade(&m->q.main, m->main.value[cell]);
	double measured = m->main.finding[cell] == 0
			      ? NAN
			      : clock_seconds(m->main.finding[cell]);

	put_text(pen, src);
	next(pen);
	put_text(pen, dst);
	put_number(pen, digits_nine, m->main.value[cell]);
	if (m->q.known > m->q.also_count)
		put_number(pen, digits_nine, matrix_bound(m, cell));
	for (size_t i = 0; i < m->q.also_count; i++)
		put_number(pen, digits_nine, m->also[i].value[cell]);
	if (m->q.based) {
		put_number(pen, digits_nine, m->base[cell]);
		put_number(pen, digits_nine, m->change[cell]);
	}
	next(pen);
	if (!isnan(grade))
		put_text(pen, states_grade((int)grade));
	next(pen);
	put_text(pen, state_names[m->state[cell]]);
	put_number(pen, digits_tenths, measured);
	put_number(pen, write_whole, m->main.weight[cell]);
	put_text(pen, pen->end);
}

static bool
is_pair(const struct matrix *m, size_t cell)
{
	return (
	    m->state[cell] != STATE_SELF && m->state[cell] != STATE_UNTESTED);
}

struct evbuffer *
matrix_rows(const struct matrix *m, const struct matrix_reply *reply)
{
	const struct fleet_test *test = m->q.test;
	const struct matrix_tile *t = &reply->tile;
	char **src = cells_of(
	    m->q.fleet, test->sources, test->source_count, reply->format);
	char **dst = cells_of(m->q.fleet, test->destinations,
	    test->destination_count, reply->format);
	bool csv = reply->format == TABLE_CSV;
	struct pen pen = {.out = evbuffer_new(),
	    .separator = csv ? ',' : '\t',
	    .end = csv ? "\r\n" : "\n"};

	put_head(&pen, &m->q);
	for (size_t i = t->row; i < t->row + t->rows; i++)
		for (size_t j = t->column; j < t->column + t->columns; j++)
			if (is_pair(m, i * test->destination_count + j))
				put_row(&pen, m,
				    i * test->destination_count + j, src[i],
				    dst[j]);
	flush(&pen);
	free_cells(src, test->source_count);
	free_cells(dst, test->destination_count);
	return (pen.out);
}
