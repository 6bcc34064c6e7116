/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * clock_metrics.h - this host's clock as a probe: what it is, and what is found.
 *
 * Its runs are pharosd's own (agent/own_clock.h): nothing is sent, there is no
 * plug-in and no worker, but a manifest like any other's.
 */
#ifndef PHAROS_AGENT_CLOCK_METRICS_H
#define PHAROS_AGENT_CLOCK_METRICS_H

#include <stdbool.h>

struct manifest;

extern const struct manifest clock_manifest;

/* Is this the name of a probe without a plug-in? */
bool clock_is_probe(const char *name);

#endif
