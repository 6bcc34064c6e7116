/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trial.h - how true emulated links are, here and now.
 *
 * Makes links between two networks of its own, sends frames over them at a
 * steady pace and takes the kernel's stamps of each at both ends. The same over
 * veth pairs is what the machine and the stamps themselves add.
 */
#ifndef PHAROS_LAB_TRIAL_H
#define PHAROS_LAB_TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lab/way.h"

struct error;

enum trial_kind {
	TRIAL_EMULATOR,
	TRIAL_NETEM, /* veth pairs with a way on them, as netem.h makes it */
	TRIAL_PLAIN  /* veth pairs as they are, whatever the way */
};

struct trial {
	enum trial_kind kind;
	size_t links;  /* all alike, loaded in one direction */
	double pace;   /* frames/s on each */
	double lasts;  /* seconds */
	size_t length; /* of a frame, 64 to 1514 bytes */
	struct way way;
	bool busy;  /* while as many processes as cores do nothing but run */
	long early; /* pharos-emulator --early, nanoseconds */
};

struct trial_result {
	uint64_t sent, arrived; /* different frames, copies not counted */
	uint64_t unseen;        /* not recorded: what is counted is too low */
	uint64_t dropped;       /* by chance or a queue, as was asked for */
	/* of the delay that was had and the way's, nanoseconds; without a rate
	 * and jitter it is the error */
	nanoseconds least, p50, p99, most;
	double rate;   /* bit/s of what arrived, of the first link */
	double share;  /* of a core that the emulator used */
	bool realtime; /* was that priority to be had? */
};

/* Needs CAP_NET_ADMIN and CAP_SYS_ADMIN; blocks. 0, or -1 with err. */
int trial_run(
    const struct trial *trial, struct trial_result *result, struct error *err);

#endif
