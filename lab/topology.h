/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * topology.h - a network as its file describes it, checked whole.
 *
 *   name: diamond
 *   routing: bird            # static (default), bird or frr
 *   ospf: {hello: 1s, dead: 4s}
 *   families: [4, 6]         # default: 4
 *   nodes:
 *     a: {kind: host, agent: yes}
 *     r1: {kind: router, spf: {delay: 1500ms, hold: 2s, most: 10s}}
 *     b: {kind: host, address: 10.9.0.1, cpu: 20%, collector: yes}
 *   links:
 *     a-r1: {ends: [a, r1], delay: 10ms, loss: 0.01, cost: 233}
 *     r1-b: {ends: [r1, b], delay: 5ms, back: {delay: 7ms}, pim: yes}
 *   events:
 *     - {at: 10s, fail: a-r1}             # packets vanish, carrier stays
 *     - {at: 12s, cut: r1-b}              # carrier lost
 *     - {at: 34s, restore: a-r1}
 *     - {at: 40s, set: r1-b, loss: 0.5, back: {delay: 1ms}}
 *     - {at: 50s, run: [b, "ip route"]}
 *   tests: {all-ping: {mesh: all, ..}}    # of pharos-fleet.yaml(5), as meshes:
 *                                         # is, and site: of a node; the mesh
 *                                         # "all" has each node with an agent
 *
 * An end may be {node: a, interface: eth0, address: [10.1.0.1/30, fd00::1/64]}.
 * A link's own options hold for both ways; `back` changes those from the second
 * end to the first; what `set` does not name stays. Mistakes are "FILE:LINE:COLUMN: what is wrong, expected what".
 * What is not given is assigned: each link a /30 of 10.64.0.0/10 and a /64 of
 * fd64::/16, each node a loopback address (10.127.0.0/16, fd64:ffff::/64) that
 * the routing carries, in the file's order, so that the same file gives the
 * same addresses. Who enters the lab through the ingress at node N (its index)
 * has an address of 10.126.N.0/24 or fd64:fffe:0:N::/64, in which the node has
 * the first; the routing carries that, too, and a default route to an egress.
 *
 * Hosts forward nothing. Every node is reached from every other through routers.
 */
#ifndef PHAROS_LAB_TOPOLOGY_H
#define PHAROS_LAB_TOPOLOGY_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#include "lab/way.h"

struct error;
struct topology_experiment; /* lab/experiment.h */

#define TOPOLOGY_NODES 256
#define TOPOLOGY_LINKS 1024
#define TOPOLOGY_EVENTS 1024
#define TOPOLOGY_GATEWAYS 16 /* nodes with ingress or egress */
#define TOPOLOGY_NAME 15     /* of an interface; the default is "to-PEER" */

enum topology_routing { ROUTING_STATIC, ROUTING_BIRD, ROUTING_FRR };
/* What makes the links; auto is netem wherever that is as good. */
enum topology_backend { BACKEND_AUTO, BACKEND_NETEM, BACKEND_EMULATOR };
enum topology_kind { NODE_HOST, NODE_ROUTER };

struct topology_node {
	char *name;
	enum topology_kind kind;
	bool agent, collector;
	struct in_addr address; /* on its loopback: what it is known by */
	struct in6_addr address6;
	double cpu; /* ratio of one core; 0: no reservation */
	nanoseconds spf_delay, spf_hold, spf_most; /* FRR; 0: as it comes */
	char *site;    /* what the fleet file says of it, JSON; NULL: nothing */
	char *ingress; /* "openvpn" or "wireguard"; NULL: none */
	bool egress;   /* NAT to the world outside */
	int line, column; /* where the file names it */
};

struct topology_end {
	size_t node;            /* index */
	char interface[16];     /* "to-PEER", or as the file names it */
	struct in_addr address; /* with the link's prefix */
	struct in6_addr address6;
	struct way way; /* from this end to the other */
};

struct topology_link {
	char *name;
	struct topology_end ends[2];
	unsigned prefix; /* IPv4; IPv6 is always a /64 */
	int64_t cost;    /* OSPF, both ways; static routes use it too */
	bool pim;
	int line, column;
};

enum topology_event_kind {
	EVENT_FAIL, /* every packet is lost, nobody is told */
	EVENT_CUT,  /* the carrier goes as well */
	EVENT_RESTORE,
	EVENT_SET,
	EVENT_RUN
};

struct topology_event {
	nanoseconds at; /* after the lab has converged */
	enum topology_event_kind kind;
	size_t link, node;
	struct way ways[2]; /* SET: what they become */
	char *command;      /* RUN: for sh -c */
};

struct topology {
	char *name;
	enum topology_routing routing;
	enum topology_backend backend;
	bool ipv4, ipv6;
	nanoseconds hello, dead; /* OSPF; whole seconds */
	int64_t
	    priority; /* of the emulator, SCHED_FIFO; 0: an ordinary process */
	struct topology_node *nodes;
	size_t node_count;
	struct topology_link *links;
	size_t link_count;
	struct topology_event *events; /* by time */
	size_t event_count;
	char *group;       /* of the multicast PIM carries; NULL: none */
	size_t rendezvous; /* PIM: the node that is the RP */
	struct topology_experiment *experiment; /* NULL: none */
	char *meshes, *tests; /* of the fleet file, JSON; NULL: none */
};

/* The file that is meant: name is a path, or the bare name of one that is
 * shipped. The caller's to free; NULL: neither is there. */
char *topology_path(const char *name, struct error *err);
struct topology *topology_read(const char *name, struct error *err);
/* And what the file says, which may be a pipe; text is the caller's to free. */
struct topology *topology_read_text(
    const char *name, char **text, struct error *err);
struct topology *topology_parse(
    const char *file, const char *text, size_t length, struct error *err);
void topology_free(struct topology *topology); /* NULL is fine */
/* Index, or -1 with the nearest name in err. */
long topology_node(
    const struct topology *topology, const char *name, struct error *err);
long topology_link(
    const struct topology *topology, const char *name, struct error *err);
/* The next way that the link has, at first or after an event; *i is 0 at first.
 * NULL: no more. */
const struct way *topology_way(
    const struct topology *topology, size_t link, size_t *i);
/* Can netem do what the link has, at first and after each event? 0, or -1 and
 * what it cannot. */
int topology_netem(
    const struct topology *topology, size_t link, struct error *err);
/* By its name; -1: there is none. */
int topology_find_backend(
    const char *name, enum topology_backend *backend, struct error *err);
/* Has its links made by what is named so, whatever the file says. -1: there is
 * no such backend, or netem cannot do what a link has. */
int topology_use_backend(
    struct topology *topology, const char *name, struct error *err);
/* A link of a node, seen from there. */
struct topology_near {
	const struct topology_link *link;
	const struct topology_end *here, *there;
	const struct topology_node *peer;
};
/* The next link of the node in the file's order; *i is 0 at first. False: no
 * more. */
bool topology_near(const struct topology *topology, size_t node, size_t *i,
    struct topology_near *near);
/* Who enters at this node's ingress: the node's own addresses there, in a /24
 * and a /64. */
void topology_tunnel(size_t node, struct in_addr *four, struct in6_addr *six);

#endif
