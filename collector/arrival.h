/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arrival.h - what is wanted of a record by those who merge records.
 */
#ifndef PHAROS_COLLECTOR_ARRIVAL_H
#define PHAROS_COLLECTOR_ARRIVAL_H

#include <stdbool.h>
#include <stdint.h>

#include "common/clock.h"
#include "common/record.h"

struct bundle;
struct error;
struct manifest;
struct tree_node;

struct arrival {
	const char *id, *test, *src, *dst, *agent; /* the tree's */
	int64_t plan;
	int family; /* 0: not said */
	nanoseconds start, end;
	enum outcome outcome;
	const struct tree_node *metrics; /* or NULL */
};

int arrival_read(
    struct arrival *arrival, const struct tree_node *json, struct error *err);
/* An end that a box's clock, which runs ahead, has put after this: it would be the
 * newest until then. */
void arrival_bound_end(struct arrival *arrival, nanoseconds latest);
/* Does it say something about the path? */
bool arrival_is_finding(enum outcome outcome);
/* The record alone in a new bundle, its metrics only when they are a finding. */
struct bundle *arrival_bundle(
    const struct arrival *arrival, const struct manifest *manifest);

#endif
