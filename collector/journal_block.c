/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/journal_block.h"

#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/memory.h"
#include "common/packing.h"

void
journal_block_add(struct journal_block *block, const char *line, size_t length)
{
	size_t needed = block->length + length + 1;

	if (needed > block->room) {
		block->room = 2 * needed;
		block->text = memory_resize(block->text, block->room, 1);
	}
	memcpy(block->text + block->length, line, length);
	block->text[needed - 1] = '\n';
	block->length = needed;
	block->count++;
}

void
journal_block_empty(struct journal_block *block)
{
	block->length = 0;
	block->count = 0;
}

void
journal_block_clear(struct journal_block *block)
{
	free(block->text);
	*block = (struct journal_block){0};
}

void
journal_lines_clear(struct journal_lines *lines)
{
	free(lines->text);
	*lines = (struct journal_lines){0};
}

static unsigned
count_lines(const char *text, const char *end)
{
	unsigned count = 0;

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));

		if (newline == NULL)
			newline = end;
		count += newline > text;
		text = newline + 1;
	}
	return (count);
}

/* A line as it is: also one that would not count. */
static void
take_one(struct journal_lines *lines, const void *data, size_t length)
{
	lines->text = memory_new(length + 1, 1);
	memcpy(lines->text, data, length);
	lines->at = lines->text;
	lines->end = lines->text + length;
	lines->left = 1;
}

/* Of a batch beyond a block, versions up to November 2026 kept all its lines beside
 * the number of the last ones; the others lie in rows before. */
static void
skip_to_last(struct journal_lines *lines, unsigned found, unsigned count)
{
	const char *line;
	size_t length;

	lines->left = found;
	while (lines->left > count)
		journal_lines_next(lines, &line, &length);
}

int
journal_lines_take(struct journal_lines *lines, const void *data, size_t length,
    unsigned count, struct error *err)
{
	unsigned found;
	size_t plain;
	int too_large;

	journal_lines_clear(lines);
	if (count == 0) {
		take_one(lines, data, length);
		return (0);
	}
	lines->text = packing_unpack(
	    data, length, JOURNAL_BLOCK_MOST, &plain, &too_large, err);
	if (lines->text == NULL)
		return (-1);
	lines->at = lines->text;
	lines->end = lines->text + plain;
	found = count_lines(lines->at, lines->end);
	if (found < count)
		return (error_set(err, "expected a block of %u lines, found %u",
		    count, found));
	skip_to_last(lines, found, count);
	return (0);
}

bool
journal_lines_next(
    struct journal_lines *lines, const char **line, size_t *length)
{
	char *newline;

	if (lines->left == 0)
		return (false);
	while (lines->at < lines->end && *lines->at == '\n')
		lines->at++;
	newline = memchr(lines->at, '\n', (size_t)(lines->end - lines->at));
	*line = lines->at;
	lines->at = newline != NULL ? newline : lines->end;
	*length = (size_t)(lines->at - *line);
	lines->left--;
	return (true);
}
