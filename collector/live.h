/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * live.h - GET /api/v1/live: server-sent events of what changes in a matrix.
 *
 * A client watches one test, or several at once for it has but six connections.
 * All who watch the same view share one look at it, at most once a second and
 * never more than a tenth of the time. A client that has not taken its last
 * message gets no other; later it gets all it has missed at once, or is dropped.
 */
#ifndef PHAROS_COLLECTOR_LIVE_H
#define PHAROS_COLLECTOR_LIVE_H

#include <stddef.h>

struct live;
struct web;

struct live *live_new(struct web *web); /* web is borrowed */
/* The server's requests are void already. NULL is fine. */
void live_free(struct live *live);
/* The fleet goes: all are sent away, and will come back to the new one. */
void live_forget(struct live *live);
size_t live_clients(const struct live *live);

#endif
