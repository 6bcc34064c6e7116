/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * netns.h - doing something in another network namespace.
 *
 * A namespace is a descriptor; it lives as long as that is open. Only the
 * calling thread is moved, and moved back.
 */
#ifndef PHAROS_LAB_NETNS_H
#define PHAROS_LAB_NETNS_H

struct error;

/* A new, empty one; -1 with err. */
int netns_new(struct error *err);
/* One by its path, such as /proc/PID/ns/net; -1 with err. */
int netns_open(const char *path, struct error *err);
/* What call returns, made in there; -1 with err when it cannot be entered. */
int netns_call(int netns, int (*call)(void *arg, struct error *err), void *arg,
    struct error *err);

#endif
