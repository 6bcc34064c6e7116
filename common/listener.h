/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * listener.h - listening sockets, opened here or inherited.
 *
 * Sockets may be handed over in systemd's way (LISTEN_PID, LISTEN_FDS,
 * LISTEN_FDNAMES); one with the wanted name is used instead of opening one.
 * TCP_NODELAY is set on each and inherited by what it accepts.
 */
#ifndef PHAROS_COMMON_LISTENER_H
#define PHAROS_COMMON_LISTENER_H

#include <stdbool.h>
#include <sys/socket.h>

struct error;

/* "127.0.0.1:8640", "[::1]:8641", "8641" (all addresses, both families). */
int listener_parse(
    const char *text, struct sockaddr_storage *address, struct error *err);
bool listener_is_loopback(const struct sockaddr_storage *address);
/* The descriptor, non-blocking and close-on-exec, or -1. */
int listener_open(const char *name, const char *text, struct error *err);
/* A Unix socket, 0660; a stale one of a dead process is replaced, a live one
 * is an error. */
int listener_open_unix(const char *path, struct error *err);

#endif
