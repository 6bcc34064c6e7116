/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sample.h - a small probe, and records of it, for tests of the collector.
 */
#ifndef PHAROS_TESTS_UNIT_SAMPLE_H
#define PHAROS_TESTS_UNIT_SAMPLE_H

#include "common/bundle.h"
#include "common/clock.h"
#include "common/manifest.h"

/* Metrics: sent, lost, loss (lost / sent), rtt (distribution), error (text). */
extern const struct manifest sample_manifest;
/* The same with one count more, "late". */
extern const struct manifest sample_newer;

/* "metrics" of one run: `received` packets came back after 1, 2, ... times the
 * unit, the others were lost. New reference. */
struct json_object *sample_metrics(int sent, int received, nanoseconds unit);
/* One record alone in a bundle. */
struct bundle *sample_bundle(
    const struct manifest *manifest, int sent, int received, nanoseconds unit);

#endif
