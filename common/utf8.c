/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/utf8.h"

static size_t
length_by(unsigned char first)
{
	if (first < 0x80)
		return (1);
	if (first < 0xc0)
		return (0);
	if (first < 0xe0)
		return (2);
	if (first < 0xf0)
		return (3);
	return (first < 0xf8 ? 4 : 0);
}

size_t
utf8_next(const char *text, uint32_t *point)
{
	/* what a character of so many bytes must at least be */
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *byte = (const unsigned char *)text;
	size_t length = length_by(byte[0]);

	if (length == 0)
		return (0);
	*point = length == 1 ? byte[0] : byte[0] & (0x7fU >> length);
	for (size_t i = 1; i < length; i++) {
		if ((byte[i] & 0xc0) != 0x80)
			return (0);
		*point = *point << 6 | (byte[i] & 0x3f);
	}
	if (*point < least[length] || *point > 0x10ffff ||
	    (*point >= 0xd800 && *point <= 0xdfff))
		return (0);
	return (length);
}

void
utf8_repair(char *text)
{
	uint32_t point;

	while (*text != '\0') {
		size_t length = utf8_next(text, &point);

		if (length == 0)
			*text = '?';
		text += length > 0 ? length : 1;
	}
}
