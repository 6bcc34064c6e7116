/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * status.h - pharos status: one face for each kind of daemon.
 */
#ifndef PHAROS_CLI_STATUS_H
#define PHAROS_CLI_STATUS_H

#include <stdio.h>

struct error;
struct json_object;
struct table;

struct status_face {
	/* The path of the daemon's control socket, by its configuration;
	 * free() it. */
	char *(*socket)(const char *config, struct error *err);
	/* Its answer to GET /control/v1/status, for people. now is Unix
	 * seconds; width the terminal's, 0 for none. */
	void (*print)(
	    struct json_object *status, double now, int width, FILE *out);
};

extern const struct status_face status_agent, status_collector;

/* "12 s", "3 h": how long ago; "never" for an absent instant. */
#define STATUS_AGO 48
char *status_ago(
    struct json_object *instant, double now, char text[static STATUS_AGO]);

/* A cell: what a box says of its clock, "chrony, 9 us"; empty where json is NULL. */
void status_clock(struct table *table, struct json_object *clock);

#endif
