/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * links_parts.h - what the files of links share.
 */
#ifndef PHAROS_LAB_LINKS_PARTS_H
#define PHAROS_LAB_LINKS_PARTS_H

#include <event2/util.h>

#include "lab/links.h"
#include "lab/tap.h"

struct link {
	struct links *links;
	size_t index;
	struct tap taps[2];
	struct way ways[2];
	enum links_state state;
	struct event *timer; /* what waits for a hello */
	enum links_state next;
	nanoseconds after, asked;
};

struct links {
	struct links_about about;
	struct emulation *emulation;
	struct link *link;
	size_t count;
};

const char *links_name(const struct link *link);
/* Of a link's timer: what waits for a hello happens, or waits on. */
void links_on_hello(evutil_socket_t fd, short what, void *arg);

#endif
