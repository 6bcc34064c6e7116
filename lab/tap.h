/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tap.h - an Ethernet interface whose cable is a descriptor.
 */
#ifndef PHAROS_LAB_TAP_H
#define PHAROS_LAB_TAP_H

#include <stdint.h>

struct error;

#define TAP_QUEUE 10000 /* frames that wait to be read: its txqueuelen */

struct tap {
	int fd; /* frames, non-blocking; the interface lives while it is open */
	int index; /* of the interface */
};

/* In the network namespace this process is in; down, with that address. */
int tap_open(struct tap *tap, const char *name, const uint8_t address[static 6],
    struct error *err);
/* Throws away what waits to be read. */
void tap_drain(const struct tap *tap);

#endif
