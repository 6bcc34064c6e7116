/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * links.h - the links of a lab that is up: what they are, and made otherwise.
 *
 * A link is by netem (netem.h) or by the emulator, as the topology's backend says;
 * "auto" takes netem where the kernel has it, for each link that it can do and
 * that corrupts nothing, at first and after any event of the file. Either can be
 * failed, cut, restored and set; who is to know the truth about packets that are
 * the same bit by bit, or why each was lost, needs the emulator's verdicts.
 *
 * An emulator that dies is started again with the same interfaces and the same
 * state; what was on its way is lost, and told as "emulator" by the notices.
 */
#ifndef PHAROS_LAB_LINKS_H
#define PHAROS_LAB_LINKS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/clock.h"
#include "lab/way.h"

struct error;
struct event_base;
struct group;
struct json_object;
struct keeper;
struct links;
struct notices;
struct space;
struct topology;

enum links_state { LINK_UP, LINK_FAILED, LINK_CUT };

struct links_about {
	struct event_base *base;
	const struct space *space;
	const struct topology *topology;
	const int *nets; /* of the nodes */
	struct keeper *keeper;
	struct notices *notices;
	const char *share; /* for the emulator */
};

/* Makes interfaces, down and without addresses, and what joins them. Borrows all
 * that about points to. */
struct links *links_new(const struct links_about *about, struct error *err);
void links_free(struct links *links); /* NULL is fine */

int links_put(struct links *links, size_t link, enum links_state state,
    struct error *err);
/* The same so long after the next OSPF hello on it, or the last if that is not
 * longer ago. From the loop; what it says is logged. */
void links_put_after_hello(struct links *links, size_t link,
    enum links_state state, nanoseconds after);
int links_set(struct links *links, size_t link, const struct way ways[2],
    struct error *err);
/* Is it known what was done to each packet? Else there are no verdicts. */
bool links_judged(const struct links *links, size_t link);
/* What the emulator does to each packet goes to fd, a file, from now on; -1: no
 * more, and the file is whole. */
int links_verdicts(struct links *links, size_t link, int fd, struct error *err);
const struct way *links_ways(const struct links *links, size_t link); /* 2 */
enum links_state links_state(const struct links *links, size_t link);
/* "emulator" or "netem" */
const char *links_backend(const struct links *links, size_t link);
int links_index(
    const struct links *links, size_t link, int end); /* interface */

const char *links_state_name(
    enum links_state state); /* "up", "failed", "cut" */
/* {"delay":0.01,..} in base units, by way_options. */
struct json_object *links_way_json(const struct way *way);
/* {"name","ends":[..],"state","backend","ways":[..],"cost"} */
struct json_object *links_json(
    const struct links *links, const struct topology *topology, size_t link);
/* A body of "set": by way_options for both ways, "back" for the second. */
int links_read(const struct links *links, size_t link, struct json_object *body,
    struct way ways[2], struct error *err);

#endif
