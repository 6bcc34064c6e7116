/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * agenda.h - the events of a topology's file, each at its time.
 */
#ifndef PHAROS_LAB_AGENDA_H
#define PHAROS_LAB_AGENDA_H

struct agenda;
struct event_base;
struct keeper;
struct links;
struct nodes;
struct notices;
struct topology;

struct agenda_about {
	struct event_base *base;
	const struct topology *topology;
	const struct nodes *nodes;
	struct keeper *keeper;
	struct links *links;
	struct notices *notices;
};

/* Times begin now. Borrows all that about points to. */
struct agenda *agenda_new(const struct agenda_about *about);
void agenda_free(struct agenda *agenda); /* NULL is fine */

#endif
