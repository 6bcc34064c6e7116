/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store_hours.h - hours of some weeks ago, of nyc to lon and to par.
 */
#ifndef PHAROS_TESTS_UNIT_STORE_HOURS_H
#define PHAROS_TESTS_UNIT_STORE_HOURS_H

#include "tests/unit/store_stage.h"

/* So many, with their rows; the store is away. Those that it took in after the
 * first look for what is old are in no history. */
void hours_make(struct stage *stage, int hours);
/* How many rows there are. */
int64_t hours_count(struct stage *stage, const char *dst);

#endif
