/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * speakers.h - the routing daemons of a node: their files and command lines.
 *
 * Hosts have none, nor has anybody with static routing. All run in the
 * foreground in the node's network namespace and say what they have to say on
 * standard output and error. They may all be started at once: each waits
 * for those before it by itself.
 */
#ifndef PHAROS_LAB_SPEAKERS_H
#define PHAROS_LAB_SPEAKERS_H

#include <stddef.h>

struct error;
struct topology;

#define SPEAKERS_MOST 4 /* of one node */

size_t speakers_count(const struct topology *topology, size_t node);
const char *speakers_name(
    const struct topology *topology, size_t node, size_t which); /* "bird" */
/* Writes the configuration of each of them, FOLDER/NAME.conf, and makes what they
 * need in /run, which is the lab's own. They must be able to reach the folder. */
int speakers_write(const struct topology *topology, size_t node,
    const char *folder, struct error *err);
/* NULL-ended, argv[0] is in PATH or a path; speakers_free_argv it. */
char **speakers_argv(const struct topology *topology, size_t node, size_t which,
    const char *folder);
void speakers_free_argv(char **argv);

#endif
