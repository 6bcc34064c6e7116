/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * summary.h - a distribution in a few numbers that can be merged.
 *
 * Made from samples it is exact; merged ones take their quantiles from the
 * merged histogram, kept inside [min, max], and say so. Quantiles are over
 * arrivals by RFC 2330 section 11.3: the smallest x with F(x) >= q, never
 * interpolated. One that n is too small to hold is absent: q needs
 * n >= 1 / min(q, 1 - q), but p50 is there for a single sample too. median is
 * the mean of the two central values of an even n, and p50 of an odd one.
 *
 * JSON (seconds): {"n":..,"min":..,"p5":..,"p25":..,"p50":..,"median":..,
 *  "p75":..,"p95":..,"p99":..,"max":..,"mean":..,"sd":..,"base":..,
 *  "bins":[[b,c],..]}; sd (n - 1 in the denominator) is absent for n < 2;
 * "merged":true when it is. A struct summary of zeros is an empty one.
 */
#ifndef PHAROS_COMMON_SUMMARY_H
#define PHAROS_COMMON_SUMMARY_H

#include <stdbool.h>

#include "common/histogram.h"

struct draft;
struct error;
struct json_object;
struct tree_node;

enum summary_quantile {
	SUMMARY_P5,
	SUMMARY_P25,
	SUMMARY_P50,
	SUMMARY_P75,
	SUMMARY_P95,
	SUMMARY_P99,
	SUMMARY_QUANTILES
};

struct summary {
	uint64_t n;
	double min, max, mean, median;      /* seconds; void when n is 0 */
	double sd;                          /* seconds; NAN when n < 2 */
	double quantile[SUMMARY_QUANTILES]; /* seconds; NAN when not held */
	bool merged;                        /* quantiles are a bucket's */
	struct histogram histogram;
};

extern const double summary_levels[SUMMARY_QUANTILES];
extern const char *const summary_names[SUMMARY_QUANTILES]; /* "p5", ... */

/* The largest sd that values in [0, 1] can have: that of two. */
#define SUMMARY_SD_MOST 0.70711

/* Is n large enough to hold the quantile? */
bool summary_holds(uint64_t n, double q);
/* Sorts the samples (nanoseconds). n may be 0. */
void summary_fill(struct summary *s, int64_t *samples, size_t n);
void summary_clear(struct summary *s);
void summary_merge(struct summary *into, const struct summary *from);
struct json_object *summary_json(const struct summary *s); /* n > 0 */
/* The same as text, with this way to write a number: draft_measure's is as
 * summary_json has it. */
typedef void (*summary_number)(struct draft *draft, double value);
void summary_write(
    const struct summary *s, struct draft *draft, summary_number number);
/* Refuses what cannot be: n < 1, min > max, quantiles out of order, counts
 * that do not add up to n. Replaces what s holds; leaves it empty on error. */
int summary_parse(
    struct summary *s, struct json_object *json, struct error *err);
int summary_read(
    struct summary *s, const struct tree_node *json, struct error *err);
/* One figure by name: n min max mean sd median or a quantile's name. False
 * when absent or no such name. */
bool summary_get(const struct summary *s, const char *name, double *value);

/* Anderson-Darling test of gaps against the exponential with this mean, the
 * mean known beforehand (RFC 2330 appendix). Returns the significance level;
 * under 0.05 is a misfit; -1 when n < 5 or a gap is outside (0, infinity).
 * With fewer than 20 gaps even strictly periodic ones may pass; 128 are good.
 */
double summary_exponential(const double *gaps, size_t n, double mean);
/* The statistic A2 itself; false where there is no answer. Of honest gaps 5 %
 * exceed 2.492. */
bool summary_misfit(const double *gaps, size_t n, double mean, double *a2);

#endif
