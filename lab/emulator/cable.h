/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cable.h - a link: two TAP interfaces and what lies between them.
 */
#ifndef PHAROS_LAB_EMULATOR_CABLE_H
#define PHAROS_LAB_EMULATOR_CABLE_H

#include "lab/emulator/course.h"
#include "lab/emulator/request.h"

struct verdict_log;

struct cable {
	char name[REQUEST_NAME + 1];
	int taps[2];              /* IFF_TAP | IFF_NO_PI */
	struct course courses[2]; /* [way]: from end way to the other */
	bool failed;
	struct verdict_log *log; /* NULL: nobody wants to know */
	struct pool *pool;       /* borrowed */
};

/* The descriptors are its own from now on. NULL with errno. */
struct cable *cable_new(const char *name, const int taps[static 2],
    uint64_t seed, struct pool *pool);
void cable_free(struct cable *cable);
/* Takes in what this end sent, some at a time. 0: there may be more, or that
 * was all; -1: the interface is gone. */
int cable_read(struct cable *cable, unsigned end);
/* Lets go what is due by then, and says when the next one is, or DUE_NEVER. */
nanoseconds cable_release(struct cable *cable, nanoseconds by);
/* What is under way is lost when it fails. */
void cable_fail(struct cable *cable, bool failed);
int cable_carrier(struct cable *cable, bool on); /* -1: errno */

#endif
