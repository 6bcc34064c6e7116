/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * far.h - the far end: an OWAMP-Control server, and the sessions it was asked for.
 *
 * Listens for control connections (TCP 861 by default), sends and receives test
 * packets of the sessions that its limits allow, and keeps what it received to be
 * fetched, by whoever knows the session's name, for a while. Fleet members have
 * the secret of their pair, their box's name being the key's; others are in a file
 * of keys, or have none and come in open mode from a listed prefix.
 */
#ifndef PHAROS_PROBES_OWD_FAR_H
#define PHAROS_PROBES_OWD_FAR_H

#include "probes/probe.h"

struct far_settings {         /* filled by the table far_table */
	int64_t control_port; /* 0: any */
	char test_ports[12];  /* "8760-9960" */
	char modes[41];       /* "open,authenticated,encrypted" */
	char keys[256];       /* path of a file: keyring.h; empty: none */
	char allow[1025]; /* prefixes, by commas: who may come in open mode */
	double packets;   /* per second, of all sessions */
	int64_t sessions, client_sessions;
	int64_t connections;
	int64_t client_connections; /* from one address, in open mode or before
	                               they said who they are */
	int64_t keep;     /* bytes of results for Fetch-Session, of all */
	int64_t keep_for; /* how long, nanoseconds */
	int64_t idle;     /* a control connection that says nothing, likewise */
	int64_t keep_sending; /* to a box whose connection broke, likewise */
};
extern const struct setting far_table[];

/* Settings that cannot be read: which, and what was expected. */
int far_check(const struct far_settings *settings, struct error *err);

struct far;
/* Binds the port, while the process may. NULL: why not. */
struct far *far_new(struct probe_responder *responder, struct error *err);
void far_free(struct far *far);           /* NULL is fine */
uint16_t far_port(const struct far *far); /* of control connections */
/* Whoever is no member any more, or has another secret, is dropped. */
void far_peers_changed(struct far *far);

/* For the plug-in's table; responder->state is a struct far *. */
int far_respond(struct probe_responder *responder, struct error *err);
void far_respond_stop(struct probe_responder *responder);

#endif
