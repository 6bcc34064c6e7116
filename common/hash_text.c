/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What needs no OpenSSL: pharos-probe is linked without it.
 */
#include <string.h>

#include "common/hash.h"
#include "common/memory.h"

static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				"abcdefghijklmnopqrstuvwxyz0123456789-_";

void
hash_hex(const void *data, size_t length, char *text)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *bytes = data;

	for (size_t i = 0; i < length; i++) {
		*text++ = digits[bytes[i] >> 4];
		*text++ = digits[bytes[i] & 15];
	}
	*text = '\0';
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return (c - '0');
	if (c >= 'a' && c <= 'f')
		return (c - 'a' + 10);
	if (c >= 'A' && c <= 'F')
		return (c - 'A' + 10);
	return (-1);
}

int
hash_unhex(const char *text, void *data, size_t length)
{
	uint8_t *bytes = data;

	if (strlen(text) != 2 * length)
		return (-1);
	for (size_t i = 0; i < length; i++) {
		int high = hex_value(text[2 * i]);
		int low = hex_value(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return (-1);
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return (0);
}

char *
hash_base64url(const void *data, size_t length)
{
	char *text = memory_new(length / 3 * 4 + 5, 1);
	const uint8_t *bytes = data;
	char *out = text;
	uint32_t window = 0;
	unsigned bits = 0;

	for (size_t i = 0; i < length; i++) {
		window = window << 8 | bytes[i];
		for (bits += 8; bits >= 6; bits -= 6)
			*out++ = base64url[window >> (bits - 6) & 63];
	}
	if (bits > 0)
		*out++ = base64url[window << (6 - bits) & 63];
	*out = '\0';
	return (text);
}

int
hash_unbase64url(const char *text, void *data, size_t room)
{
	uint8_t *bytes = data;
	size_t length = 0;
	uint32_t window = 0;
	unsigned bits = 0;

	for (; *text != '\0'; text++) {
		const char *digit = strchr(base64url, *text);

		if (digit == NULL)
			return (-1);
		window = window << 6 | (uint32_t)(digit - base64url);
		bits += 6;
		if (bits < 8)
			continue;
		if (length == room)
			return (-1);
		bits -= 8;
		bytes[length++] = (uint8_t)(window >> bits);
	}
	/* only one text may stand for some bytes: no loose bits at the end */
	if (bits == 6 || (window & ((1u << bits) - 1)) != 0)
		return (-1);
	return ((int)length);
}
