/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/table.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/grid.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/name.h"

struct column {
	char *title;
	enum unit unit;
};

struct cell {
	enum { MISSING, TEXT, NUMBER } kind;
	double number;
	char *text; /* or the mark behind a number */
};

struct table {
	struct column *columns;
	size_t columns_count;
	struct cell *cells; /* row by row */
	size_t rows;
	size_t filled; /* cells of the last row */
};

struct table *
table_new(void)
{
	return (memory_new(1, sizeof(struct table)));
}

void
table_free(struct table *table)
{
	if (table == NULL)
		return;
	for (size_t i = 0; i < table->columns_count; i++)
		free(table->columns[i].title);
	for (size_t i = 0; i < table->rows * table->columns_count; i++)
		free(table->cells[i].text);
	free(table->columns);
	free(table->cells);
	free(table);
}

void
table_column(struct table *table, const char *title, enum unit unit)
{
	struct column *column;

	assert(table->rows == 0);
	table->columns = memory_resize(
	    table->columns, table->columns_count + 1, sizeof(*table->columns));
	column = &table->columns[table->columns_count++];
	column->title = memory_text(title);
	column->unit = unit;
}

void
table_row(struct table *table)
{
	size_t used = table->rows * table->columns_count;

	table->cells = memory_resize(
	    table->cells, used + table->columns_count, sizeof(*table->cells));
	memset(&table->cells[used], 0,
	    table->columns_count * sizeof(*table->cells));
	table->rows++;
	table->filled = 0;
}

static struct cell *
next_cell(struct table *table)
{
	assert(table->rows > 0 && table->filled < table->columns_count);
	return (&table->cells[(table->rows - 1) * table->columns_count +
			      table->filled++]);
}

static const struct cell *
cell_at(const struct table *table, size_t row, size_t column)
{
	return (&table->cells[row * table->columns_count + column]);
}

void
table_text(struct table *table, const char *text)
{
	struct cell *cell = next_cell(table);

	if (text == NULL)
		return;
	cell->kind = TEXT;
	cell->text = memory_text(text);
}

void
table_marked(struct table *table, double value, const char *mark)
{
	struct cell *cell = next_cell(table);

	if (mark != NULL && mark[0] != '\0')
		cell->text = memory_text(mark);
	if (!isfinite(value))
		return;
	cell->kind = NUMBER;
	cell->number = value;
}

void
table_number(struct table *table, double value)
{
	table_marked(table, value, NULL);
}

static char *
cell_text(const struct cell *cell, enum unit unit)
{
	char digits[UNIT_TEXT] = "-";

	if (cell->kind == TEXT)
		return (memory_text(cell->text));
	if (cell->kind == NUMBER)
		unit_format(unit, cell->number, digits);
	if (cell->text == NULL)
		return (memory_text(digits));
	return (memory_print("%s %s", digits, cell->text));
}

static bool
all_numbers(const struct table *table, size_t column)
{
	bool number = false;

	for (size_t row = 0; row < table->rows; row++) {
		const struct cell *cell = cell_at(table, row, column);

		if (cell->kind == TEXT)
			return (false);
		number |= cell->kind == NUMBER;
	}
	return (number);
}

static void
write_text(const struct table *table, int width, FILE *out)
{
	struct grid *grid = grid_new(table->columns_count);

	for (size_t i = 0; i < table->columns_count; i++) {
		grid_cell(grid, table->columns[i].title);
		if (all_numbers(table, i))
			grid_right(grid, i);
	}
	for (size_t row = 0; row < table->rows; row++)
		for (size_t i = 0; i < table->columns_count; i++) {
			char *text = cell_text(
			    cell_at(table, row, i), table->columns[i].unit);

			grid_cell(grid, text);
			free(text);
		}
	grid_write(grid, width, out);
	grid_free(grid);
}

/* RFC 4180; a spreadsheet would run a text that begins like a formula. */
static void
write_quoted(const char *text, FILE *out)
{
	bool formula = text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;

	if (!formula && strpbrk(text, ",\"\r\n") == NULL) {
		fputs(text, out);
		return;
	}
	putc('"', out);
	if (formula)
		putc('\'', out);
	for (; *text != '\0'; text++) {
		if (*text == '"')
			putc('"', out);
		putc(*text, out);
	}
	putc('"', out);
}

static void
write_flat(const char *text, FILE *out)
{
	for (; *text != '\0'; text++)
		putc(strchr("\t\r\n", *text) != NULL ? ' ' : *text, out);
}

void
table_cell(enum table_format format, const char *text, FILE *out)
{
	if (format == TABLE_CSV)
		write_quoted(text, out);
	else
		write_flat(text, out);
}

/* Rows of values with a separator between and nothing for what is missing. */
static void
write_values(const struct table *table, char separator, const char *end,
    void (*write)(const char *, FILE *), FILE *out)
{
	for (size_t i = 0; i < table->columns_count; i++) {
		if (i > 0)
			putc(separator, out);
		write(table->columns[i].title, out);
	}
	fputs(end, out);
	for (size_t i = 0; i < table->rows * table->columns_count; i++) {
		const struct cell *cell = &table->cells[i];
		char digits[UNIT_TEXT];

		if (i % table->columns_count > 0)
			putc(separator, out);
		if (cell->kind == TEXT)
			write(cell->text, out);
		if (cell->kind == NUMBER)
			fputs(unit_write(UNIT_NONE, cell->number, digits), out);
		if ((i + 1) % table->columns_count == 0)
			fputs(end, out);
	}
}

static void
write_object(const struct table *table, size_t row, FILE *out)
{
	json_object *o = json_object_new_object();

	for (size_t i = 0; i < table->columns_count; i++) {
		const struct cell *cell = cell_at(table, row, i);
		json_object *value = NULL;

		if (cell->kind == TEXT)
			value = member_new_text(cell->text);
		if (cell->kind == NUMBER)
			value = member_new_number(cell->number);
		json_object_object_add(o, table->columns[i].title, value);
	}
	fputs(json_object_to_json_string_ext(
		  o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE),
	    out);
	json_object_put(o);
}

static void
write_json(const struct table *table, FILE *out)
{
	putc('[', out);
	for (size_t row = 0; row < table->rows; row++) {
		fputs(row > 0 ? ",\n " : "\n ", out);
		write_object(table, row, out);
	}
	fputs(table->rows > 0 ? "\n]\n" : "]\n", out);
}

void
table_write(
    const struct table *table, enum table_format format, int width, FILE *out)
{
	switch (format) {
	case TABLE_TEXT_FORMAT:
		write_text(table, width, out);
		break;
	case TABLE_CSV:
		write_values(table, ',', "\r\n", write_quoted, out);
		break;
	case TABLE_TSV:
		write_values(table, '\t', "\n", write_flat, out);
		break;
	case TABLE_JSON:
		write_json(table, out);
		break;
	}
}

int
table_find_format(
    const char *name, enum table_format *format, struct error *err)
{
	static const char *const names[] = {
	    [TABLE_TEXT_FORMAT] = "text",
	    [TABLE_CSV] = "csv",
	    [TABLE_TSV] = "tsv",
	    [TABLE_JSON] = "json",
	    NULL,
	};
	int found = name_index(names, name);

	if (found == -1)
		return (error_set(err,
		    "\"%s\": expected one of: text, csv, tsv, json", name));
	*format = (enum table_format)found;
	return (0);
}
