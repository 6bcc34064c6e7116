/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * http_guard.h - how many connections a server has, and how long each may take.
 *
 * A connection that says nothing, or sends its request byte by byte, is ended
 * when its time is over, however lively it looks; and sooner when room is
 * needed. What has made a whole request before is never ended for room: then
 * newcomers wait in the listener's queue. For http.c.
 *
 * A turn of the loop lets in so many and no more, so that those who are there are
 * served meanwhile: of a whole fleet that comes back at once, and has only so much
 * patience, some are soon done instead of all too late.
 */
#ifndef PHAROS_COMMON_HTTP_GUARD_H
#define PHAROS_COMMON_HTTP_GUARD_H

#include <stdbool.h>
#include <stddef.h>

#define HTTP_GUARD_AT_ONCE 64

struct bufferevent;
struct event_base;
struct evconnlistener;
struct http_guard;
struct http_load;

/* idle_seconds: how long libevent lets a connection rest between requests. */
struct http_guard *http_guard_new(struct event_base *base, int idle_seconds);
void http_guard_free(struct http_guard *guard);
/* As http_limit. */
void http_guard_limit(
    struct http_guard *guard, size_t connections, int request_seconds);
/* Accepts from it are ours to pause; it is borrowed. */
void http_guard_watch(
    struct http_guard *guard, struct evconnlistener *listener);

/* A connection is being made of this stream. */
void http_guard_came(struct http_guard *guard, struct bufferevent *stream);
/* Its request is complete; its time stands still until it is answered. */
void http_guard_asked(struct http_guard *guard, struct bufferevent *stream);
/* leaves: the answer is the connection's last. */
void http_guard_answered(
    struct http_guard *guard, struct bufferevent *stream, bool leaves);

/* As http_mark, http_end, http_has. */
void http_guard_mark(
    struct http_guard *guard, struct bufferevent *stream, const char *whose);
void http_guard_end(struct http_guard *guard, const char *whose);
bool http_guard_has(struct http_guard *guard, const char *whose);

void http_guard_load(struct http_guard *guard, struct http_load *load);

#endif
