/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lab_start.h - a lab started and waited for, for `up` and `run`.
 */
#ifndef PHAROS_CLI_LAB_START_H
#define PHAROS_CLI_LAB_START_H

#include <stdbool.h>

struct error;

#define LAB_INTERRUPTED 130 /* exit status */

struct lab_start {
	const char *file; /* a topology's, or the name of one that is shipped */
	const char *name; /* of the lab */
	int port;         /* of the collector's pages, on 127.0.0.1; 0: any */
	bool collector;   /* has it one? */
	bool events;      /* do those of the file begin by themselves? */
	bool quiet;       /* nothing is printed */
};

/* 0 once it has converged and its agents have enrolled; else the exit status, and
 * nothing of it is left: also after SIGINT and SIGTERM. */
int lab_start(const struct lab_start *start, struct error *err);
/* SIGINT and SIGTERM end nothing any more, lab_interrupted tells. */
void lab_catch_signals(void);
/* Has SIGINT or SIGTERM come since? */
bool lab_interrupted(void);

#endif
