/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * chance.h - numbers by chance that are the same every time, for tests in
 * virtual time and benchmarks.
 */
#ifndef PHAROS_TESTS_UNIT_CHANCE_H
#define PHAROS_TESTS_UNIT_CHANCE_H

#include <stdint.h>

struct chance {
	uint64_t state; /* the seed */
};

double chance_uniform(struct chance *chance); /* (0, 1) */
double chance_between(struct chance *chance, double least, double most);
double chance_exponential(struct chance *chance, double mean);
/* Of this shape and standard deviation, from 0 on. */
double chance_gamma(struct chance *chance, unsigned shape, double deviation);

#endif
