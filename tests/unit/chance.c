/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/chance.h"

#include <math.h>

/* splitmix64 (Steele, Lea, Flood 2014) */
static uint64_t
next(struct chance *chance)
{
	uint64_t z = chance->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (z ^ (z >> 31));
}

double
chance_uniform(struct chance *chance)
{
	return (((double)(next(chance) >> 11) + 0.5) * 0x1p-53);
}

double
chance_between(struct chance *chance, double least, double most)
{
	return (least + (most - least) * chance_uniform(chance));
}

double
chance_exponential(struct chance *chance, double mean)
{
	return (-mean * log(chance_uniform(chance)));
}

double
chance_gamma(struct chance *chance, unsigned shape, double deviation)
{
	double sum = 0;

	for (unsigned i = 0; i < shape; i++)
		sum += chance_exponential(chance, deviation / sqrt(shape));
	return (sum);
}
