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

#include "common/clock.h"

struct draft {
	char *text; /* ends with NUL, once something was added */
	size_t length, room;
};

void draft_clear(struct draft *draft); /* frees what it holds */
void draft_add(struct draft *draft, const char *text);
void draft_whole(struct draft *draft, int64_t value);
/* Reads back the same; the value is finite. */
void draft_number(struct draft *draft, double value);
/* The same, in as few digits as there are that read back the same. */
void draft_measure(struct draft *draft, double value);
void draft_duration(struct draft *draft, nanoseconds ns); /* seconds */
/* "NAME": behind a comma where it is not the first. */
void draft_member(struct draft *draft, const char *name);
/* In quotes, with what JSON wants escaped; bytes that are no UTF-8 become "?". */
void draft_quoted(struct draft *draft, const char *text);

#endif
