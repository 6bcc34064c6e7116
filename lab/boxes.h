/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * boxes.h - the collector and the agents of a lab: real daemons, enrolled as
 * real sites are.
 *
 * A collector's files are in RUN/NAME/NODE/, an agent's as well; what each says
 * is in log-NODE. An agent enrols with a one-time token as soon as the collector
 * can be reached.
 */
#ifndef PHAROS_LAB_BOXES_H
#define PHAROS_LAB_BOXES_H

#include <stdbool.h>

struct boxes;
struct error;
struct keeper;
struct nodes;
struct topology;

struct boxes_about {
	const char *folder;
	const struct topology *topology;
	const struct nodes *nodes;
	struct keeper *keeper;
	int people; /* a listening socket for the pages; -1: none */
};

/* Makes the collector's fleet and starts all. Borrows what about points to. */
struct boxes *boxes_new(const struct boxes_about *about, struct error *err);
void boxes_free(struct boxes *boxes); /* NULL is fine */
/* Have all agents enrolled? */
bool boxes_ready(const struct boxes *boxes);
/* The URL of the collector's pages; NULL: none. boxes may be NULL. */
const char *boxes_page(const struct boxes *boxes);

#endif
