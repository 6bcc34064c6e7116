/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * calibrate.h - how true the links of a lab are on this machine, kept, so that
 * who measures in a lab can say how far its truth is to be trusted.
 *
 *   {"time": "2026-11-26T12:00:00Z", "kernel": "6.1.0", "cores": 2,
 *    "links": "emulator", "idle": {
 *      "delay": {"p50": 4e-05, "p99": 1e-04, "most": 6e-04, "lost": 0},
 *      "delay_fast": {...}, "machine": {...}, "loss": 0.1003,
 *      "rate": 9999870.1, "share": 0.05, "realtime": true}, "busy": {...}}
 *
 * delay is the error of a delay of 10 ms at 1000 packets/s, delay_fast at
 * 20,000/s, machine that of veth pairs at 1000/s, in seconds; loss what a loss
 * of 0.1 and rate what a rate of 10 Mbit/s came to; share is that of a core for
 * delay_fast. idle is without load of ours, busy with all cores busy.
 */
#ifndef PHAROS_LAB_CALIBRATE_H
#define PHAROS_LAB_CALIBRATE_H

#include <stdio.h>

#include "lab/trial.h"

#define CALIBRATE_LOSS 0.1
#define CALIBRATE_RATE 1e7

struct calibration_state {
	struct trial_result delay, delay_fast, machine, loss, rate;
};

struct calibration {
	nanoseconds time; /* CLOCK_REALTIME */
	enum trial_kind kind;
	struct calibration_state idle, busy;
};

/* What makes the links of this backend, as a topology names it, here and now. */
int calibrate_choose(
    const char *backend, enum trial_kind *kind, struct error *err);
/* Half a minute; a few seconds, and less sure, when it is to be quick. 0, or -1
 * with err. */
int calibrate_run(enum trial_kind kind, bool quick,
    struct calibration *calibration, struct error *err);
void calibrate_print(const struct calibration *calibration, FILE *out);
/* lab/calibration.json where the state of Pharos is kept, for others than root
 * in $XDG_STATE_HOME (~/.local/state); free() it. NULL with err: nowhere. */
char *calibrate_path(struct error *err);
int calibrate_keep(
    const struct calibration *calibration, const char *path, struct error *err);

#endif
