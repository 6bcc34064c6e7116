/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Links by the kernel's own emulator, in a hub that all of them share.
 */
#include <net/if.h>
#include <stdio.h>
#include <unistd.h>

#include "common/error.h"
#include "lab/hellos.h"
#include "lab/links_parts.h"
#include "lab/netem.h"
#include "lab/netns.h"
#include "lab/topology.h"

#define NAME IFNAMSIZ

static int
begin(struct links *links, struct error *err)
{
	links->hub = netem_hub(err);
	return (links->hub == -1 ? -1 : 0);
}

static void
end(struct links *links)
{
	if (links->hub != -1)
		close(links->hub);
}

/* What of an end is in the hub. */
static void
name_port(const struct link *link, int end, char name[static NAME])
{
	snprintf(name, NAME, "%u-%d", (unsigned)link->index, end);
}

struct look {
	const char *interface;
	int *index;
};

static int
find_index(void *arg, struct error *err)
{
	const struct look *look = arg;

	*look->index = (int)if_nametoindex(look->interface);
	return (*look->index != 0
		    ? 0
		    : error_set(err, "interface %s: %m", look->interface));
}

static int
open_end(struct link *link, int which, struct error *err)
{
	const struct topology_end *of = links_end(link, which);
	int net = link->links->about.nets[of->node];
	char port[NAME], text[18];
	uint8_t a[6];
	struct look look = {of->interface, &link->indexes[which]};

	name_port(link, which, port);
	links_address(link, which, a);
	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", a[0],
	    a[1], a[2], a[3], a[4], a[5]);
	if (netem_wire(link->links->hub, port, net, of->interface, text, err) ==
	    -1)
		return (-1);
	return (netns_call(net, find_index, &look, err));
}

/* OSPF alone has them. */
static int
listen_for_hellos(struct link *link, struct error *err)
{
	const struct links_about *about = &link->links->about;

	for (int end = 0; end < 2; end++) {
		char port[NAME];

		if (about->topology->routing == ROUTING_STATIC)
			return (0);
		name_port(link, end, port);
		link->hellos[end] =
		    hellos_new(about->base, link->links->hub, port, err);
		if (link->hellos[end] == NULL)
			return (-1);
	}
	return (0);
}

/* The way from an end is at the other's port. */
static int
make_way(struct link *link, int way, struct error *err)
{
	char port[NAME];

	name_port(link, !way, port);
	return (netem_set(link->links->hub, port, &link->ways[way], err));
}

static int
make_ways(struct link *link, struct error *err)
{
	return (make_way(link, 0, err) == 0 ? make_way(link, 1, err) : -1);
}

static int
open_link(struct link *link, struct error *err)
{
	char ports[2][NAME];

	name_port(link, 0, ports[0]);
	name_port(link, 1, ports[1]);
	if (open_end(link, 0, err) == -1 || open_end(link, 1, err) == -1 ||
	    netem_join(link->links->hub, ports[0], ports[1], err) == -1 ||
	    make_ways(link, err) == -1)
		return (-1);
	return (listen_for_hellos(link, err));
}

static void
close_link(struct link *link)
{
	hellos_free(link->hellos[0]);
	hellos_free(link->hellos[1]);
}

static int
fail_ways(struct link *link, struct error *err)
{
	for (int end = 0; end < 2; end++) {
		char port[NAME];

		name_port(link, end, port);
		if (netem_fail(link->links->hub, port, err) == -1)
			return (-1);
	}
	return (0);
}

static int
put_carrier(struct link *link, bool on, struct error *err)
{
	if (link->cut == !on)
		return (0);
	for (int end = 0; end < 2; end++) {
		char port[NAME];

		name_port(link, end, port);
		if (netem_carrier(link->links->hub, port, on, err) == -1)
			return (-1);
	}
	link->cut = !on;
	return (0);
}

static int
put(struct link *link, struct error *err)
{
	int status = link->state == LINK_FAILED ? fail_ways(link, err)
		     : link->state == LINK_UP   ? make_ways(link, err)
						: 0;

	return (
	    status == 0 ? put_carrier(link, link->state != LINK_CUT, err) : -1);
}

/* Of a link that is not up when it is restored. */
static int
set(struct link *link, struct error *err)
{
	struct error why;

	for (int way = 0; way < 2; way++)
		if (netem_check(&link->ways[way], &why) == -1)
			return (error_set(err,
			    "%s, expected backend: emulator in the topology "
			    "for that",
			    why.text));
	return (link->state == LINK_UP ? make_ways(link, err) : 0);
}

/* Of either way the later: both ends have then heard nothing since. */
static nanoseconds
hello(struct link *link)
{
	nanoseconds one = hellos_last(link->hellos[0]),
		    other = hellos_last(link->hellos[1]);

	return (one > other ? one : other);
}

const struct links_kind links_netem = {.name = "netem",
    .begin = begin,
    .end = end,
    .open = open_link,
    .close = close_link,
    .put = put,
    .set = set,
    .hello = hello};
