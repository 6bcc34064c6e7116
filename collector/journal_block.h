/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * journal_block.h - lines that lie together in one row of a journal, packed.
 *
 * Each ends with a newline, the last one perhaps; empty ones are none. For
 * journal*.c alone.
 */
#ifndef PHAROS_COLLECTOR_JOURNAL_BLOCK_H
#define PHAROS_COLLECTOR_JOURNAL_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

/* Bytes of lines from which on a block is full; the most that one unpacks to. */
#define JOURNAL_BLOCK_FULL (1024 * 1024)
#define JOURNAL_BLOCK_MOST (8 * 1024 * 1024)

/* Lines that wait for their row. */
struct journal_block {
	char *text;
	size_t length, room;
	unsigned count;
};
void journal_block_add(
    struct journal_block *block, const char *line, size_t length);
void journal_block_empty(struct journal_block *block);
void journal_block_clear(struct journal_block *block); /* frees its memory */

/* Those of a row that is read. */
struct journal_lines {
	char *text, *at, *end;
	unsigned left;
};
/* Of packed lines the last `count`; or, with a count of 0, of one that is not
 * packed. Frees those before. */
int journal_lines_take(struct journal_lines *lines, const void *data,
    size_t length, unsigned count, struct error *err);
/* The next one, valid until the next row; false: there are no more. */
bool journal_lines_next(
    struct journal_lines *lines, const char **line, size_t *length);
void journal_lines_clear(struct journal_lines *lines);

#endif
