/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/error.h"
#include "lab/topology_parts.h"

#define FOUR_PREFIX 31 /* the longest of a link */

static bool
usable_four(struct in_addr address)
{
	uint32_t a = ntohl(address.s_addr);

	return (a >> 24 != 0 && a >> 24 != 127 && a >> 28 < 14);
}

/* Neither the network's own address nor all its hosts'. */
static bool
usable_in(struct in_addr address, unsigned prefix)
{
	uint32_t rest = ~(uint32_t)0 >> prefix;
	uint32_t host = ntohl(address.s_addr) & rest;

	return (prefix == FOUR_PREFIX || (host != 0 && host != rest));
}

static bool
usable_six(const struct in6_addr *a)
{
	return (!IN6_IS_ADDR_UNSPECIFIED(a) && !IN6_IS_ADDR_LOOPBACK(a) &&
		!IN6_IS_ADDR_LINKLOCAL(a) && !IN6_IS_ADDR_MULTICAST(a) &&
		!IN6_IS_ADDR_V4MAPPED(a) && !IN6_IS_ADDR_V4COMPAT(a));
}

/* "ADDRESS/LENGTH" taken apart; false: that is not it. */
static bool
split(const char *text, bool with_prefix, char address[static 48],
    unsigned *prefix)
{
	const char *slash = strchr(text, '/');
	size_t length = slash != NULL ? (size_t)(slash - text) : strlen(text);
	char rest;

	if ((slash != NULL) != with_prefix || length >= 48)
		return (false);
	memcpy(address, text, length);
	address[length] = '\0';
	return (slash == NULL ||
		(strspn(slash + 1, "0123456789") == strlen(slash + 1) &&
		    strlen(slash + 1) <= 3 &&
		    sscanf(slash + 1, "%u%c", prefix, &rest) == 1));
}

static int
refuse(const struct yml *node, bool with_prefix, struct error *err)
{
	return (yml_error(node, err,
	    "address \"%.80s\", expected one that a host may have, such as %s",
	    node->text,
	    with_prefix ? "10.1.0.1/30 or 2001:db8::1/64"
			: "10.1.0.1 or 2001:db8::1"));
}

static int
take_four(const struct yml *node, const struct in_addr *found, unsigned length,
    struct in_addr *four, unsigned *prefix, struct error *err)
{
	if (!usable_four(*found) ||
	    (prefix != NULL && (length < 8 || length > FOUR_PREFIX ||
				   !usable_in(*found, length))))
		return (refuse(node, prefix != NULL, err));
	if (four->s_addr != 0)
		return (yml_error(
		    node, err, "a second IPv4 address, expected one"));
	*four = *found;
	if (prefix != NULL)
		*prefix = length;
	return (0);
}

static int
take_address(const struct yml *node, struct in_addr *four, struct in6_addr *six,
    unsigned *prefix, struct error *err)
{
	struct in6_addr found6;
	struct in_addr found4;
	unsigned length = 0;
	char text[48];

	if (yml_expect(node, YML_SCALAR, "an address", err) == -1)
		return (-1);
	if (!split(node->text, prefix != NULL, text, &length))
		return (refuse(node, prefix != NULL, err));
	if (inet_pton(AF_INET, text, &found4) == 1)
		return (take_four(node, &found4, length, four, prefix, err));
	if (inet_pton(AF_INET6, text, &found6) != 1 || !usable_six(&found6) ||
	    (prefix != NULL && length != 64))
		return (refuse(node, prefix != NULL, err));
	if (!IN6_IS_ADDR_UNSPECIFIED(six))
		return (yml_error(
		    node, err, "a second IPv6 address, expected one"));
	*six = found6;
	return (0);
}

int
topology_addresses(const struct yml *node, struct in_addr *four,
    struct in6_addr *six, unsigned *prefix, struct error *err)
{
	if (prefix != NULL)
		*prefix = 0;
	if (node->kind != YML_LIST)
		return (take_address(node, four, six, prefix, err));
	for (size_t i = 0; i < node->count; i++)
		if (take_address(node->items[i], four, six, prefix, err) == -1)
			return (-1);
	return (0);
}
