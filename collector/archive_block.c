/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/archive_block.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"

#define MARK "\"start\":"
#define SECONDS_MOST 9e9
#define PREFIX 24 /* a start and a blank */

bool
archive_line_start(const char *line, size_t length, nanoseconds *start)
{
	const char *mark = memmem(line, length, MARK, strlen(MARK));
	const char *number;
	double seconds;
	char *end;

	if (mark == NULL)
		return (false);
	number = mark + strlen(MARK);
	if (*number < '0' || *number > '9')
		return (false);
	seconds = strtod(number, &end);
	if (end > line + length || !(fabs(seconds) < SECONDS_MOST))
		return (false);
	*start = clock_of_seconds(seconds);
	return (true);
}

static void
append(struct archive_block *block, const char *text, size_t length)
{
	if (block->length + length > block->room) {
		block->room = 2 * (block->length + length);
		block->text = memory_resize(block->text, block->room, 1);
	}
	memcpy(block->text + block->length, text, length);
	block->length += length;
}

static struct archive_part *
part_of(struct archive_block *block, int64_t pair, nanoseconds start)
{
	struct archive_part *part;

	if (block->count > 0 && block->parts[block->count - 1].pair == pair)
		return (&block->parts[block->count - 1]);
	if (block->count == block->part_room) {
		block->part_room = 2 * block->part_room + 16;
		block->parts = memory_resize(
		    block->parts, block->part_room, sizeof(*block->parts));
	}
	part = &block->parts[block->count++];
	*part = (struct archive_part){
	    .pair = pair, .place = block->length, .least = start};
	return (part);
}

void
archive_block_add(struct archive_block *block, int64_t pair, nanoseconds start,
    const char *line, size_t length)
{
	struct archive_part *part = part_of(block, pair, start);
	char prefix[PREFIX];
	nanoseconds found;

	if (!archive_line_start(line, length, &found) || found != start)
		append(block, prefix,
		    (size_t)snprintf(
			prefix, sizeof(prefix), "%" PRId64 " ", start));
	append(block, line, length);
	append(block, "\n", 1);
	part->length = block->length - part->place;
	part->records++;
	part->greatest = start;
}

void
archive_block_empty(struct archive_block *block)
{
	block->length = 0;
	block->count = 0;
}

void
archive_block_clear(struct archive_block *block)
{
	free(block->text);
	free(block->parts);
	*block = (struct archive_block){0};
}

bool
archive_line_next(const char *text, size_t text_length, size_t *at,
    nanoseconds *start, const char **line, size_t *length)
{
	const char *from = text + *at, *end;
	char *behind;

	if (*at >= text_length)
		return (false);
	end = memchr(from, '\n', text_length - *at);
	if (end == NULL)
		return (false);
	*at = (size_t)(end + 1 - text);
	if (*from != '{') {
		*start = strtoll(from, &behind, 10);
		if (*behind != ' ')
			return (false);
		from = behind + 1;
	} else if (!archive_line_start(from, (size_t)(end - from), start)) {
		return (false);
	}
	*line = from;
	*length = (size_t)(end - from);
	return (true);
}

int
archive_line_compare(nanoseconds a_start, const char *a, size_t a_length,
    nanoseconds b_start, const char *b, size_t b_length)
{
	int order;

	if (a_start != b_start)
		return (a_start < b_start ? -1 : 1);
	order = memcmp(a, b, a_length < b_length ? a_length : b_length);
	if (order != 0 || a_length == b_length)
		return (order);
	return (a_length < b_length ? -1 : 1);
}
