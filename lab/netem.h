/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * netem.h - a way by the kernel's own emulator, tc-netem(8).
 *
 * Two queueing disciplines at the interface that sends: loss, corruption,
 * duplication and delay in the first, the rate and its queue in the second, so
 * that only packets that wait for the rate count against the queue. Packets must
 * not be larger than the MTU there: switch the offloads of a veth off.
 * Other than the emulator's, its corruption may hit the Ethernet header.
 */
#ifndef PHAROS_LAB_NETEM_H
#define PHAROS_LAB_NETEM_H

#include <stdbool.h>

#include "lab/way.h"

struct error;

#define NETEM_COMMANDS 2

/* Does the kernel have it, and tc? Tried in a network of its own. */
bool netem_here(void);
/* Can it do what the way asks for? 0, or -1 and what it cannot. */
int netem_check(const struct way *way, struct error *err);
/* The n-th command, "tc qdisc replace ...", that makes the interface this way,
 * whatever it was before; run them in order. netem_free it. */
char **netem_command(const struct way *way, const char *interface, unsigned n);
void netem_free(char **argv);

#endif
