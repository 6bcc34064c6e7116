/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/interfaces.h"

#include <ifaddrs.h>
#include <json-c/json.h>
#include <net/if.h>
#include <stdbool.h>
#include <string.h>

#include "common/address.h"

static bool
is_link_local(const struct sockaddr *sa)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)sa;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)sa;

	if (sa->sa_family == AF_INET)
		return ((ntohl(in->sin_addr.s_addr) >> 16) == 0xa9fe);
	return (IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr));
}

static bool
is_reachable(const struct ifaddrs *interface)
{
	const struct sockaddr *sa = interface->ifa_addr;

	return (sa != NULL && (interface->ifa_flags & IFF_UP) &&
		!(interface->ifa_flags & IFF_LOOPBACK) &&
		(sa->sa_family == AF_INET || sa->sa_family == AF_INET6) &&
		!is_link_local(sa));
}

struct json_object *
interfaces_addresses(void)
{
	json_object *array = json_object_new_array();
	struct ifaddrs *all, *i;
	union address address;
	char text[ADDRESS_TEXT];

	if (getifaddrs(&all) < 0)
		return (array);
	for (i = all; i != NULL; i = i->ifa_next) {
		if (!is_reachable(i))
			continue;
		memset(&address, 0, sizeof(address));
		memcpy(&address, i->ifa_addr,
		    i->ifa_addr->sa_family == AF_INET ? sizeof(address.in)
						      : sizeof(address.in6));
		json_object_array_add(array,
		    json_object_new_string(address_format(&address, text)));
	}
	freeifaddrs(all);
	return (array);
}
