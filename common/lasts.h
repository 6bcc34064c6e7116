/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lasts.h - how long a run takes at most, as a formula over its options.
 *
 * A sum of products and quotients of option names and plain numbers, in seconds,
 * such as "count*spacing+timeout" or "count/rate": so that a collector, which does
 * not run the probe, can tell when a record is overdue. Spaces are allowed.
 */
#ifndef PHAROS_COMMON_LASTS_H
#define PHAROS_COMMON_LASTS_H

struct error;
struct json_object;
struct setting;

/* values: options in base units; what is not in it has its default. 0 with
 * *seconds >= 0, or -1: the formula is wrong. */
int lasts_seconds(const char *formula, const struct setting *table,
    struct json_object *values, double *seconds, struct error *err);

#endif
