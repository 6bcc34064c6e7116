/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * grid.h - texts in aligned columns, for a terminal.
 *
 * Control characters are shown as "?": what strangers wrote must not steer the
 * terminal.
 */
#ifndef PHAROS_COMMON_GRID_H
#define PHAROS_COMMON_GRID_H

#include <stddef.h>
#include <stdio.h>

struct grid;

struct grid *grid_new(size_t columns); /* at least one */
void grid_free(struct grid *grid);     /* NULL is fine */
/* The next cell, row by row, the titles first. The text is copied. */
void grid_cell(struct grid *grid, const char *text);
/* A column of numbers: aligned to the right and never cut, for a number that
 * lost a digit is another one. */
void grid_right(struct grid *grid, size_t column);
/* Cuts the widest columns of text until a line fits; width 0: cuts nothing. */
void grid_write(struct grid *grid, int width, FILE *out);

#endif
