/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * experiment_report.h - what an experiment found: a table, rows, a picture.
 *
 * All take what experiment_judge has filled.
 */
#ifndef PHAROS_LAB_EXPERIMENT_REPORT_H
#define PHAROS_LAB_EXPERIMENT_REPORT_H

#include <stddef.h>
#include <stdio.h>

#include "common/table.h"

struct experiment_found;
struct experiment_sample;
struct topology_experiment;

/* A row for each phase: when it began, how long it was, its round trip, losses,
 * and what is wrong with it. */
void experiment_write_phases(const struct topology_experiment *experiment,
    const struct experiment_found *found, enum table_format format, FILE *out);
/* A row for each packet, as CSV: seconds, phase, round trip, empty if lost. */
void experiment_write_packets(const struct topology_experiment *experiment,
    const struct experiment_found *found,
    const struct experiment_sample *samples, FILE *out);
/* Round trips over time as SVG, phases shaded, lost packets at the bottom. */
void experiment_write_plot(const struct topology_experiment *experiment,
    const struct experiment_found *found,
    const struct experiment_sample *samples, const char *title, FILE *out);

#endif
