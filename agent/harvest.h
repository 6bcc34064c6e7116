/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * harvest.h - what a run has found so far, by the rows of its metric table.
 *
 * Naming a metric that is not in the table, or one of another kind, is a bug
 * of the plug-in and ends the process.
 */
#ifndef PHAROS_AGENT_HARVEST_H
#define PHAROS_AGENT_HARVEST_H

#include <stdint.h>

#include "common/clock.h"
#include "common/metric.h"

struct harvest;
struct draft;
struct summary;

/* The table is borrowed. */
struct harvest *harvest_new(const struct metric *table);
void harvest_free(struct harvest *harvest); /* NULL is fine */

void harvest_count(struct harvest *harvest, const char *metric, int64_t n);
void harvest_sample(
    struct harvest *harvest, const char *metric, nanoseconds value);
/* A distribution as it is; copied. */
void harvest_merge(
    struct harvest *harvest, const char *metric, const struct summary *summary);
void harvest_value(struct harvest *harvest, const char *metric, double value);
void harvest_text(
    struct harvest *harvest, const char *metric, const char *text);
/* Of each distribution that says how far it may be off, and has samples: that
 * much. NAN: nobody knows. */
void harvest_bound(struct harvest *harvest, double seconds);
/* json that does not parse is a bug of the plug-in, too */
void harvest_detail(
    struct harvest *harvest, const char *metric, const char *json);

/* Writes the "metrics" of a record, ratios formed from their counts; what was not
 * found is absent. Empties the findings. */
void harvest_take(struct harvest *harvest, struct draft *draft);

#endif
