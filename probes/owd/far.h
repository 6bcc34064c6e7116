/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * far.h - the far end: an OWAMP-Control server, and the sessions it was asked for.
 *
 * Listens for control connections (TCP 861 by default), sends and receives test
 * packets of the sessions that its limits allow, keeps what it received to be
 * fetched, by whoever knows the session's name, for a while. Fleet members use
 * the secret of their pair; others are in a file of keys, or have none and come in
 * open mode from a listed prefix.
 */
#ifndef PHAROS_PROBES_OWD_FAR_H
#define PHAROS_PROBES_OWD_FAR_H

#include "probes/probe.h"

struct far_settings { /* filled by the table far_table */
	int64_t control_port;
	char test_ports[12]; /* "8760-9960" */
	char modes[33];      /* "open,authenticated,encrypted" */
	char keys[256];      /* path of a file: "NAME SECRET" a line; empty: none */
	char allow[1024];    /* prefixes, by commas: who may come in open mode */
	double packets;      /* per second, of all sessions */
	int64_t sessions, client_sessions, connections;
	int64_t keep;        /* bytes of results for Fetch-Session, of all */
	int64_t keep_for;    /* how long, nanoseconds */
	nanoseconds idle;    /* a control connection that says nothing */
};
extern const struct setting far_table[];

struct far;
struct far *far_new(struct probe_responder *responder, struct error *err);
void far_free(struct far *far); /* NULL is fine */

int far_respond(struct probe_responder *responder, struct error *err);
void far_respond_stop(struct probe_responder *responder);

#endif
