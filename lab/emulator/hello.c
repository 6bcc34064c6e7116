/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/emulator/hello.h"

#define ETHERNET 14
#define OSPF 89
#define HELLO 1 /* type, the second byte of an OSPF packet */

static bool
is_hello_at(const uint8_t *frame, size_t length, size_t at)
{
	return (length >= at + 2 && frame[at + 1] == HELLO);
}

bool
hello_is(const uint8_t *frame, size_t length)
{
	const uint8_t *ip = frame + ETHERNET;
	unsigned type;

	if (length < ETHERNET + 20)
		return (false);
	type = (unsigned)frame[12] << 8 | frame[13];
	if (type == 0x0800 && ip[9] == OSPF)
		return (is_hello_at(
		    frame, length, ETHERNET + (size_t)(ip[0] & 15) * 4));
	return (type == 0x86dd && ip[6] == OSPF &&
		is_hello_at(frame, length, ETHERNET + 40));
}
