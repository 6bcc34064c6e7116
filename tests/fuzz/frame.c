/* SPDX-License-Identifier: BSD-2-Clause */
/* Whatever passes a link can be described, and only numbers that fit are said. */
#include "lab/frame.h"

#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/target.h"

static void
check_number(long number, long most)
{
	if (number < -1 || number > most)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frame frame;

	frame_read(data, size, &frame);
	check_number(frame.source_port, 65535);
	check_number(frame.destination_port, 65535);
	check_number(frame.icmp_type, 255);
	check_number(frame.icmp_id, 65535);
	check_number(frame.icmp_sequence, 65535);
	if (strlen(frame.payload) % 2 != 0 ||
	    strlen(frame.protocol) >= sizeof(frame.protocol))
		abort();
	return (0);
}
