/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trial_parts.h - the parts of a trial: its networks and who sends.
 */
#ifndef PHAROS_LAB_TRIAL_PARTS_H
#define PHAROS_LAB_TRIAL_PARTS_H

#include <sys/types.h>

#include "lab/trial.h"

#define TRIAL_LINKS 64
#define TRIAL_PRIORITY 50 /* of the emulator; the sender is below it */
#define TRIAL_KIND 0x88b5 /* an EtherType for experiments */

/* The head of a frame of ours. */
struct trial_frame {
	uint8_t destination[6], source[6];
	uint16_t kind;
	uint16_t zero;
	uint32_t link, number;
};

/* Two networks and the links between them; the emulator, if it is used. */
struct trial_stage {
	int nets[2];
	int hub;                  /* where netem is; -1: not needed */
	int taps[TRIAL_LINKS][2]; /* -1: a veth has none */
	int indexes[TRIAL_LINKS]; /* of the interfaces that send */
	size_t links;
	int control;    /* the emulator's socket; -1: there is none */
	pid_t emulator; /* 0: none */
};

int trial_build(
    struct trial_stage *stage, const struct trial *trial, struct error *err);
/* Ends the emulator, too; seconds of processor time it used, if there is one. */
double trial_clear(struct trial_stage *stage);
/* What the emulator answered behind "ok "; -1 with err. */
int trial_ask(struct trial_stage *stage, char *answer, size_t room,
    struct error *err, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* Another process, that sends everything and exits with 0. -1 with err. */
pid_t trial_send(const struct trial_stage *stage, const struct trial *trial,
    struct error *err);

#endif
