/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * web_series_rows.h - a series as JSON, CSV or TSV; for web_series*.c.
 */
#ifndef PHAROS_COLLECTOR_WEB_SERIES_ROWS_H
#define PHAROS_COLLECTOR_WEB_SERIES_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/table.h"

struct evbuffer;
struct json_object;
struct series;
struct series_column;

/* One row a line: start (Unix seconds), the columns that JSON would have
 * ("rtt_p50", "loss"), and of what is judged its worst bin and when that began
 * ("rtt_worst", "rtt_worst_at"). The caller's. */
struct evbuffer *web_series_rows(
    const struct series *series, enum table_format format);
/* Adds its rows, and the span as one, to an answer. */
void web_series_add(struct json_object *json, const struct series *series);
/* Is there a number in it, or is it shown without one? */
bool web_series_is_shown(const struct series_column *column, size_t count);

#endif
