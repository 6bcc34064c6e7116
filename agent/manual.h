/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * manual.h - the manual page of a probe, read off its manifest.
 *
 * mdoc(7), section 7, titled pharos-probe-NAME: synopsis, options with what
 * they accept and their defaults, metrics with kind and unit, the edges of
 * grades, examples. Any text of a manifest is safe: none of it is taken for a
 * request or a macro.
 */
#ifndef PHAROS_AGENT_MANUAL_H
#define PHAROS_AGENT_MANUAL_H

#include <stdio.h>

struct manifest;

void manual_write(const struct manifest *manifest, FILE *out);

#endif
