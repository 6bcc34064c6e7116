/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * owd_far_scene.h - a far end and its host in a test.
 */
#ifndef PHAROS_TESTS_UNIT_OWD_FAR_SCENE_H
#define PHAROS_TESTS_UNIT_OWD_FAR_SCENE_H

#include "probes/owd/far.h"
#include "tests/unit/owd_caller.h"

#define MEMBER_SECRET "0123456789abcdef0123456789abcde" /* and its NUL */

struct scene {
	struct event_base *base;
	struct probe_host host;
	struct probe_worker worker;
	struct probe_responder responder;
	struct far_settings settings;
	struct far *far;
	struct probe_peer peer; /* "nyc", if is_member */
	bool is_member;
	nanoseconds shift;    /* of the wall clock */
	const char *why_not;  /* the site's limits' answer */
	bool holds;           /* no answer yet */
	int asked, held;      /* asks, tickets */
	struct probe_ask ask; /* the last one */
	char ask_peer[100];
	char note[600]; /* the last one */
	int notes;
	int told;              /* statements to the host ... */
	unsigned told_sent;    /* ... of so many packets sent */
	nanoseconds told_from; /* the first one's */
	char told_json[300];   /* the last one's */
};
extern struct scene scene;

/* cmocka's setup and teardown; settings are those of the table, any port. */
int scene_make(void **state);
int scene_remove(void **state);
#define IN_SCENE(test) \
	cmocka_unit_test_setup_teardown(test, scene_make, scene_remove)
void scene_start(void);
/* The answer that was held back. */
void scene_answer(void);
/* Calls it over IPv4 and is set up. modes: those that it would take. */
void scene_call(struct caller *caller, uint32_t modes);

/* 20 packets, a millisecond apart, from now on; sends: the server does. */
struct message_request scene_request(bool sends, uint16_t port);
extern const struct slot scene_slot;
/* It is asked for, and that is the answer: with a port if it is ACCEPT_OK. */
void scene_ask(struct caller *caller, const struct message_request *request,
    enum message_accept verdict);

#endif
