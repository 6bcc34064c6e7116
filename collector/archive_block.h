/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * archive_block.h - records as lines in a block, before it is packed.
 *
 * A block is JSON lines, each ended by a newline. Where a record's start is not
 * what archive_line_start finds in its line, it stands before the line in
 * nanoseconds and a blank. A part is what a block holds of one pair.
 */
#ifndef PHAROS_COLLECTOR_ARCHIVE_BLOCK_H
#define PHAROS_COLLECTOR_ARCHIVE_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/clock.h"

struct archive_part {
	int64_t pair;
	size_t place, length; /* in the block */
	int64_t records;
	nanoseconds least, greatest; /* of their starts */
};

struct archive_block {
	char *text;
	size_t length, room;
	struct archive_part *parts;
	size_t count, part_room;
};

/* Records of a pair come one behind the other, in the order of start. */
void archive_block_add(struct archive_block *block, int64_t pair,
    nanoseconds start, const char *line, size_t length);
void archive_block_empty(struct archive_block *block);
void archive_block_clear(struct archive_block *block); /* frees, too */

/* The number behind the first "start": of a line that ends with a newline or
 * NUL; false when there is none. */
bool archive_line_start(const char *line, size_t length, nanoseconds *start);
/* The record at `at` of a text, which moves behind it; false at the end, and
 * when the text is no part of a block. */
bool archive_line_next(const char *text, size_t text_length, size_t *at,
    nanoseconds *start, const char **line, size_t *length);
/* By start, then by line: how records of a pair are sorted. */
int archive_line_compare(nanoseconds a_start, const char *a, size_t a_length,
    nanoseconds b_start, const char *b, size_t b_length);

#endif
