/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tls_buffers.h - OpenSSL's large buffers, kept apart from what lasts.
 *
 * Handshakes need three of about 20 kB each, for a moment: to read, to write, to
 * gather messages. On the heap they leave holes among the small things
 * that a connection keeps. Here they have memory of their own, given back to
 * the system but for a few.
 */
#ifndef PHAROS_COMMON_TLS_BUFFERS_H
#define PHAROS_COMMON_TLS_BUFFERS_H

#include <stdbool.h>

/* For a process that has OpenSSL in one thread only, before all else of it.
 * False: nothing has changed, for it was too late. */
bool tls_buffers_apart(void);

#endif
