/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * renewal.h - a fresh certificate before the old one ends.
 *
 * Asked for when two thirds of its life have passed, give or take, so that a
 * fleet does not come as one; what fails is tried again ever after, jittered.
 * The key stays: then one file changes, and it is replaced whole, so there is
 * no moment at which key and certificate do not belong together. A new key
 * comes with a new token. One that has ended cannot be renewed.
 */
#ifndef PHAROS_AGENT_RENEWAL_H
#define PHAROS_AGENT_RENEWAL_H

struct agent_settings;
struct error;
struct event_base;
struct json_object;
struct renewal;

struct renewal_calls {
	/* box.pem is another one: connect anew. */
	void (*renewed)(void *arg);
	/* The box has another name now, the certificate's. */
	void (*renamed)(void *arg, const char *box);
};

/* box: what it is called now. settings, box and calls are borrowed. */
struct renewal *renewal_new(struct event_base *base,
    const struct agent_settings *settings, const char *box,
    const struct renewal_calls *calls, void *arg, struct error *err);
void renewal_free(struct renewal *renewal); /* NULL is fine */
/* The clock has been set: all that was known is so no longer. */
void renewal_look(struct renewal *renewal);
void renewal_now(struct renewal *renewal); /* the collector asks for it */
/* {"until":..,"renew":..,"error":".."}; new reference */
struct json_object *renewal_status(const struct renewal *renewal);

#endif
