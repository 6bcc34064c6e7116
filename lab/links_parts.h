/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * links_parts.h - what the files of links share.
 */
#ifndef PHAROS_LAB_LINKS_PARTS_H
#define PHAROS_LAB_LINKS_PARTS_H

#include <event2/util.h>

#include "lab/links.h"
#include "lab/tap.h"

struct hellos;
struct links_kind;

struct link {
	struct links *links;
	const struct links_kind *kind;
	size_t index;
	int indexes[2]; /* of the interfaces */
	struct way ways[2];
	enum links_state state;
	struct event *timer; /* what waits for a hello */
	enum links_state next;
	nanoseconds after, asked;

	struct tap taps[2];       /* the emulator's; or fd -1 */
	struct hellos *hellos[2]; /* netem's; or NULL */
	bool cut;                 /* netem: there is no carrier */
};

struct links {
	struct links_about about;
	struct link *link;
	size_t count;
	struct emulation *emulation; /* NULL: no link is by it */
	int hub;                     /* of netem; -1 likewise */
};

/* How links are made. All but begin and end are about one; put and set make it
 * what state and ways say now. */
struct links_kind {
	const char *name;
	int (*begin)(
	    struct links *links, struct error *err); /* if it has any */
	void (*end)(struct links *links); /* also if it has not begun */
	int (*open)(struct link *link, struct error *err);
	void (*close)(struct link *link); /* also if it is not open */
	int (*put)(struct link *link, struct error *err);
	int (*set)(struct link *link, struct error *err);
	/* CLOCK_MONOTONIC: the last OSPF hello on it, either way; 0: none yet */
	nanoseconds (*hello)(struct link *link);
	/* as links_verdicts; NULL: there are none */
	int (*verdicts)(struct link *link, int fd, struct error *err);
};

extern const struct links_kind links_emulator, links_netem;

/* Gives each link its kind. */
int links_choose(struct links *links, struct error *err);
const char *links_name(const struct link *link);
const struct topology_end *links_end(const struct link *link, int end);
/* The Ethernet address of an interface of a link. */
void links_address(const struct link *link, int end, uint8_t address[static 6]);
/* Of a link's timer: what waits for a hello happens, or waits on. */
void links_on_hello(evutil_socket_t fd, short what, void *arg);

#endif
