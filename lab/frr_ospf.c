/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>

#include "lab/carried.h"
#include "lab/frr.h"
#include "lab/topology.h"

#define RETRANSMIT 1 /* seconds */

/* The words in which ospfd and ospf6d differ. */
struct dialect {
	int family;
	const char *ip;     /* of prefix lists */
	const char *ospf;   /* of an interface's lines */
	const char *router; /* of the process */
};

static const struct dialect ospf = {4, "ip", "ip ospf", "ospf"};
static const struct dialect ospf6 = {6, "ipv6", "ipv6 ospf6", "ospf6"};

struct writer {
	const struct dialect *d;
	const struct topology *topology;
	size_t node;
	const struct topology_node *of;
	FILE *out;
};

/* The area comes last: with it the interface begins to speak, by what has been
 * said until then. */
static void
write_interface(const struct writer *w, const struct topology_near *near)
{
	const char *words = w->d->ospf;

	fprintf(w->out, "interface %s\n %s cost %lld\n", near->here->interface,
	    words, (long long)near->link->cost);
	if (near->peer->kind == NODE_HOST)
		fprintf(w->out, " %s passive\n", words);
	else
		fprintf(w->out,
		    " %s network point-to-point\n %s hello-interval %d\n"
		    " %s dead-interval %d\n %s retransmit-interval %d\n",
		    words, words, (int)(w->topology->hello / NS_PER_S), words,
		    (int)(w->topology->dead / NS_PER_S), words, RETRANSMIT);
	fprintf(w->out, " %s area 0\nexit\n", words);
}

/* Rules for routes that are told to others; returns the next number. */
static int
write_rules(const struct writer *w, size_t node, size_t from, const char *map,
    long long cost, int number)
{
	struct carried carried[CARRIED_MOST];
	size_t count = carried_of(w->topology, node, carried);

	for (size_t i = from; i < count; i++) {
		if (carried[i].family != w->d->family)
			continue;
		fprintf(w->out,
		    "%s prefix-list %s-%d permit %s\n"
		    "route-map %s permit %d\n match %s address prefix-list "
		    "%s-%d\n set metric %lld\n set metric-type type-1\nexit\n",
		    w->d->ip, map, number, carried[i].prefix, map, number,
		    w->d->ip, map, number, cost);
		number++;
	}
	return (number);
}

/* Routes of the kernel to hosts; the network of an ingress, which is an
 * interface's. */
static void
write_maps(const struct writer *w, bool *hosts, bool *ingress, bool *way_out)
{
	struct topology_near near;
	size_t i = 0;
	int number = 1;

	*way_out = w->of->egress;
	while (topology_near(w->topology, w->node, &i, &near)) {
		if (near.peer->kind != NODE_HOST)
			continue;
		number = write_rules(w, near.there->node, 0, "hosts",
		    (long long)near.link->cost, number);
		*way_out |= near.peer->egress;
	}
	*hosts = number > 1;
	*ingress = w->of->ingress != NULL;
	/* its address is told of by the interface lo */
	if (*ingress)
		write_rules(w, w->node,
		    (size_t)w->topology->ipv4 + w->topology->ipv6, "ingress", 1,
		    1);
}

static void
write_process(const struct writer *w, bool hosts, bool ingress, bool way_out)
{
	char id[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &w->of->address, id, sizeof(id));
	fprintf(w->out, "router %s\n %s router-id %s\n", w->d->router,
	    w->d->router, id);
	/* what changes at the start, or twice in a moment, is told at once */
	if (w->d->family == 4)
		fprintf(w->out, " timers throttle lsa all 100\n");
	fprintf(w->out, " timers lsa min-arrival 50\n");
	if (w->of->spf_most != 0)
		fprintf(w->out, " timers throttle spf %lld %lld %lld\n",
		    (long long)(w->of->spf_delay / NS_PER_MS),
		    (long long)(w->of->spf_hold / NS_PER_MS),
		    (long long)(w->of->spf_most / NS_PER_MS));
	if (hosts)
		fprintf(w->out, " redistribute kernel route-map hosts\n");
	if (ingress)
		fprintf(w->out, " redistribute connected route-map ingress\n");
	if (way_out)
		fprintf(w->out,
		    " default-information originate always metric 1 "
		    "metric-type 1\n");
	fprintf(w->out, "exit\n");
}

static void
write_all(const struct writer *w)
{
	struct topology_near near;
	bool hosts, ingress, way_out;
	size_t i = 0;

	fprintf(w->out, "hostname %s\nlog stdout\n", w->of->name);
	fprintf(w->out, "interface lo\n %s passive\n %s area 0\nexit\n",
	    w->d->ospf, w->d->ospf);
	while (topology_near(w->topology, w->node, &i, &near))
		write_interface(w, &near);
	write_maps(w, &hosts, &ingress, &way_out);
	write_process(w, hosts, ingress, way_out);
}

void
frr_write_ospf(const struct topology *topology, size_t node, FILE *out)
{
	write_all(&(const struct writer){
	    &ospf, topology, node, &topology->nodes[node], out});
}

void
frr_write_ospf6(const struct topology *topology, size_t node, FILE *out)
{
	write_all(&(const struct writer){
	    &ospf6, topology, node, &topology->nodes[node], out});
}
