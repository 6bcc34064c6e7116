/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * baseline.h - what a delay usually is at this hour of the day.
 *
 * B is the median of the same hour (UTC) on each of the seven days before,
 * merged from their histograms (rollup.h). A median now is judged by
 * r = (p50 - B) / max(B, 1 ms), in seven steps from much faster to more than
 * twice as slow: faster is shown too, for it usually means another path. A
 * difference under 0.5 ms that is also under two standard deviations of what B
 * rests on is as usual, and so is one that the stamps of the two hosts may make.
 *
 * A baseline is made once an hour, when somebody looks, a little at a time.
 */
#ifndef PHAROS_COLLECTOR_BASELINE_H
#define PHAROS_COLLECTOR_BASELINE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/clock.h"

struct baseline;
struct baselines;
struct fleet_test;
struct json_object;
struct metric;
struct web;

#define BASELINE_STEPS 7
#define BASELINE_DAYS 7

/* Only of delays: distributions in seconds. */
bool baseline_fits(const struct metric *metric);
/* r; NAN: the value or B is not known. */
double baseline_change(double value, double b);
/* 0 (much faster) .. 2 (as usual) .. 6 (more than twice); sigma: NAN where what B
 * rests on has none; host: seconds that both hosts' stamps are off by, together. */
int baseline_step(double value, double b, double sigma, double host);
/* The member "baseline" of GET /api/v1/scales; new reference. */
struct json_object *baseline_scales(void);

struct baselines *baselines_new(struct web *web);   /* borrowed */
void baselines_free(struct baselines *baselines);   /* NULL is fine */
void baselines_forget(struct baselines *baselines); /* the fleet goes */
/* That of a test's metric for the hour that now is in, as far as it is made;
 * until it is, the one of before. Valid until the loop. */
const struct baseline *baselines_get(struct baselines *baselines,
    const struct fleet_test *test, const struct metric *metric);
nanoseconds baseline_hour(const struct baseline *baseline);
bool baseline_is_whole(const struct baseline *baseline);
double baseline_of(const struct baseline *baseline, size_t cell); /* NAN */
double baseline_sigma(const struct baseline *baseline, size_t cell);

#endif
