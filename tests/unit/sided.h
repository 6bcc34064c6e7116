/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sided.h - a bundle that the records of two sides are merged into.
 *
 * Each function that adds says whether the sides have met by that.
 */
#ifndef PHAROS_TESTS_UNIT_SIDED_H
#define PHAROS_TESTS_UNIT_SIDED_H

#include <stdbool.h>

#include "common/bundle.h"

extern const struct manifest sided_manifest;

/* Records as they come: of who received, and of who sent. */
extern const char sided_received[], sided_sent[];
bool sided_add_received(struct bundle *into, const char *text);
bool sided_add_sent(struct bundle *into, const char *text);

/* -1: there is none. */
double sided_sum(const struct bundle *bundle, const char *metric);
/* The sums of "sent", "lost" and "lost_locally"; the rest was received. */
void sided_expect(
    const struct bundle *bundle, double all, double lost, double locally);
/* The bundle as a bin is stored and read again, by way of json-c or without. */
struct bundle *sided_stored(struct bundle *bundle, bool quickly);

#endif
