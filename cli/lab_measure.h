/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lab_measure.h - an experiment's packets, sent and heard.
 */
#ifndef PHAROS_CLI_LAB_MEASURE_H
#define PHAROS_CLI_LAB_MEASURE_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct experiment_sample;
struct topology;

/* Runs the experiment's probe in the lab and, from its first answer on, the
 * events of the file if they are wanted. The samples, as many as the experiment
 * has packets, to free; NULL: err. */
struct experiment_sample *lab_measure(const char *lab,
    const struct topology *topology, bool events, size_t *count,
    struct error *err);

#endif
