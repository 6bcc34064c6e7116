/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/glyph.h"

#include <limits.h>
#include <stdint.h>

#include "common/utf8.h"

/* Unicode's East Asian Width, W and F, in blocks; and combining marks. */
static const struct {
	uint32_t first, last;
	int width;
} blocks[] = {
    {0x0300, 0x036f, 0},
    {0x1100, 0x115f, 2},
    {0x200b, 0x200f, 0},
    {0x20d0, 0x20ff, 0},
    {0x2e80, 0xa4cf, 2},
    {0xac00, 0xd7a3, 2},
    {0xf900, 0xfaff, 2},
    {0xfe00, 0xfe0f, 0},
    {0xfe30, 0xfe6f, 2},
    {0xff00, 0xff60, 2},
    {0xffe0, 0xffe6, 2},
    {0x1f300, 0x1faff, 2},
    {0x20000, 0x3fffd, 2},
};

static int
width_of(uint32_t point)
{
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
		if (point >= blocks[i].first && point <= blocks[i].last)
			return (blocks[i].width);
	return (1);
}

/* What follows the first character; a byte that is none counts as one. */
static const char *
next(const char *text, int *width)
{
	uint32_t point;
	size_t length = utf8_next(text, &point);

	*width = length > 0 ? width_of(point) : 1;
	return (text + (length > 0 ? length : 1));
}

size_t
glyph_fit(const char *text, int *width)
{
	const char *at = text;
	int taken = 0;

	while (*at != '\0') {
		int more;
		const char *behind = next(at, &more);

		if (taken + more > *width)
			break;
		taken += more;
		at = behind;
	}
	*width = taken;
	return ((size_t)(at - text));
}

int
glyph_width(const char *text)
{
	int width = INT_MAX;

	glyph_fit(text, &width);
	return (width);
}
