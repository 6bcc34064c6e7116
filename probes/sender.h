/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sender.h - a thread that hands packets to the kernel beside the loop.
 *
 * Within one host the kernel does the whole round trip inside the call that
 * sends, so that a loop that sends alone uses one processor for everything.
 * The thread takes full queues of plain packets (echo.h) and has a socket of its
 * own, which is locked while a packet leaves and receives nothing: answers come
 * to the loop's. It calls nobody: what became of a packet is told by
 * sender_tell, from the loop.
 */
#ifndef PHAROS_PROBES_SENDER_H
#define PHAROS_PROBES_SENDER_H

#include <stdbool.h>

#define SENDER_QUEUES 4 /* one that leaves, others that wait */

struct echo_calls;
struct echo_queue;
struct probe_host;
struct sender;

/* fd is borrowed. NULL: there is one processor only, or no thread to be had. */
struct sender *sender_new(int fd, const struct probe_host *host);
/* What it has taken still leaves; NULL is fine. */
void sender_free(struct sender *sender);

/* Takes the queue and gives an empty one for it, which it will have back in the
 * end. NULL: it has SENDER_QUEUES of which not all has been told. */
struct echo_queue *sender_take(struct sender *sender, struct echo_queue *queue);
/* Tells of the packets that have left since; false: not all have. settle: of all
 * whose answers can have been read, so one that is just leaving is waited for. */
bool sender_tell(
    struct sender *sender, const struct echo_calls *calls, bool settle);
/* Until all that it took has left. */
void sender_wait(struct sender *sender);

#endif
