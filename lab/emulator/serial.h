/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * serial.h - the line of a way that sends one frame after the other.
 *
 * A frame takes its bits divided by the rate; the line is busy until then, and
 * what comes meanwhile waits. Fractions of nanoseconds are carried over, so that
 * a line that is never idle sends exactly its rate. A frame that finds `queue`
 * others, the one being sent included, is dropped. Rates below 1 bit/s are 1.
 */
#ifndef PHAROS_LAB_EMULATOR_SERIAL_H
#define PHAROS_LAB_EMULATOR_SERIAL_H

#include <stddef.h>

#include "lab/way.h"

/* All zeros is an idle line. */
struct serial {
	nanoseconds busy; /* until this instant */
	double part;      /* of a nanosecond beyond it */
	nanoseconds *ends;
	size_t first, count, room; /* ring of those not yet sent */
};

/* Makes room for so many that wait; what waits stays. False: no memory. */
bool serial_reserve(struct serial *serial, size_t queue);
void serial_clear(struct serial *serial); /* nothing waits, idle */
void serial_free(struct serial *serial);
/* When a frame of that length that comes at now is sent; -1: no place for it.
 * Without a rate it is now. The queue was reserved. */
nanoseconds serial_send(struct serial *serial, const struct way *way,
    size_t length, nanoseconds now);

#endif
