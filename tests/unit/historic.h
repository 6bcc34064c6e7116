/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * historic.h - histories of bins of a minute, filled by us and looked into by
 * the rrdtool command: other eyes than ours.
 *
 * Times are in seconds, as RRD has them. Whatever fails fails the test.
 */
#ifndef PHAROS_TESTS_UNIT_HISTORIC_H
#define PHAROS_TESTS_UNIT_HISTORIC_H

#include "collector/history.h"

#define DAY INT64_C(86400)
#define MIDNIGHT (20778 * DAY) /* 2026-11-21 */
#define MINUTE (60 * NS_PER_S)

struct history_update *historic_update(const char *path);
/* A bin with one run: see sample_metrics. */
void historic_add(struct history_update *update, long start, int sent,
    int received, nanoseconds unit);
/* Of the bins first..last-1 since a day before MIDNIGHT each seventh; sent in
 * bin n is n % 100 + 1, the one packet that came back took n % 13 + 1 ms. */
void historic_add_many(struct history_update *update, long first, long last);
void historic_append(struct history_update *update);

/* One data source in the row that ends at `end`. */
double historic_fetch(
    const char *path, const char *cf, long row, long end, const char *name);
/* NAN: it is unknown. */
void historic_expect(const char *path, const char *cf, long row, long end,
    const char *name, double expected);
void historic_close(double found, double expected);

#endif
