/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * channel.h - JSON objects, one a line, over a stream socket.
 *
 * The talk between a parent and its children. A line over CHANNEL_MOST, or less
 * where that is said, or one that is no JSON object closes the channel with the
 * reason: the other end is broken. Callbacks come from the event loop only.
 */
#ifndef PHAROS_COMMON_CHANNEL_H
#define PHAROS_COMMON_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>

#define CHANNEL_MOST (8 * 1024 * 1024)

struct channel;
struct event_base;
struct json_object;

/* message is borrowed for the call; the channel may be freed in it. */
typedef void (*channel_message)(void *arg, struct json_object *message);
/* why is NULL for a plain end of file. The channel may be freed in it. */
typedef void (*channel_closed)(void *arg, const char *why);

/* Takes fd over. SIGPIPE is ignored in this process from then on. */
struct channel *channel_new(struct event_base *base, int fd,
    channel_message message, channel_closed closed, void *arg);
void channel_free(struct channel *channel); /* NULL is fine */
/* No line that comes may have more bytes: what is parsed takes many times as
 * much memory. */
void channel_limit(struct channel *channel, size_t most);
/* Each line is shown before it is parsed, in the same manner as a message; true:
 * that was all, it is no message any more. */
typedef bool (*channel_line)(void *arg, const char *line, size_t length);
void channel_lines(struct channel *channel, channel_line show);
/* Takes over the reference. What is sent after the other end went is lost. */
void channel_send(struct channel *channel, struct json_object *message);
/* The same of one that is text already, its newline included. */
void channel_send_line(
    struct channel *channel, const char *line, size_t length);
/* Nothing more is sent: the other end reads end of file behind what is
 * pending, and what it still says arrives. */
void channel_finish(struct channel *channel);
size_t channel_pending(const struct channel *channel); /* bytes not yet sent */

#endif
