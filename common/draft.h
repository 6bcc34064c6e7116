/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * draft.h - a text that grows, and is used again for the next one.
 *
 * For JSON that is written by the ten thousand; everything else is json-c's. A
 * struct draft of zeros is an empty one.
 */
#ifndef PHAROS_COMMON_DRAFT_H
#define PHAROS_COMMON_DRAFT_H

#include <stddef.h>
#include <stdint.h>

struct draft {
	char *text; /* ends with NUL, once something was added */
	size_t length, room;
};

void draft_clear(struct draft *draft); /* frees what it holds */
void draft_add(struct draft *draft, const char *text);
void draft_whole(struct draft *draft, int64_t value);
/* Reads back the same; the value is finite. */
void draft_number(struct draft *draft, double value);
/* In quotes, with what JSON wants escaped; bytes that are no UTF-8 become "?". */
void draft_quoted(struct draft *draft, const char *text);

#endif
