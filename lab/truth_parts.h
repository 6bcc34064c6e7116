/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * truth_parts.h - what truth.h is made of.
 */
#ifndef PHAROS_LAB_TRUTH_PARTS_H
#define PHAROS_LAB_TRUTH_PARTS_H

#include "lab/emulator/verdict.h"
#include "lab/truth.h"

/* A frame that left; entered frames are packets already. */
struct truth_exit {
	nanoseconds stamp;
	uint64_t hash;
	uint16_t length;
	uint8_t way;
};

struct truth {
	uint8_t *bytes; /* of the file: heads are in there */
	struct truth_packet *packets;
	uint64_t *keys; /* [packet]: hash it has when it leaves; 0: does not */
	uint8_t *bits;  /* [packet]: of its verdict; TRUTH_UNJUDGED */
	struct truth_exit *exits;
	struct verdict *verdicts;
	size_t count, room, exit_count, exit_room, verdict_count;
	uint64_t drops[2];
};

#define TRUTH_UNJUDGED 0xff

int truth_load(struct truth *truth, const char *path, struct error *err);
int truth_load_verdicts(
    struct truth *truth, const char *path, struct error *err);
void truth_add(struct truth *truth, const struct truth_packet *packet);
void truth_join(struct truth *truth);

#endif
