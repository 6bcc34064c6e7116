/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/memory.h"
#include "lab/topology_parts.h"

/* Addresses from first to last, IPv4 as ::ffff:a.b.c.d. */
struct span {
	struct in6_addr first, last;
	int line;
};

struct spans {
	struct span *spans;
	size_t count;
	const char *file;
};

static struct in6_addr
mapped(uint32_t address)
{
	struct in6_addr six = {{{[10] = 0xff, [11] = 0xff}}};

	address = htonl(address);
	memcpy(&six.s6_addr[12], &address, 4);
	return (six);
}

static struct span
span_four(uint32_t address, unsigned prefix, int line)
{
	uint32_t rest = prefix == 32 ? 0 : ~(uint32_t)0 >> prefix;

	return ((struct span){
	    mapped(address & ~rest), mapped(address | rest), line});
}

static struct span
span_six(struct in6_addr address, unsigned prefix, int line)
{
	struct span span = {address, address, line};

	memset(&span.first.s6_addr[prefix / 8], 0, 16 - prefix / 8);
	memset(&span.last.s6_addr[prefix / 8], 0xff, 16 - prefix / 8);
	return (span);
}

static const struct span *
overlapping(const struct spans *all, const struct span *span)
{
	for (size_t i = 0; i < all->count; i++)
		if (memcmp(&all->spans[i].first, &span->last, 16) <= 0 &&
		    memcmp(&span->first, &all->spans[i].last, 16) <= 0)
			return (&all->spans[i]);
	return (NULL);
}

static void
format(const struct in6_addr *address, char text[static INET6_ADDRSTRLEN])
{
	if (IN6_IS_ADDR_V4MAPPED(address))
		inet_ntop(
		    AF_INET, &address->s6_addr[12], text, INET6_ADDRSTRLEN);
	else
		inet_ntop(AF_INET6, address, text, INET6_ADDRSTRLEN);
}

static int
add_given(struct spans *all, struct span span, const struct in6_addr *address,
    int column, struct error *err)
{
	const struct span *other = overlapping(all, &span);
	struct yml at = topology_place(all->file, span.line, column);
	char text[INET6_ADDRSTRLEN];

	if (other != NULL) {
		format(address, text);
		return (yml_error(&at, err,
		    "duplicate address: %s, or its network, is that of line %d "
		    "as well, expected it once",
		    text, other->line));
	}
	all->spans[all->count++] = span;
	return (0);
}

static int
add_pair(struct spans *all, const struct in_addr *four, unsigned prefix4,
    const struct in6_addr *six, unsigned prefix6, int line, int column,
    struct error *err)
{
	struct in6_addr address = mapped(ntohl(four->s_addr));

	if (four->s_addr != 0 &&
	    add_given(all, span_four(ntohl(four->s_addr), prefix4, line),
		&address, column, err) == -1)
		return (-1);
	if (!IN6_IS_ADDR_UNSPECIFIED(six) &&
	    add_given(all, span_six(*six, prefix6, line), six, column, err) ==
		-1)
		return (-1);
	return (0);
}

static int
same_ends(const struct topology_link *link, struct error *err, const char *file)
{
	const struct topology_end *a = &link->ends[0], *b = &link->ends[1];
	struct yml at = topology_place(file, link->line, link->column);

	if ((a->address.s_addr != 0 &&
		a->address.s_addr == b->address.s_addr) ||
	    (!IN6_IS_ADDR_UNSPECIFIED(&a->address6) &&
		IN6_ARE_ADDR_EQUAL(&a->address6, &b->address6)))
		return (yml_error(&at, err,
		    "duplicate address: both ends of link \"%s\" have it, "
		    "expected two",
		    link->name));
	return (0);
}

static int
take_given(
    const struct topology *topology, struct spans *all, struct error *err)
{
	for (size_t i = 0; i < topology->node_count; i++) {
		const struct topology_node *node = &topology->nodes[i];

		if (add_pair(all, &node->address, 32, &node->address6, 128,
			node->line, node->column, err) == -1)
			return (-1);
	}
	for (size_t i = 0; i < topology->link_count; i++) {
		const struct topology_link *link = &topology->links[i];

		if (same_ends(link, err, all->file) == -1 ||
		    add_pair(all, &link->ends[0].address, link->prefix,
			&link->ends[0].address6, 64, link->line, link->column,
			err) == -1)
			return (-1);
	}
	return (0);
}

/* The next that is free, beginning with the one numbered *next. */
static uint32_t
free_four(
    const struct spans *all, uint32_t base, unsigned prefix, uint32_t *next)
{
	struct span span;
	uint32_t address;

	do {
		address = base + ((*next)++ << (32 - prefix));
		span = span_four(address, prefix, 0);
	} while (overlapping(all, &span) != NULL);
	return (address);
}

/* fd64:HIGH:0:N::, or fd64:HIGH::N of a single address. */
static struct in6_addr
free_six(
    const struct spans *all, uint16_t high, unsigned prefix, uint32_t *next)
{
	struct in6_addr address = {{{0xfd, 0x64}}};
	struct span span;
	uint32_t number;

	address.s6_addr[2] = (uint8_t)(high >> 8);
	address.s6_addr[3] = (uint8_t)high;
	do {
		number = htonl((*next)++);
		memcpy(&address.s6_addr[prefix / 8 - 4], &number, 4);
		span = span_six(address, prefix, 0);
	} while (overlapping(all, &span) != NULL);
	return (address);
}

static void
assign_nodes(struct topology *topology, const struct spans *all)
{
	uint32_t four = 1, six = 1;

	for (size_t i = 0; i < topology->node_count; i++) {
		struct topology_node *node = &topology->nodes[i];

		if (node->address.s_addr == 0)
			node->address.s_addr =
			    htonl(free_four(all, 0x0a7f0000, 32, &four));
		if (IN6_IS_ADDR_UNSPECIFIED(&node->address6))
			node->address6 = free_six(all, 0xffff, 128, &six);
	}
}

static void
assign_link(struct topology_link *link, const struct spans *all, uint32_t *four,
    uint32_t *six)
{
	struct topology_end *a = &link->ends[0], *b = &link->ends[1];
	uint32_t address;

	if (a->address.s_addr == 0) {
		link->prefix = 30;
		address = free_four(all, 0x0a400000, 30, four);
		a->address.s_addr = htonl(address + 1);
		b->address.s_addr = htonl(address + 2);
	}
	if (IN6_IS_ADDR_UNSPECIFIED(&a->address6)) {
		a->address6 = b->address6 = free_six(all, 0, 64, six);
		a->address6.s6_addr[15] = 1;
		b->address6.s6_addr[15] = 2;
	}
}

int
topology_assign(struct topology *topology, const char *file, struct error *err)
{
	struct spans all = {.file = file};
	uint32_t four = 0, six = 1;
	int status;

	all.spans =
	    memory_new(2 * (topology->node_count + topology->link_count) + 1,
		sizeof(*all.spans));
	status = take_given(topology, &all, err);
	if (status == 0) {
		assign_nodes(topology, &all);
		for (size_t i = 0; i < topology->link_count; i++)
			assign_link(&topology->links[i], &all, &four, &six);
	}
	free(all.spans);
	return (status);
}
