/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * address.h - Internet addresses as text and back; no names are resolved here.
 */
#ifndef PHAROS_COMMON_ADDRESS_H
#define PHAROS_COMMON_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

union address {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

#define ADDRESS_TEXT 64

/* "192.0.2.1", "2001:db8::1", "fe80::1%eth0"; port in host order. IPv4 written as
 * "::ffff:192.0.2.1" is IPv4: no packet can have that as its address. */
bool address_parse(const char *text, uint16_t port, union address *address);
char *address_format(
    const union address *address, char text[static ADDRESS_TEXT]); /* no port */
int address_family(const union address *address); /* 4, 6; 0: neither */
socklen_t address_length(const union address *address);
bool address_equal(
    const union address *a, const union address *b); /* no port */

#endif
