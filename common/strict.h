/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * strict.h - what json-c takes for JSON even when told to be strict.
 *
 * Numbers such as 01, 1. and -.5, whole numbers beyond 64 bits (it would take
 * the nearest that fits), control characters in texts, single quotes, UTF-8
 * that is too long or half a surrogate pair. What it
 * refuses itself is not looked for.
 */
#ifndef PHAROS_COMMON_STRICT_H
#define PHAROS_COMMON_STRICT_H

#include <stddef.h>

struct error;

int strict_check(const char *text, size_t length, struct error *err);

#endif
