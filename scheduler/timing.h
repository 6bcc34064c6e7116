/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * timing.h - when the runs of one test and pair start.
 *
 * A start is a pure function of (fleet key, test, pair, index): neither
 * restarts nor changes of other tests move it, and a run never drifts by its
 * own duration. Start times are wall-clock.
 *
 *   periodic  n * every + phase; the phase, in [0, every), is a hash of key,
 *             test, pair and the UTC day of n * every, so that agents neither
 *             fire together nor alias with cron
 *   uniform   one start, uniformly random, in each period (AMP)
 *   poisson   exponential gaps with this mean (RFC 2330 section 11.1.1): in
 *             windows of 64 means, a Poisson number of uniform instants each
 *   once      at one instant
 *   continuous  a stream that runs all the time and reports; what starts here
 *             are its reporting intervals, one at each multiple of `every`
 *
 * n, periods and windows count from the Unix epoch. No start is before
 * TIMING_FIRST or after TIMING_LAST.
 *
 * JSON, as in the plan: {"kind":"uniform","every":60} (seconds),
 * {"kind":"once","at":1795300000}, {"kind":"continuous","report":60}.
 */
#ifndef PHAROS_SCHEDULER_TIMING_H
#define PHAROS_SCHEDULER_TIMING_H

#include <stdint.h>

#include "common/clock.h"

struct error;
struct json_object;
struct yml;

enum timing_kind {
	TIMING_PERIODIC,
	TIMING_UNIFORM,
	TIMING_POISSON,
	TIMING_ONCE,
	TIMING_CONTINUOUS
};

#define TIMING_SHORTEST (NS_PER_S / 10) /* least "every": 100 ms */
#define TIMING_LONGEST (366 * 86400 * NS_PER_S)
#define TIMING_REPORT_SHORTEST NS_PER_S
#define TIMING_REPORT_LONGEST (86400 * NS_PER_S)
#define TIMING_FIRST (-(INT64_C(1) << 62))   /* in 1823 */
#define TIMING_LAST ((INT64_C(1) << 62) - 1) /* in 2116 */

struct timing {
	enum timing_kind kind;
	nanoseconds every; /* period, mean gap or report; 0 for once */
	nanoseconds at;    /* once */
};

/* What makes the random numbers of one test and pair its own. */
struct timing_seed {
	uint8_t bytes[16];
};

/* {periodic: 30m}, {once: 2026-11-21T10:05Z}, {continuous: {report: 60s}}, as in
 * a fleet file. */
int timing_read(
    struct timing *timing, const struct yml *node, struct error *err);
int timing_parse(
    struct timing *timing, struct json_object *json, struct error *err);
struct json_object *timing_json(const struct timing *timing);

void timing_seed(struct timing_seed *seed, const void *key, size_t length,
    const char *test, const char *src, const char *dst);
/* The first start strictly after this instant; INT64_MAX: none. */
nanoseconds timing_next(const struct timing *timing,
    const struct timing_seed *seed, nanoseconds after);
/* How many starts lie in (after, until]. Quick for any span: of a poisson
 * timing's whole windows, more than 1024 are not drawn but count as 64 each. */
uint64_t timing_count(const struct timing *timing,
    const struct timing_seed *seed, nanoseconds after, nanoseconds until);
/* A silence between two starts that at most 1 gap in 10,000 exceeds: what makes
 * a cell stale. 0 for once. */
nanoseconds timing_silence(const struct timing *timing);
/* The interval rounded up to 10 s, 30 s, 1, 5, 30 min, 1, 6 or 24 h: the step
 * of a test's history. Longer ones and once: 24 h. */
nanoseconds timing_step(const struct timing *timing);

#endif
