/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * utf8.h - characters in bytes (RFC 3629).
 */
#ifndef PHAROS_COMMON_UTF8_H
#define PHAROS_COMMON_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of the well-formed character at the beginning of a text that is not
 * empty, and its code point; 0 when there is none. */
size_t utf8_next(const char *text, uint32_t *point);
/* Puts "?" for every byte that belongs to no character. */
void utf8_repair(char *text);

#endif
