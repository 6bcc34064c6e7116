/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bundle.h - the metrics of one or more records, merged by their manifest.
 *
 * Counts are summed; ratios formed from the sums; values merged as declared;
 * distributions merged as histograms; the last text stands. It also counts the
 * outcomes, for a record without findings is a finding about us.
 */
#ifndef PHAROS_COMMON_BUNDLE_H
#define PHAROS_COMMON_BUNDLE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/record.h"

struct bundle;
struct draft;
struct json_object;
struct manifest;
struct metric;
struct tree_node;

/* The manifest is borrowed. */
struct bundle *bundle_new(const struct manifest *manifest);
void bundle_free(struct bundle *bundle); /* NULL is fine */
/* Add one record's "metrics" object (NULL: none) and its outcome. Members that
 * the manifest does not know or of another type are ignored; so are, when
 * merged or parsed, metrics of a manifest that had another kind for them. */
void bundle_add(
    struct bundle *bundle, enum outcome outcome, struct json_object *metrics);
void bundle_add_tree(struct bundle *bundle, enum outcome outcome,
    const struct tree_node *metrics);
/* True: sides have met in it (sides.h), so that counts are there that neither of
 * the two had. */
bool bundle_merge(struct bundle *into, const struct bundle *from);
uint64_t bundle_outcomes(const struct bundle *bundle, enum outcome outcome);
/* One number by metric and statistic. Statistics of a count: sum; value: mean,
 * min, max, last; ratio: ratio; distribution: what summary_get knows. False
 * when unmeasured: never a made-up 0. */
bool bundle_get(const struct bundle *bundle, const char *metric,
    const char *stat, double *value);
/* The same, of a metric of this manifest: without looking for its name where
 * the bundle is of it, too. */
bool bundle_get_metric(const struct bundle *bundle,
    const struct manifest *manifest, const struct metric *metric,
    const char *stat, double *value);
/* The last text of a metric; NULL: none. Borrowed. */
const char *bundle_text(const struct bundle *bundle, const char *metric);
/* How to store it and have it back; merging what was stored is the same as
 * merging what was not. */
struct json_object *bundle_json(const struct bundle *bundle);
struct bundle *bundle_parse(const struct manifest *manifest,
    struct json_object *json, struct error *err);
/* Adds the same to a text, quickly: numbers read back the same, whatever their
 * text. */
void bundle_write(const struct bundle *bundle, struct draft *draft);
struct bundle *bundle_read(const struct manifest *manifest,
    const struct tree_node *json, struct error *err);

/* The statistics a metric of this kind has, NULL-ended, the usual first; an
 * empty list for kinds that are not numbers. */
const char *const *bundle_stats(
    const struct manifest *manifest, const char *metric);

#endif
