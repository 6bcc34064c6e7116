/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/carried.h"

#include <stdio.h>

#include "lab/topology.h"

static void
set(struct carried *carried, int family, const void *address, unsigned prefix)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(
	    family == 4 ? AF_INET : AF_INET6, address, text, sizeof(text));
	carried->family = family;
	snprintf(
	    carried->prefix, sizeof(carried->prefix), "%s/%u", text, prefix);
}

size_t
carried_of(const struct topology *topology, size_t node,
    struct carried carried[static CARRIED_MOST])
{
	const struct topology_node *of = &topology->nodes[node];
	struct in6_addr six;
	struct in_addr four;
	size_t count = 0;

	topology_tunnel(node, &four, &six);
	four.s_addr &= htonl(0xffffff00);
	six.s6_addr[15] = 0;
	if (topology->ipv4)
		set(&carried[count++], 4, &of->address, 32);
	if (topology->ipv6)
		set(&carried[count++], 6, &of->address6, 128);
	if (topology->ipv4 && of->ingress != NULL)
		set(&carried[count++], 4, &four, 24);
	if (topology->ipv6 && of->ingress != NULL)
		set(&carried[count++], 6, &six, 64);
	return (count);
}
