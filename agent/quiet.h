/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * quiet.h - the hours of the day when nothing is to run, by a zone's own clock.
 *
 * The zone asked about last becomes that of the process: nothing else in it
 * asks for local time.
 */
#ifndef PHAROS_AGENT_QUIET_H
#define PHAROS_AGENT_QUIET_H

#include <stdbool.h>

#include "common/clock.h"

struct error;

#define QUIET_DAY (24 * 60)
#define QUIET_ZONE 64
#define QUIET_TEXT 96

struct quiet {
	bool given;
	int from, to; /* minutes of the day; from > to: over midnight */
	char zone[QUIET_ZONE]; /* IANA name */
};

/* "22:00" to minutes of the day. */
int quiet_minutes(const char *text, int *minutes, struct error *err);
/* Is it UTC or known to this host? */
int quiet_zone(const char *zone, struct error *err);
/* *change: when the answer will be another; INT64_MAX: never. */
bool quiet_at(const struct quiet *quiet, nanoseconds wall, nanoseconds *change);
/* "22:00 to 06:00 Europe/Berlin", or "none" */
char *quiet_write(const struct quiet *quiet, char text[static QUIET_TEXT]);

#endif
