/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/web_series_rows.h"

#include <event2/buffer.h>
#include <math.h>
#include <stdlib.h>

#include "collector/series.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/metric.h"

bool
web_series_is_shown(const struct series_column *column, size_t count)
{
	for (size_t i = 0; i < count && !column->always; i++)
		if (!isnan(column->values[i]))
			return (true);
	return (column->always);
}

/* Calls back with each column and its title. */
static void
each_column(const struct series *series,
    void (*call)(void *arg, const char *title, const double *values), void *arg)
{
	for (size_t i = 0; i < series->metric_count; i++) {
		const struct series_metric *m = &series->metrics[i];
		const char *name = m->metric->name;
		char title[METRIC_TEXT + 16];
		bool single = m->metric->kind == METRIC_RATIO ||
			      m->metric->kind == METRIC_COUNT;

		for (size_t c = 0; c < m->column_count; c++) {
			if (!web_series_is_shown(&m->columns[c], series->count))
				continue;
			snprintf(title, sizeof(title), single ? "%s" : "%s_%s",
			    name, m->columns[c].name);
			call(arg, title, m->columns[c].values);
		}
		if (!m->judged)
			continue;
		snprintf(title, sizeof(title), "%s_worst", name);
		call(arg, title, m->worst);
		snprintf(title, sizeof(title), "%s_worst_at", name);
		call(arg, title, m->worst_at);
	}
}

static void
add_title(void *arg, const char *title, const double *values)
{
	table_column(arg, title, UNIT_NONE);
}

struct cursor {
	struct table *table;
	size_t row;
};

static void
add_value(void *arg, const char *title, const double *values)
{
	const struct cursor *cursor = arg;

	table_number(cursor->table, values[cursor->row]);
}

static struct table *
fill(const struct series *series)
{
	struct cursor cursor = {table_new(), 0};

	table_column(cursor.table, "start", UNIT_NONE);
	each_column(series, add_title, cursor.table);
	for (; cursor.row < series->count; cursor.row++) {
		table_row(cursor.table);
		table_number(cursor.table,
		    clock_seconds(series->start +
				  (nanoseconds)cursor.row * series->step));
		each_column(series, add_value, &cursor);
	}
	return (cursor.table);
}

struct evbuffer *
web_series_rows(const struct series *series, enum table_format format)
{
	struct evbuffer *rows = evbuffer_new();
	struct table *table = fill(series);
	char *text;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL)
		log_fatal("out of memory");
	table_write(table, format, 0, out);
	fclose(out);
	evbuffer_add(rows, text, length);
	free(text);
	table_free(table);
	return (rows);
}
