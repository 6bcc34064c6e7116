/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * digits.h - numbers as text where printf would take most of the time.
 *
 * Each but the last writes what printf would; all return how much it wrote; nothing ends
 * the text. Where a digit could come out otherwise than printf's, printf is
 * asked.
 */
#ifndef PHAROS_COMMON_DIGITS_H
#define PHAROS_COMMON_DIGITS_H

#include <stddef.h>
#include <stdint.h>

#define DIGITS_MOST 32 /* bytes that any of them writes at most */

size_t digits_whole(char text[static DIGITS_MOST], uint64_t value);
/* "%.9g"; the value is finite. */
size_t digits_nine(char text[static DIGITS_MOST], double value);
/* "%.1f"; beyond 10^15, where that would not fit, "%.9g". */
size_t digits_tenths(char text[static DIGITS_MOST], double value);
/* Any text that reads back the same; the value is finite. Whole nanoseconds are
 * what is quick. */
size_t digits_exact(char text[static DIGITS_MOST], double value);

#endif
