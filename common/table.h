/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table.h - rows and columns for people, spreadsheets and scripts.
 *
 * One table, four faces: text (aligned, fits the terminal by cutting the
 * widest columns that are not numbers), csv (RFC 4180; a cell that a spreadsheet would take for a
 * formula gets a leading apostrophe), tsv, json (array of objects). A missing
 * cell is "-" in text, empty in csv and tsv, null in json: never 0.
 */
#ifndef PHAROS_COMMON_TABLE_H
#define PHAROS_COMMON_TABLE_H

#include <stdio.h>

#include "common/unit.h"

struct error;
struct table;

enum table_format { TABLE_TEXT_FORMAT, TABLE_CSV, TABLE_TSV, TABLE_JSON };

struct table *table_new(void);
void table_free(struct table *table); /* NULL is fine */
/* Title in text, key in json and headline of csv and tsv. Numbers of a column
 * with a unit are scaled for people in text only. */
void table_column(struct table *table, const char *title, enum unit unit);
void table_row(struct table *table); /* starts one; cells follow in order */
void table_text(struct table *table, const char *text); /* NULL: missing */
void table_number(struct table *table, double value);   /* NAN: missing */
/* A number with a mark behind it in text, "38.2 ms stale", "- down"; other formats have
 * the number alone, so give the mark a column of its own there. */
void table_marked(struct table *table, double value, const char *mark);
/* width 0: do not cut. */
void table_write(
    const struct table *table, enum table_format format, int width, FILE *out);
/* One cell as csv or tsv has it, for rows that do not fit into memory. */
void table_cell(enum table_format format, const char *text, FILE *out);
int table_find_format(const char *name, enum table_format *format,
    struct error *err); /* "text", "csv", "tsv", "json" */

#endif
