/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * netem.h - links by the kernel's own emulator, tc-netem(8).
 *
 *   node a            hub               node b
 *   to-b =====veth==== x -redirected-> y ====veth===== to-a
 *                        <-redirected-
 *
 * A link is two veth pairs that meet in a network of its own, the hub. The way
 * from a to b is at y, which sends to b: packets are stamped as they leave the
 * queue of an interface, so with the way at to-b nobody could see when they
 * entered it. Without carrier is a link whose x and y are down.
 *
 * A way is two queueing disciplines: loss, corruption, duplication and delay in
 * the first, the rate and its queue in the second, so that only packets that
 * wait for the rate count against the queue. Packets must not be larger than the
 * MTU: switch the offloads of to-a and to-b off. Other than the emulator's, its
 * corruption may hit the Ethernet header.
 */
#ifndef PHAROS_LAB_NETEM_H
#define PHAROS_LAB_NETEM_H

#include <stdbool.h>

#include "lab/way.h"

struct error;

#define NETEM_COMMANDS 2

/* Does the kernel have it, and tc? Tried in a network of its own, for every
 * part that is needed. */
bool netem_here(void);
/* Can it do what the way asks for? 0, or -1 and what it cannot. */
int netem_check(const struct way *way, struct error *err);
/* The n-th command, "tc qdisc replace ...", that makes the interface this way,
 * whatever it was before; run them in order. netem_free it. */
char **netem_command(const struct way *way, const char *interface, unsigned n);
void netem_free(char **argv);
/* The same, run in the hub's network. */
int netem_set(
    int hub, const char *interface, const struct way *way, struct error *err);
/* What arrives at x in the hub leaves at y, and the other way round. Once. */
int netem_join(int hub, const char *x, const char *y, struct error *err);
/* Every packet that would leave there is lost, and what is under way, until
 * netem_set. */
int netem_fail(int hub, const char *interface, struct error *err);

#endif
