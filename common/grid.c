/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/grid.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/glyph.h"
#include "common/memory.h"

#define GAP 2       /* blanks between columns */
#define NARROWEST 4 /* no column is cut below this */

struct column {
	int width;
	bool right;
};

struct grid {
	struct column *columns;
	size_t count;
	char **cells;
	size_t filled, room;
};

struct grid *
grid_new(size_t columns)
{
	struct grid *grid = memory_new(1, sizeof(*grid));

	assert(columns > 0);
	grid->columns = memory_new(columns, sizeof(*grid->columns));
	grid->count = columns;
	return (grid);
}

void
grid_free(struct grid *grid)
{
	if (grid == NULL)
		return;
	for (size_t i = 0; i < grid->filled; i++)
		free(grid->cells[i]);
	free(grid->cells);
	free(grid->columns);
	free(grid);
}

void
grid_cell(struct grid *grid, const char *text)
{
	struct column *column = &grid->columns[grid->filled % grid->count];
	char *copy = memory_text(text);
	int width;

	for (char *c = copy; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	width = glyph_width(copy);
	if (width > column->width)
		column->width = width;
	if (grid->filled == grid->room) {
		grid->room = grid->room * 2 + grid->count;
		grid->cells = memory_resize(
		    grid->cells, grid->room, sizeof(*grid->cells));
	}
	grid->cells[grid->filled++] = copy;
}

void
grid_right(struct grid *grid, size_t column)
{
	grid->columns[column].right = true;
}

static struct column *
widest_text(struct grid *grid)
{
	struct column *widest = NULL;

	for (size_t i = 0; i < grid->count; i++) {
		struct column *column = &grid->columns[i];

		if (!column->right && column->width > NARROWEST &&
		    (widest == NULL || column->width > widest->width))
			widest = column;
	}
	return (widest);
}

static void
fit(struct grid *grid, int width)
{
	int total = GAP * ((int)grid->count - 1);
	struct column *widest;

	for (size_t i = 0; i < grid->count; i++)
		total += grid->columns[i].width;
	for (; total > width && (widest = widest_text(grid)) != NULL; total--)
		widest->width--;
}

static void
write_cell(const struct column *column, const char *text, int gap, FILE *out)
{
	int width = glyph_width(text), blanks = column->width - width;

	if (blanks < 0) {
		width = column->width - 1;
		fprintf(out, "%.*s…", (int)glyph_fit(text, &width), text);
		blanks = column->width - 1 - width;
	} else if (column->right) {
		fprintf(out, "%*s%s", blanks, "", text);
		blanks = 0;
	} else {
		fputs(text, out);
	}
	if (gap > 0)
		fprintf(out, "%*s", blanks + gap, "");
}

void
grid_write(struct grid *grid, int width, FILE *out)
{
	if (width > 0)
		fit(grid, width);
	for (size_t i = 0; i < grid->filled; i++) {
		size_t column = i % grid->count;
		bool last = column + 1 == grid->count;

		write_cell(&grid->columns[column], grid->cells[i],
		    last ? 0 : GAP, out);
		if (last)
			putc('\n', out);
	}
}
