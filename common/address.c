/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

/* "fe80::1%eth0": the interface by name or number. */
static bool
parse_six(const char *text, struct sockaddr_in6 *six)
{
	const char *percent = strchr(text, '%');
	char digits[INET6_ADDRSTRLEN];
	size_t length =
	    percent != NULL ? (size_t)(percent - text) : strlen(text);

	if (length >= sizeof(digits))
		return (false);
	memcpy(digits, text, length);
	digits[length] = '\0';
	if (inet_pton(AF_INET6, digits, &six->sin6_addr) != 1)
		return (false);
	six->sin6_family = AF_INET6;
	if (percent != NULL)
		six->sin6_scope_id = if_nametoindex(percent + 1);
	return (percent == NULL || six->sin6_scope_id != 0);
}

/* "::ffff:192.0.2.1": IPv4, as some write it that handle both alike. */
static bool
is_four(const struct sockaddr_in6 *six)
{
	return (
	    IN6_IS_ADDR_V4MAPPED(&six->sin6_addr) && six->sin6_scope_id == 0);
}

static void
make_four(union address *address)
{
	struct in_addr four;

	memcpy(&four, &address->in6.sin6_addr.s6_addr[12], sizeof(four));
	memset(address, 0, sizeof(*address));
	address->in.sin_family = AF_INET;
	address->in.sin_addr = four;
}

bool
address_parse(const char *text, uint16_t port, union address *address)
{
	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, text, &address->in.sin_addr) == 1)
		address->in.sin_family = AF_INET;
	else if (!parse_six(text, &address->in6))
		return (false);
	else if (is_four(&address->in6))
		make_four(address);
	if (address->sa.sa_family == AF_INET)
		address->in.sin_port = htons(port);
	else
		address->in6.sin6_port = htons(port);
	return (true);
}

static void
append_interface(uint32_t scope, char text[static ADDRESS_TEXT])
{
	size_t used = strlen(text);
	char name[IF_NAMESIZE];

	if (scope == 0)
		return;
	if (if_indextoname(scope, name) == NULL)
		snprintf(name, sizeof(name), "%u", scope);
	snprintf(text + used, ADDRESS_TEXT - used, "%%%s", name);
}

char *
address_format(const union address *address, char text[static ADDRESS_TEXT])
{
	text[0] = '\0';
	if (address->sa.sa_family == AF_INET)
		inet_ntop(AF_INET, &address->in.sin_addr, text, ADDRESS_TEXT);
	if (address->sa.sa_family == AF_INET6) {
		inet_ntop(
		    AF_INET6, &address->in6.sin6_addr, text, ADDRESS_TEXT);
		append_interface(address->in6.sin6_scope_id, text);
	}
	return (text);
}

int
address_family(const union address *address)
{
	switch (address->sa.sa_family) {
	case AF_INET:
		return (4);
	case AF_INET6:
		return (6);
	default:
		return (0);
	}
}

socklen_t
address_length(const union address *address)
{
	switch (address->sa.sa_family) {
	case AF_INET:
		return (sizeof(address->in));
	case AF_INET6:
		return (sizeof(address->in6));
	default:
		return (0);
	}
}

bool
address_equal(const union address *a, const union address *b)
{
	if (a->sa.sa_family != b->sa.sa_family)
		return (false);
	if (a->sa.sa_family == AF_INET)
		return (a->in.sin_addr.s_addr == b->in.sin_addr.s_addr);
	return (a->sa.sa_family == AF_INET6 &&
		memcmp(&a->in6.sin6_addr, &b->in6.sin6_addr,
		    sizeof(a->in6.sin6_addr)) == 0 &&
		a->in6.sin6_scope_id == b->in6.sin6_scope_id);
}
