/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hellos.h - when the last OSPF hello left an interface.
 */
#ifndef PHAROS_LAB_HELLOS_H
#define PHAROS_LAB_HELLOS_H

#include "common/clock.h"

struct error;
struct event_base;
struct hellos;

/* From now on, at this interface in a network namespace; NULL with err. */
struct hellos *hellos_new(
    struct event_base *base, int net, const char *interface, struct error *err);
void hellos_free(struct hellos *hellos); /* NULL is fine */
/* CLOCK_MONOTONIC; 0: none yet. NULL has heard none. */
nanoseconds hellos_last(const struct hellos *hellos);

#endif
