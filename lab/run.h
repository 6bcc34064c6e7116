/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * run.h - where a lab that is up can be found, and how it is spoken to.
 *
 * A lab is one process, pharos-lab, that is the init process of a PID namespace
 * of its own and has a mount namespace of its own: when it dies, for whatever
 * reason, the kernel ends everything that ran in the lab and with that its
 * network namespaces and mounts. Nothing else needs to be removed but its
 * folder and its cgroup, which `pharos lab down` and the next `up` do.
 *
 * RUN/NAME/ (RUN is /run/pharos/lab, or $XDG_RUNTIME_DIR/pharos/lab for others
 * than root; PHAROS_LAB names another) holds:
 *
 *   lock      held (flock) by pharos-lab while it lives
 *   pid       its pid outside
 *   cgroup    the path of its cgroup, if it has one
 *   control   HTTP on a Unix socket, below
 *   log       what pharos-lab said; log-NODE what its daemons said
 *   topology  the file, as read
 *   node-NODE what its daemons keep
 *
 * GET  /v1/lab                    {"name", "up": seconds, "converged": bool,
 *                                  "ready": bool, "page", "nodes":
 *                                  [..], "links": [..]}; ready: its agents have
 *                                  enrolled as well; page: the collector's URL
 * POST /v1/links/{link}/fail|cut|restore
 *                                 {"after_hello": seconds}, optional: so long
 *                                 after the next OSPF hello on it
 * POST /v1/links/{link}/set       an object by way_options, and "back"
 * POST /v1/links/{link}/truth     {"on": true}: every packet is recorded from now
 *                                 on; false: no more: {"file","verdicts"}, for
 *                                 truth_read; a link by netem has no verdicts
 * GET  /v1/events                 NDJSON, held open: {"time", "event", "link"|"node",
 *                                  ...} as things happen to the links, after a first
 *                                  "listening"
 * POST /v1/events                 those of the file begin now, if they were to wait
 * POST /v1/down                   ends it in order
 *
 * A node's network namespace is /proc/PID/fd/N with PID of pharos-lab and N from
 * "nodes" ("fd"); commands also enter its mount, PID and user namespaces, so
 * that they end with it, and the node's cgroup if it has one ("share").
 */
#ifndef PHAROS_LAB_RUN_H
#define PHAROS_LAB_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct error;

char *run_folder(const char *name); /* of a lab; the caller's to free */
char *run_path(const char *name, const char *file); /* in it; likewise */
/* Names of all labs there are, up or dead, ends with NULL; run_free_names. */
char **run_names(void);
void run_free_names(char **names);
bool run_alive(const char *name); /* is its lock held? */
pid_t run_pid(const char *name);  /* of pharos-lab; 0: unknown */
/* Makes the folder, empty, of a lab that is not up. */
int run_prepare(const char *name, struct error *err);
/* Takes the lock for this process: the descriptor, or -1. */
int run_claim(const char *name, struct error *err);
/* Ends a lab at once, if it lives, and waits until all of it is gone. */
int run_kill(const char *name, struct error *err);
/* Waits until it has gone by itself; false: not within so many ms. */
bool run_wait(const char *name, int ms);
/* Removes what a dead lab left: folder and cgroup. */
int run_clear(const char *name, struct error *err);

#endif
