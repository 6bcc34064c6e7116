/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/glyph.h"

#include <limits.h>
#include <stdint.h>

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

/* The next code point; a byte that begins none counts as itself. */
static const char *
next(const char *text, uint32_t *point)
{
	unsigned char c = (unsigned char)*text++;
	int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;

	*point = more > 0 ? c & (0x3fU >> more) : c;
	for (; more > 0 && ((unsigned char)*text & 0xc0) == 0x80; more--)
		*point = *point << 6 | ((unsigned char)*text++ & 0x3f);
	return (text);
}

size_t
glyph_fit(const char *text, int *width)
{
	const char *at = text;
	int taken = 0;

	while (*at != '\0') {
		uint32_t point;
		const char *behind = next(at, &point);

		if (taken + width_of(point) > *width)
			break;
		taken += width_of(point);
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
