/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store_shape.h - the fleet that the store of a stage has: lon, nyc and par,
 * each a box and a site, and the test "core" between them.
 */
#ifndef PHAROS_TESTS_UNIT_STORE_SHAPE_H
#define PHAROS_TESTS_UNIT_STORE_SHAPE_H

#include "tests/unit/store_stage.h"

/* What its file is to say; what is 0 or NULL is as usual. */
struct shape {
	int revision;               /* 1 */
	const char *axis;           /* JSON: all three boxes */
	int every;                  /* seconds: 10 */
	const char *also;           /* a second test: none */
	const char *lon;            /* what that box is called */
	const char *renames, *keep; /* JSON: none */
};
extern const struct shape shape_usual;
extern const struct shape shape_without_par; /* the next revision */

void shape_write(struct stage *stage, const struct shape *shape);
/* The same, and tells the store. */
void shape_change(struct stage *stage, const struct shape *shape);

#endif
