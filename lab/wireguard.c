/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/wireguard.h"

#include <arpa/inet.h>

#include "common/memory.h"

char *
wireguard_node(const struct wireguard *ends)
{
	char inside[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &ends->inside, inside, sizeof(inside));
	return (memory_print("[Interface]\nPrivateKey = %s\nListenPort = %d\n"
			     "[Peer]\nPublicKey = %s\nAllowedIPs = %s/32\n",
	    ends->node->secret, WIREGUARD_PORT, ends->host->public, inside));
}

char *
wireguard_host(const struct wireguard *ends)
{
	char inside[INET_ADDRSTRLEN], outside[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &ends->inside, inside, sizeof(inside));
	inet_ntop(AF_INET, &ends->outside, outside, sizeof(outside));
	return (memory_print(
	    "# Enters the lab: wg-quick up THIS-FILE\n"
	    "# For all traffic, not the lab's alone: AllowedIPs = 0.0.0.0/0\n"
	    "[Interface]\nPrivateKey = %s\nAddress = %s/24\n"
	    "[Peer]\nPublicKey = %s\nEndpoint = %s:%d\n"
	    "AllowedIPs = 10.64.0.0/10\n",
	    ends->host->secret, inside, ends->node->public, outside,
	    WIREGUARD_PORT));
}
