/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/strict.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/utf8.h"

static int
refuse(size_t at, const char *what, struct error *err)
{
	return (error_set(err, "JSON: %s at byte %zu", what, at));
}

static bool
is_digit(char c)
{
	return (c >= '0' && c <= '9');
}

/* Does a whole number fit? json-c would silently take the nearest that does. */
static bool
fits(const char *digits, size_t length)
{
	char copy[24];

	if (length >= sizeof(copy))
		return (false);
	memcpy(copy, digits, length);
	copy[length] = '\0';
	errno = 0;
	strtoll(copy, NULL, 10);
	return (errno == 0);
}

/* Moves *at behind the number that begins there. */
static int
check_number(const char *text, size_t length, size_t *at, struct error *err)
{
	size_t start = *at, i = start + (text[start] == '-');
	bool whole = true;

	if (i == length || !is_digit(text[i]))
		return (refuse(start, "a number without a digit", err));
	if (i + 1 < length && text[i] == '0' && is_digit(text[i + 1]))
		return (refuse(start, "a number with a leading zero", err));
	for (; i < length && strchr("0123456789+-.eE", text[i]) != NULL &&
	       text[i] != '\0';
	     i++) {
		if (!is_digit(text[i]) && i > start)
			whole = false;
		if (text[i] == '.' &&
		    (i + 1 == length || !is_digit(text[i + 1])))
			return (refuse(i, "a number without decimals", err));
	}
	if (whole && !fits(text + start, i - start))
		return (refuse(start, "a number that is too large", err));
	*at = i;
	return (0);
}

/* The bytes of the character that begins there, 0: it is none. The text need
 * not end with a NUL. */
static size_t
character(const char *text, size_t length)
{
	char copy[5] = "";
	uint32_t point;

	memcpy(copy, text, length < 4 ? length : 4);
	return (utf8_next(copy, &point));
}

/* The number of the four digits at text; -1: there are none. */
static long
four_digits(const char *text, size_t length)
{
	char digits[5] = "", *end;
	long number;

	memcpy(digits, text, length < 4 ? length : 4);
	number = strtol(digits, &end, 16);
	return (end == digits + 4 && isxdigit((unsigned char)*digits) ? number
								      : -1);
}

/* How long an escape is that begins there, 0: it is half a surrogate pair. One
 * that is none at all is not looked for. */
static size_t
escape(const char *text, size_t length)
{
	long first, second = -1;

	if (length < 6 || text[1] != 'u')
		return (2);
	first = four_digits(text + 2, length - 2);
	if (first < 0xd800 || first > 0xdfff)
		return (2);
	if (length >= 12 && text[6] == '\\' && text[7] == 'u')
		second = four_digits(text + 8, length - 8);
	return (
	    first < 0xdc00 && second >= 0xdc00 && second <= 0xdfff ? 12 : 0);
}

/* Moves *at behind what is no plain character of a text. */
static int
check_character(const char *text, size_t length, size_t *at, struct error *err)
{
	bool escaped = text[*at] == '\\';
	size_t bytes = escaped ? escape(text + *at, length - *at)
			       : character(text + *at, length - *at);

	if (bytes == 0)
		return (refuse(*at,
		    escaped ? "half a surrogate pair"
			    : "bytes that are no UTF-8",
		    err));
	*at += bytes;
	return (0);
}

/* None of the next eight needs a closer look. Where one does, that may hold for
 * its neighbours, too. */
static bool
all_plain(const char *at)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t eight, backslash;

	memcpy(&eight, at, sizeof(eight));
	backslash = eight ^ ones * '\\';
	return (((eight | (eight - ones * ' ') | (backslash - ones)) &
		    ones * 0x80) == 0);
}

int
strict_texts(const char *text, size_t length, struct error *err)
{
	size_t i = 0;

	while (i < length)
		if (length - i >= 8 && all_plain(text + i))
			i += 8;
		else if (text[i] >= ' ' && text[i] != '\\')
			i++;
		else if (text[i] >= 0 && strchr("\t\n\r", text[i]) != NULL &&
			 text[i] != '\0')
			i++;
		else if (text[i] >= 0 && text[i] < ' ')
			return (refuse(i, "a control character", err));
		else if (check_character(text, length, &i, err) == -1)
			return (-1);
	return (0);
}

int
strict_check(const char *text, size_t length, struct error *err)
{
	bool quoted = false;
	size_t i = 0;

	while (i < length) {
		unsigned char c = (unsigned char)text[i];

		if (quoted && c < ' ')
			return (refuse(i, "a control character", err));
		if (!quoted && c == '\'')
			return (refuse(i, "a single quote", err));
		if (!quoted && (c == '-' || is_digit(text[i]))) {
			if (check_number(text, length, &i, err) == -1)
				return (-1);
			continue;
		}
		if (quoted && (c >= 0x80 || c == '\\')) {
			if (check_character(text, length, &i, err) == -1)
				return (-1);
			continue;
		}
		if (c == '"')
			quoted = !quoted;
		i++;
	}
	return (0);
}
