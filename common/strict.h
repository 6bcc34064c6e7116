/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * strict.h - what json-c takes for JSON even when told to be strict.
 *
 * Numbers such as 01, 1. and -.5, whole numbers beyond 64 bits (it would take
 * the nearest that fits), control characters in texts, single quotes, UTF-8
 * that is too long, half a surrogate pair, also escaped. What it refuses itself
 * is not looked for.
 */
#ifndef PHAROS_COMMON_STRICT_H
#define PHAROS_COMMON_STRICT_H

#include <stddef.h>

struct error;

/* Of that UTF-8, surrogate pairs, and control characters that are nowhere good. */
int strict_texts(const char *text, size_t length, struct error *err);
int strict_check(const char *text, size_t length, struct error *err);

#endif
