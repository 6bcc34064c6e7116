/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * phc.h - a network card's clock (PTP hardware clock) beside this host's.
 *
 * /dev/ptpN and PTP_SYS_OFFSET: the host's clock is read before and after the
 * card's, again and again; the closest two bound the offset by half their
 * distance. Who keeps the card's clock right nobody says, so that it is no bound
 * of this clock's error; but stamps that a card makes are off by this. A card's
 * clock may be kept in TAI, which is whole seconds ahead of UTC.
 */
#ifndef PHAROS_COMMON_PHC_H
#define PHAROS_COMMON_PHC_H

#include <stdbool.h>
#include <stddef.h>

#include "common/clock.h"

struct error;

#define PHC_READINGS 8

struct phc_reading { /* ns: host's, card's, host's */
	nanoseconds before, card, after;
};

struct phc_offset {
	nanoseconds offset; /* the card's clock less the host's */
	nanoseconds error;  /* of that, >= 0 */
	int whole;          /* seconds of it that are TAI's, or 0 */
};

/* The best of some; false: there is none, or the host's clock was set meanwhile. */
bool phc_judge(struct phc_offset *offset, const struct phc_reading *readings,
    size_t count);
/* Reads that device; takes microseconds. -1: it cannot be. */
int phc_read(const char *path, struct phc_offset *offset, struct error *err);

#endif
