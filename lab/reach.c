/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/reach.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"
#include "lab/links.h"
#include "lab/paths.h"
#include "lab/space.h"
#include "lab/topology.h"

#define ANSWER_MOST 4096
#define PATIENCE 5 /* seconds for the kernel's answer */

struct reach {
	const struct topology *topology;
	const struct links *links;
	struct paths **paths; /* from each node */
	int *sockets;         /* each in its node's namespace */
	size_t count;
	size_t
	    *done; /* that many of the others were reached at the last look */
};

struct question {
	struct nlmsghdr header;
	struct rtmsg route;
	char room[64];
};

static int
open_socket(int net, struct error *err)
{
	const struct timeval patience = {.tv_sec = PATIENCE};
	int fd;

	if (space_enter(net, err) == -1)
		return (-1);
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd == -1)
		error_set(err, "netlink: %m");
	else
		setsockopt(
		    fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return (fd);
}

struct reach *
reach_new(const struct space *space, const struct topology *topology,
    const struct links *links, const int *nets, struct error *err)
{
	struct reach *reach = memory_new(1, sizeof(*reach));
	size_t count = topology->node_count;
	bool good = true;

	*reach = (struct reach){.topology = topology, .links = links};
	reach->paths = memory_new(count, sizeof(struct paths *));
	reach->sockets = memory_new(count, sizeof(*reach->sockets));
	reach->done = memory_new(count, sizeof(*reach->done));
	reach->count = count;
	for (size_t i = 0; i < count; i++) {
		reach->paths[i] = paths_new(topology, i);
		reach->sockets[i] = good ? open_socket(nets[i], err) : -1;
		good = reach->sockets[i] != -1;
	}
	if (space_enter(space->home, NULL) == -1)
		log_fatal("no way back to the lab's own network namespace");
	if (good)
		return (reach);
	reach_free(reach);
	return (NULL);
}

void
reach_free(struct reach *reach)
{
	if (reach == NULL)
		return;
	for (size_t i = 0; i < reach->count; i++) {
		paths_free(reach->paths[i]);
		if (reach->sockets[i] != -1)
			close(reach->sockets[i]);
	}
	free(reach->paths);
	free(reach->sockets);
	free(reach->done);
	free(reach);
}

static void
form_question(struct question *q, int family, const void *address)
{
	size_t length = family == AF_INET ? sizeof(struct in_addr)
					  : sizeof(struct in6_addr);
	struct rtattr *to;

	*q = (struct question){
	    .header = {.nlmsg_len = NLMSG_LENGTH(sizeof(q->route)),
		.nlmsg_type = RTM_GETROUTE,
		.nlmsg_flags = NLM_F_REQUEST},
	    .route = {.rtm_family = (unsigned char)family,
		.rtm_dst_len = (unsigned char)(8 * length)}};
	to = (struct rtattr *)((char *)q + NLMSG_ALIGN(q->header.nlmsg_len));
	to->rta_type = RTA_DST;
	to->rta_len = (unsigned short)RTA_LENGTH(length);
	memcpy(RTA_DATA(to), address, length);
	q->header.nlmsg_len =
	    NLMSG_ALIGN(q->header.nlmsg_len) + RTA_ALIGN(to->rta_len);
}

/* The interface's index; 0: no route. */
static int
read_answer(const char *answer, ssize_t length)
{
	const struct nlmsghdr *header = (const struct nlmsghdr *)answer;
	const struct rtattr *attribute;
	int left, index = 0;

	if (length < (ssize_t)NLMSG_LENGTH(sizeof(struct rtmsg)) ||
	    header->nlmsg_type != RTM_NEWROUTE)
		return (0);
	attribute = RTM_RTA((const struct rtmsg *)NLMSG_DATA(header));
	left = (int)RTM_PAYLOAD(header);
	for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left))
		if (attribute->rta_type == RTA_OIF)
			memcpy(&index, RTA_DATA(attribute), sizeof(index));
	return (index);
}

static int
ask(const struct reach *reach, size_t from, int family, const void *address)
{
	_Alignas(struct nlmsghdr) char answer[ANSWER_MOST];
	struct question question;
	ssize_t length;

	form_question(&question, family, address);
	if (send(reach->sockets[from], &question, question.header.nlmsg_len,
		0) == -1)
		return (0);
	length = recv(reach->sockets[from], answer, sizeof(answer), 0);
	return (read_answer(answer, length));
}

/* Which link the interface is the end of; -1: none. */
static long
link_of(const struct reach *reach, size_t node, int index)
{
	for (size_t i = 0; i < reach->topology->link_count; i++)
		for (int end = 0; end < 2; end++)
			if (reach->topology->links[i].ends[end].node == node &&
			    links_index(reach->links, i, end) == index)
				return ((long)i);
	return (-1);
}

/* Does that interface lead one step of a cheapest way? */
static bool
leads(const struct reach *reach, size_t from, size_t to, int index)
{
	size_t first[TOPOLOGY_LINKS];
	size_t count = paths_first(reach->paths[from], to, first);
	long link = index == 0 ? -1 : link_of(reach, from, index);

	for (size_t i = 0; i < count; i++)
		if ((long)first[i] == link)
			return (true);
	return (false);
}

static bool
reached(const struct reach *reach, size_t from, size_t to)
{
	const struct topology_node *node = &reach->topology->nodes[to];

	if (from == to)
		return (true);
	if (reach->topology->ipv4 &&
	    !leads(reach, from, to, ask(reach, from, AF_INET, &node->address)))
		return (false);
	return (!reach->topology->ipv6 ||
		leads(reach, from, to,
		    ask(reach, from, AF_INET6, &node->address6)));
}

static bool
node_reaches(struct reach *reach, size_t from)
{
	size_t *done = &reach->done[from];

	while (*done < reach->count && reached(reach, from, *done))
		(*done)++;
	return (*done == reach->count);
}

/* Once all have been reached, all are looked at once more: routes may have
 * gone again. */
bool
reach_all(struct reach *reach, struct error *err)
{
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < reach->count; i++)
			if (!node_reaches(reach, i)) {
				error_set(err, "%s has no best route to %s yet",
				    reach->topology->nodes[i].name,
				    reach->topology->nodes[reach->done[i]]
					.name);
				return (false);
			}
		memset(reach->done, 0, reach->count * sizeof(*reach->done));
	}
	return (true);
}
