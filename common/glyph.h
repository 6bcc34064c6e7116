/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * glyph.h - how much of a terminal's line a UTF-8 text takes.
 *
 * No locale is asked: East Asian wide characters take two columns, combining
 * marks none, all others one.
 */
#ifndef PHAROS_COMMON_GLYPH_H
#define PHAROS_COMMON_GLYPH_H

#include <stddef.h>

/* Columns of the text. */
int glyph_width(const char *text);
/* Bytes of the longest beginning that takes no more than *width columns;
 * *width becomes what it does take. */
size_t glyph_fit(const char *text, int *width);

#endif
