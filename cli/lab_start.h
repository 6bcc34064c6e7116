/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lab_start.h - a lab started and waited for, for `up` and `run`.
 */
#ifndef PHAROS_CLI_LAB_START_H
#define PHAROS_CLI_LAB_START_H

#include <stdbool.h>

struct error;
struct topology;

#define LAB_INTERRUPTED 130 /* exit status */

struct lab_start {
	const char *file; /* a topology's, or the name of one that is shipped */
	const char *name; /* of the lab */
	const char *backend; /* instead of the file's; NULL: none */
	int port;       /* of the collector's pages, on 127.0.0.1; 0: any */
	bool collector; /* has it one? */
	char *text;     /* what the file says */
	bool events;    /* do those of the file begin by themselves? */
	bool quiet;     /* nothing is printed */
};

/* The topology as file and backend say; fills in text, the caller's to free,
 * collector, and a name that is not given. NULL: a mistake of the user's. */
struct topology *lab_start_read(struct lab_start *start, struct error *err);
/* 0 once it has converged and its agents have enrolled; else the exit status, and
 * nothing of it is left: also after SIGINT and SIGTERM. */
int lab_start(const struct lab_start *start, struct error *err);
/* SIGINT and SIGTERM end nothing any more, lab_interrupted tells. */
void lab_catch_signals(void);
/* Has SIGINT or SIGTERM come since? */
bool lab_interrupted(void);

#endif
