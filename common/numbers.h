/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * numbers.h - numbers of packets, as the runs that they make.
 *
 * As JSON it is one list: the first number, how many there are in a row from there
 * on, how many are not there behind them, how many are there again, and so on to the
 * end. [100,40,1,59] is 100 to 139 and 141 to 199. With more than NUMBERS_RUNS runs
 * it is not known which they are; that is null.
 */
#ifndef PHAROS_COMMON_NUMBERS_H
#define PHAROS_COMMON_NUMBERS_H

#include <stdbool.h>
#include <stdint.h>

struct draft;
struct tree_node;

#define NUMBERS_RUNS 512

struct numbers_run { /* never empty, apart from each other, rising */
	uint32_t first;
	uint64_t next; /* the first behind it */
};

struct numbers { /* of zeros: none */
	struct numbers_run *runs;
	uint32_t count, room;
	bool unknown; /* then there are no runs */
};

void numbers_clear(struct numbers *numbers); /* frees what it holds */
void numbers_copy(struct numbers *to, const struct numbers *from);
void numbers_add(struct numbers *numbers, uint32_t number); /* rising */
void numbers_write(const struct numbers *numbers, struct draft *draft);
/* Into zeros; what is no such list is unknown. NULL: likewise. */
void numbers_read(struct numbers *numbers, const struct tree_node *array);

#endif
