/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * netem.h - links by the kernel's own emulator, tc-netem(8).
 *
 *   node a            hub               node b
 *   to-b =====veth==== x --copied--> y ====veth===== to-a
 *                        <--copied--
 *
 * A link is two veth pairs that meet in a network of its own, the hub. The way
 * from a to b is at y, which sends to b: packets are stamped as they leave the
 * queue of an interface, so with the way at to-b nobody could see when they
 * entered it. A copy is sent on and the packet itself is dropped, or its sender,
 * who asked when it left, would be told again when it leaves y. Without carrier
 * is a link whose x and y are down.
 *
 * A way is two queueing disciplines: loss, corruption, duplication and delay in
 * the first, the rate and its queue in the second, so that only packets that
 * wait for the rate count against the queue. Other than the emulator's, its
 * corruption may hit the Ethernet header.
 */
#ifndef PHAROS_LAB_NETEM_H
#define PHAROS_LAB_NETEM_H

#include <stdbool.h>

#include "lab/way.h"

struct error;

#define NETEM_COMMANDS 2

/* Does the kernel have it, and tc? Tried in a network of its own, for every
 * part that is needed: 0, or -1 and what failed. */
int netem_try(struct error *err);
/* Can it do what the way asks for? 0, or -1 and what it cannot. */
int netem_check(const struct way *way, struct error *err);
/* The n-th command, "tc qdisc replace ...", that makes the interface this way,
 * whatever it was before; run them in order. netem_free it. */
char **netem_command(const struct way *way, const char *interface, unsigned n);
void netem_free(char **argv);
/* The same, run in the hub's network. */
int netem_set(
    int hub, const char *interface, const struct way *way, struct error *err);
/* An empty network that says nothing of its own; the descriptor, or -1. */
int netem_hub(struct error *err);
/* A veth pair: x in the hub, up, and this interface in a node's network, down,
 * with that Ethernet address ("02:..") and frames as on a wire, no larger than
 * the MTU and with their checksums. */
int netem_wire(int hub, const char *x, int net, const char *interface,
    const char *address, struct error *err);
/* Of what is at the other end of x. */
int netem_carrier(int hub, const char *x, bool on, struct error *err);
/* What arrives at x in the hub leaves at y, and the other way round. Once. */
int netem_join(int hub, const char *x, const char *y, struct error *err);
/* Every packet that would leave there is lost, and what is under way, until
 * netem_set. */
int netem_fail(int hub, const char *interface, struct error *err);

#endif
