/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bird.h - BIRD 2 as a router's OSPF: v2 for IPv4, v3 for IPv6, one process.
 *
 * It runs in the foreground, says what it has to say on standard error, and
 * can be asked by "birdc -s FOLDER/bird.ctl". It needs no user of its own, so it
 * runs in a user namespace, too.
 */
#ifndef PHAROS_LAB_BIRD_H
#define PHAROS_LAB_BIRD_H

#include <stddef.h>
#include <stdio.h>

struct topology;

void bird_write(const struct topology *topology, size_t node, FILE *out);

#endif
