/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * far_end.h - the far end that a worker's plug-in keeps ready, and its questions.
 *
 * Before it serves somebody it asks the parent, who knows the site's limits; the
 * ticket is held until it is given back.
 */
#ifndef PHAROS_AGENT_FAR_END_H
#define PHAROS_AGENT_FAR_END_H

#include "probes/probe.h"

struct error;
struct far_end;
struct json_object;

struct far_end_about {
	const struct probe_ops *ops;
	struct probe_worker *worker;
	/* Says this to the parent; takes the message over. */
	void (*say)(void *arg, const char *kind, struct json_object *message);
	void *arg;
};

struct far_end *far_end_new(const struct far_end_about *about);
void far_end_free(struct far_end *end); /* stops it; NULL is fine */

/* With these settings from here on (base units; NULL: the defaults). One that was
 * ready with the same goes on; one with others is stopped first. -1: there is none
 * now. The process has its capabilities meanwhile. */
int far_end_respond(
    struct far_end *end, struct json_object *settings, struct error *err);
void far_end_stop(struct far_end *end);
bool far_end_ready(const struct far_end *end);
/* The parent's "admitted". */
void far_end_admitted(struct far_end *end, struct json_object *message);

/* For offer.c. */
struct probe_ticket *far_end_admit(struct probe_responder *responder,
    const struct probe_ask *ask, probe_answer answer, void *arg);
void far_end_release(struct probe_ticket *ticket);
void far_end_state(
    struct probe_responder *responder, const struct probe_statement *statement);

#endif
