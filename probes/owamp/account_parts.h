/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * account_parts.h - what the files of account share.
 */
#ifndef PHAROS_PROBES_OWAMP_ACCOUNT_PARTS_H
#define PHAROS_PROBES_OWAMP_ACCOUNT_PARTS_H

#include "probes/owamp/account.h"
#include "probes/owamp/delays.h"

enum account_mark { ACCOUNT_ARRIVED, ACCOUNT_COPIED, ACCOUNT_REORDERED };
#define ACCOUNT_MARKS 3

struct account {
	uint32_t first, most;
	nanoseconds timeout;
	struct reorder *order;
	size_t room;                   /* packets */
	uint8_t *marks[ACCOUNT_MARKS]; /* a bit a packet */
	struct delays delays;
	struct tally_drops drops;
	uint32_t duplicates, outside;
	uint32_t reordered_by[REORDER_DEPTH + 1];
	int hops_least, hops_most, hops_last;
};

/* at: number less the first. */
bool account_marked(
    const struct account *account, enum account_mark mark, size_t at);

#endif
