/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/emulator/serial.h"

#include <stdlib.h>

bool
serial_reserve(struct serial *serial, size_t queue)
{
	nanoseconds *ends;

	if (queue <= serial->room)
		return (true);
	if ((ends = calloc(queue, sizeof(*ends))) == NULL)
		return (false);
	for (size_t i = 0; i < serial->count; i++)
		ends[i] = serial->ends[(serial->first + i) % serial->room];
	free(serial->ends);
	serial->ends = ends;
	serial->first = 0;
	serial->room = queue;
	return (true);
}

void
serial_clear(struct serial *serial)
{
	serial->busy = 0;
	serial->part = 0;
	serial->first = serial->count = 0;
}

void
serial_free(struct serial *serial)
{
	free(serial->ends);
	*serial = (struct serial){0};
}

static void
forget_sent(struct serial *serial, nanoseconds now)
{
	while (serial->count > 0 && serial->ends[serial->first] <= now) {
		serial->first = (serial->first + 1) % serial->room;
		serial->count--;
	}
}

static void
occupy(struct serial *serial, double took)
{
	nanoseconds whole = (nanoseconds)took;

	serial->part += took - (double)whole;
	if (serial->part >= 1) {
		serial->part -= 1;
		whole++;
	}
	serial->busy += whole;
}

nanoseconds
serial_send(struct serial *serial, const struct way *way, size_t length,
    nanoseconds now)
{
	forget_sent(serial, now);
	if (way->rate <= 0)
		return (serial->busy > now ? serial->busy : now);
	if (serial->count >= (size_t)way->queue)
		return (-1);
	if (serial->busy < now) {
		serial->busy = now;
		serial->part = 0;
	}
	occupy(
	    serial, (double)length * 8 * 1e9 / (way->rate < 1 ? 1 : way->rate));
	serial->ends[(serial->first + serial->count++) % serial->room] =
	    serial->busy;
	return (serial->busy);
}
