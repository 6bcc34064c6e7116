/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * finding.h - what is known of one metric, of one record or of many merged.
 *
 * A struct finding of zeros is unmeasured. Ratios are none: they are formed
 * from two counts when they are asked for.
 */
#ifndef PHAROS_COMMON_FINDING_H
#define PHAROS_COMMON_FINDING_H

#include <stdbool.h>
#include <stdint.h>

#include "common/metric.h"

struct json_object;
struct sides;
struct summary;
struct tree_node;

struct finding {
	uint64_t n;                 /* 0: unmeasured; of a VALUE: of how many */
	int64_t count;              /* COUNT */
	double sum, min, max, last; /* VALUE */
	struct summary *distribution; /* DISTRIBUTION, or NULL */
	char *text;                   /* TEXT, or NULL */
	struct sides *sides;          /* SIDES, or NULL; n is how many */
};

/* Frees what it holds; it is void then. */
void finding_free(const struct finding *finding);
void finding_merge(struct finding *into, const struct finding *from);
/* From the metric's member of an object of metrics: a record's, or merged ones
 * as finding_json wrote them. Stays unmeasured when there is nothing of its
 * kind. The finding must be clear. */
void finding_read(struct finding *finding, const struct metric *metric,
    const struct tree_node *metrics, bool merged);
/* Of one that is measured. */
struct json_object *finding_json(
    const struct finding *finding, enum metric_kind kind);
bool finding_get(const struct finding *finding, enum metric_kind kind,
    const char *stat, double *value);

#endif
