/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/unit.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"

/* base = number * 10^exponent * times / per; largest first, NULL ends */
struct scale {
	const char *suffix;
	const char *shown; /* behind a number for people; NULL: only read */
	int exponent, times, per;
	double below; /* only of values that are smaller; 0: of any */
};

struct quantity {
	const char *name;
	const char *expected;
	bool whole;
	struct scale scales[12];
};

static const struct quantity quantities[] = {
    [UNIT_NONE] = {"", "a number such as 0.5", false, {{"", "", 0, 1, 1}}},
    [UNIT_SECONDS] = {"s", "a duration with its unit such as 100ms, 1.5s or 2m",
	false,
	{
	    {"y", NULL, 0, 365 * 86400, 1},
	    {"d", " d", 0, 86400, 1},
	    {"h", " h", 0, 3600, 1},
	    {"m", " min", 0, 60, 1},
	    {"min", NULL, 0, 60, 1},
	    {"s", " s", 0, 1, 1},
	    {"ms", " ms", -3, 1, 1},
	    {"us", " us", -6, 1, 1},
	    {"ns", " ns", -9, 1, 1},
	}},
    [UNIT_BYTES] = {"B", "a size such as 64, 1500 or 64kB", true,
	{
	    {"TB", " TB", 12, 1, 1},
	    {"GiB", NULL, 0, 1 << 30, 1},
	    {"GB", " GB", 9, 1, 1},
	    {"MiB", NULL, 0, 1 << 20, 1},
	    {"MB", " MB", 6, 1, 1},
	    {"KiB", NULL, 0, 1 << 10, 1},
	    {"kB", " kB", 3, 1, 1},
	    {"", " B", 0, 1, 1},
	    {"B", NULL, 0, 1, 1},
	}},
    [UNIT_RATE] = {"1/s", "a rate with its unit such as 2/s, 120/m or 0.5/h",
	false,
	{
	    {"/s", "/s", 0, 1, 1},
	    {"/m", "/min", 0, 1, 60},
	    {"/min", NULL, 0, 1, 60},
	    {"/h", "/h", 0, 1, 3600},
	    {"/d", "/d", 0, 1, 86400},
	}},
    [UNIT_BITRATE] = {"bit/s", "a bit rate with its unit such as 10Mbit/s",
	false,
	{
	    {"Tbit/s", " Tbit/s", 12, 1, 1},
	    {"Gbit/s", " Gbit/s", 9, 1, 1},
	    {"Mbit/s", " Mbit/s", 6, 1, 1},
	    {"kbit/s", " kbit/s", 3, 1, 1},
	    {"bit/s", " bit/s", 0, 1, 1},
	}},
    [UNIT_RATIO] = {"ratio", "a ratio such as 0.01 or 1%", false,
	{
	    {"", NULL, 0, 1, 1},
	    {"%", " %", -2, 1, 1},
	    {"ppm", " ppm", -6, 1, 1, 1e-4},
	}},
    [UNIT_COUNT] = {"1", "a whole number", true, {{"", "", 0, 1, 1}}},
};

#define UNITS (sizeof(quantities) / sizeof(quantities[0]))

/* A decimal number, taken apart so that scaling by ten loses no digit. */
struct decimal {
	const char *digits;
	int length; /* of sign, digits and point, without the exponent */
	int exponent;
};

static const char *
skip_digits(const char *text)
{
	while (isdigit((unsigned char)*text))
		text++;
	return (text);
}

/* What follows the number; NULL when there is none. */
static const char *
take_decimal(const char *text, struct decimal *number)
{
	const char *whole = text + (*text == '-');
	const char *end = skip_digits(whole);
	const char *power;
	long exponent = 0;

	if (end == whole)
		return (NULL);
	if (end[0] == '.' && isdigit((unsigned char)end[1]))
		end = skip_digits(end + 1);
	number->digits = text;
	number->length = (int)(end - text);
	power = end + 1 + (end[0] == 'e' && (end[1] == '-' || end[1] == '+'));
	if (end[0] == 'e' && isdigit((unsigned char)*power)) {
		exponent = strtol(end + 1, NULL, 10);
		end = skip_digits(power);
	}
	if (labs(exponent) > 999 || number->length > 64)
		return (NULL);
	number->exponent = (int)exponent;
	return (end);
}

static double
scale_up(const struct decimal *number, const struct scale *scale)
{
	char text[80];

	snprintf(text, sizeof(text), "%.*se%d", number->length, number->digits,
	    number->exponent + scale->exponent);
	return (strtod(text, NULL) * scale->times / scale->per);
}

static double
scale_down(double value, const struct scale *scale)
{
	return (value * scale->per / scale->times / pow(10, scale->exponent));
}

static bool
is_base(const struct scale *scale)
{
	return (scale->exponent == 0 && scale->times == 1 && scale->per == 1);
}

static const struct scale *
find_scale(
    const struct quantity *quantity, const char *suffix, bool any_will_do)
{
	const struct scale *scale;

	for (scale = quantity->scales; scale->suffix != NULL; scale++)
		if (strcmp(scale->suffix, suffix) == 0 ||
		    (any_will_do && suffix[0] == '\0' && is_base(scale)))
			return (scale);
	return (NULL);
}

int
unit_parse(enum unit unit, const char *text, double *value, struct error *err)
{
	static const struct scale plain = {"", "", 0, 1, 1};
	const struct quantity *quantity = &quantities[unit];
	const struct scale *scale = NULL;
	struct decimal number;
	const char *suffix = take_decimal(text, &number);
	double result;

	if (suffix != NULL) {
		/* "100 ms" as well, but no blank at the end */
		while (suffix[0] == ' ' && suffix[1] != '\0')
			suffix++;
		/* zero is the same in any unit */
		scale = find_scale(
		    quantity, suffix, scale_up(&number, &plain) == 0);
	}
	if (scale == NULL)
		return (error_set(
		    err, "\"%.80s\": expected %s", text, quantity->expected));
	result = scale_up(&number, scale);
	if (!isfinite(result) || (quantity->whole && result != trunc(result)))
		return (error_set(
		    err, "\"%.80s\": expected %s", text, quantity->expected));
	*value = result == 0 ? 0 : result; /* no negative zero */
	return (0);
}

static double
round_to_three(double value)
{
	char text[UNIT_TEXT];

	snprintf(text, sizeof(text), "%.2e", value);
	return (strtod(text, NULL));
}

static void
print_three(double value, char text[static UNIT_TEXT])
{
	double size = fabs(value);
	int decimals;
	size_t used;

	if (value == 0 || !(size >= 1e-6 && size < 1e15)) {
		snprintf(text, UNIT_TEXT, "%.3g", value);
		return;
	}
	decimals = 2 - (int)floor(log10(size));
	used = (size_t)snprintf(
	    text, UNIT_TEXT, "%.*f", decimals > 0 ? decimals : 0, value);
	if (decimals <= 0)
		return;
	while (text[used - 1] == '0')
		used--;
	if (text[used - 1] == '.')
		used--;
	text[used] = '\0';
}

static bool
is_meant(const struct scale *scale, double value)
{
	return (scale->below == 0 || fabs(value) < scale->below);
}

/* The largest scale in which the value is at least one, else the smallest. */
static const struct scale *
scale_for_people(const struct quantity *quantity, double value)
{
	const struct scale *found = NULL, *scale;

	for (scale = quantity->scales; scale->suffix != NULL; scale++) {
		if (scale->shown == NULL || !is_meant(scale, value))
			continue;
		if (value == 0
			? is_base(scale)
			: fabs(round_to_three(scale_down(value, scale))) >= 1)
			return (scale);
		if (value != 0 || found == NULL)
			found = scale;
	}
	return (found);
}

char *
unit_format(enum unit unit, double value, char text[static UNIT_TEXT])
{
	const struct scale *scale = scale_for_people(&quantities[unit], value);
	char digits[UNIT_TEXT];
	double shown = scale_down(value, scale);

	if (scale->shown[0] == '\0' && value == trunc(value) &&
	    fabs(value) < 1e15)
		snprintf(digits, sizeof(digits), "%.0f", value);
	else
		print_three(round_to_three(shown), digits);
	snprintf(text, UNIT_TEXT, "%.20s%s", digits, scale->shown);
	return (text);
}

static bool
write_whole(enum unit unit, double value, const struct scale *scale,
    char text[static UNIT_TEXT])
{
	double number = round(scale_down(value, scale)), back;

	if (number == 0 || fabs(number) >= 1e15)
		return (false);
	snprintf(text, UNIT_TEXT, "%.0f%s", number, scale->suffix);
	return (unit_parse(unit, text, &back, NULL) == 0 && back == value);
}

char *
unit_write(enum unit unit, double value, char text[static UNIT_TEXT])
{
	const struct scale *scale, *base = NULL;
	int digits = 15;

	assert(isfinite(value));
	for (scale = quantities[unit].scales; scale->suffix != NULL; scale++) {
		if (is_meant(scale, value) &&
		    write_whole(unit, value, scale, text))
			return (text);
		if (base == NULL && is_base(scale))
			base = scale;
	}
	value = value == 0 ? 0 : value;
	do
		snprintf(
		    text, UNIT_TEXT, "%.*g%s", digits, value, base->suffix);
	while (strtod(text, NULL) != value && ++digits <= 17);
	return (text);
}

const char *
unit_name(enum unit unit)
{
	return (quantities[unit].name);
}

int
unit_find(const char *name, enum unit *unit)
{
	for (size_t i = 0; i < UNITS; i++)
		if (strcmp(quantities[i].name, name) == 0) {
			*unit = (enum unit)i;
			return (0);
		}
	return (-1);
}
