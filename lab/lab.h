/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lab.h - a lab that is up: what pharos-lab holds, in the order it was made.
 */
#ifndef PHAROS_LAB_LAB_H
#define PHAROS_LAB_LAB_H

#include <stdbool.h>

#include "common/clock.h"
#include "lab/space.h"

struct error;
struct event_base;

struct lab_about {
	const char *name;
	const char *file;    /* the topology */
	const char *backend; /* instead of the file's; NULL: none */
	int tell;    /* where `pharos lab up` listens, see lab_tell; -1 */
	int people;  /* a listening socket for the collector's pages; -1 */
	bool events; /* do those of the file begin by themselves? */
};

struct lab {
	struct lab_about about;
	char *folder;
	struct topology *topology;
	struct space space;
	int lock;
	struct event_base *base;
	struct keeper *keeper;
	struct notices *notices;
	struct group *group; /* NULL: none is needed */
	char *realtime;      /* where the emulator may have priority; NULL */
	struct nodes *nodes;
	struct links *links;
	struct tapes *tapes;
	struct gateway *gateway;
	struct routing *routing;
	struct boxes *boxes;
	struct desk *desk;
	struct reach *reach;
	struct event *look; /* for convergence, then for the boxes */
	struct agenda *agenda;
	nanoseconds began, converged_at; /* 0: not yet */
	bool ready;
};

/* Runs until it is told to end, in a process of its own: see space_begin. The
 * exit status. */
int lab_run(const struct lab_about *about);
/* Ends it, from the loop. */
void lab_end(struct lab *lab);
/* Those of the topology's file, from now on. */
int lab_begin_events(struct lab *lab, struct error *err);
/* A line to `pharos lab up`: "built", "converged", "ready" with seconds, or
 * "waits" or "error" with a reason. */
void lab_tell(struct lab *lab, const char *what, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
