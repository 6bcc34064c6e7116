/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/digits.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define FIGURES 9
#define LEAST_POWER (-4) /* printf writes an exponent for what is smaller */
#define UNSURE 1e-6      /* so near to a half, rounding is left to printf */

static const double powers[] = {1e-4, 1e-3, 1e-2, 1e-1, 1e0, 1e1, 1e2, 1e3, 1e4,
    1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12};

static double
power(int exponent)
{
	return (powers[exponent - LEAST_POWER]);
}

static size_t
print(char text[static DIGITS_MOST], const char *format, double value)
{
	return ((size_t)snprintf(text, DIGITS_MOST, format, value));
}

#define TEN(tens)                                                             \
	tens "0", tens "1", tens "2", tens "3", tens "4", tens "5", tens "6", \
	    tens "7", tens "8", tens "9"

/* Half as many divisions. */
static const char pairs[100][3] = {TEN("0"), TEN("1"), TEN("2"), TEN("3"),
    TEN("4"), TEN("5"), TEN("6"), TEN("7"), TEN("8"), TEN("9")};

/* Exactly count digits, with leading zeros. */
static void
put(char *text, uint32_t value, size_t count)
{
	while (count > 1) {
		count -= 2;
		memcpy(&text[count], pairs[value % 100], 2);
		value /= 100;
	}
	if (count == 1)
		text[0] = (char)('0' + value % 10);
}

size_t
digits_whole(char text[static DIGITS_MOST], uint64_t value)
{
	size_t count = 1;

	*text = (char)('0' + value);
	if (value < 10)
		return (1);
	if (value >= 1000000000) { /* a part at a time that 32 bits hold */
		count = digits_whole(text, value / 1000000000);
		put(text + count, (uint32_t)(value % 1000000000), FIGURES);
		return (count + FIGURES);
	}
	for (uint32_t rest = (uint32_t)value; rest >= 10; rest /= 10)
		count++;
	put(text, (uint32_t)value, count);
	return (count);
}

/* Of one that is not negative. False when the nearest whole number is not beyond
 * doubt. */
static bool
nearest(double value, uint64_t *whole)
{
	uint64_t below = (uint64_t)value;
	double rest = value - (double)below;

	if (fabs(rest - 0.5) < UNSURE)
		return (false);
	*whole = below + (rest > 0.5);
	return (true);
}

/* All figures with the point after the first `before` of them (0 or less: that
 * many zeros lead), without the zeros at the end. */
static size_t
place_point(char text[static DIGITS_MOST], uint64_t figures, int before)
{
	char *first = text + (before > 0 ? 1 : 2 - before);
	char *end = first + FIGURES;

	memcpy(text, "0.000000", 8);
	put(first, (uint32_t)figures, FIGURES);
	for (int i = 0; i < before; i++)
		text[i] = text[i + 1];
	if (before > 0)
		text[before] = '.';
	while (end[-1] == '0')
		end--;
	return ((size_t)(end - text) - (end[-1] == '.'));
}

size_t
digits_nine(char text[static DIGITS_MOST], double value)
{
	double size = fabs(value);
	uint64_t figures;
	int exponent = LEAST_POWER;

	if (!(size >= power(LEAST_POWER) && size < 1e8))
		return (print(text, "%.9g", value));
	while (size >= power(exponent + 1))
		exponent++;
	if (!nearest(size * power(FIGURES - 1 - exponent), &figures))
		return (print(text, "%.9g", value));
	if (figures >= 1000000000) { /* rounded up to one figure more */
		figures /= 10;
		exponent++;
	}
	*text = '-';
	return ((size_t)(value < 0) +
		place_point(text + (value < 0), figures, exponent + 1));
}

size_t
digits_tenths(char text[static DIGITS_MOST], double value)
{
	uint64_t tenths;
	size_t length;

	if (!(fabs(value) < 1e15))
		return (print(text, "%.9g", value));
	if (signbit(value) || value >= 1e8 || !nearest(value * 10, &tenths))
		return (print(text, "%.1f", value));
	length = digits_whole(text, tenths / 10);
	text[length++] = '.';
	text[length++] = (char)('0' + tenths % 10);
	return (length);
}

/* As many nanoseconds, where the double is the one next to them; 15 figures are
 * always told apart. */
static bool
of_nanoseconds(double value, uint64_t *ns)
{
	double scaled = value * 1e9;

	if (!(scaled < 1e15))
		return (false);
	*ns = (uint64_t)(scaled + 0.5);
	return ((double)*ns / 1e9 == value);
}

size_t
digits_exact(char text[static DIGITS_MOST], double value)
{
	size_t length, decimals = FIGURES;
	uint64_t ns;

	if (signbit(value) || !of_nanoseconds(value, &ns))
		return (print(text, "%.17g", value));
	length = digits_whole(text, ns / 1000000000);
	text[length] = '.';
	put(text + length + 1, (uint32_t)(ns % 1000000000), FIGURES);
	while (decimals > 0 && text[length + decimals] == '0')
		decimals--;
	return (decimals > 0 ? length + 1 + decimals : length);
}
