/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * records_row.h - records as lines of JSON, or as rows of a table.
 *
 * Columns are what every record has; then, when the records are of one probe,
 * those of its metrics by their kinds: counts, values, texts and ratios one each,
 * of a distribution n, min, p50, p95, p99, max and mean ("rtt_p50"). What is
 * missing is empty. Numbers are in base units, times Unix seconds.
 */
#ifndef PHAROS_COLLECTOR_RECORDS_ROW_H
#define PHAROS_COLLECTOR_RECORDS_ROW_H

#include <stddef.h>
#include <stdio.h>

struct manifest;

enum records_format { RECORDS_NDJSON, RECORDS_CSV, RECORDS_TSV };
extern const char *const records_format_names[];             /* NULL-ended */
const char *records_format_type(enum records_format format); /* of content */

/* The line that names the columns; nothing in ndjson. manifest may be NULL. */
void records_head(
    enum records_format format, const struct manifest *manifest, FILE *out);
void records_row(enum records_format format, const struct manifest *manifest,
    const char *line, size_t length, FILE *out);

#endif
