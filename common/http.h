/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * http.h - an HTTP/1.1 server on libevent, plain, over TLS or on a Unix socket.
 *
 * Answers are JSON; errors are RFC 9457 problem documents that name the cause
 * and the cure. Limits on header and body are set per server.
 */
#ifndef PHAROS_COMMON_HTTP_H
#define PHAROS_COMMON_HTTP_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct evbuffer;
struct event_base;
struct http;
struct http_request;
struct json_object;

#define HTTP_GET 1u
#define HTTP_POST 2u
#define HTTP_DELETE 4u

typedef void (*http_handler)(struct http_request *request, void *arg);

/* tls may be NULL (borrowed otherwise). body_most in bytes: more is 413.
 * idle_seconds: a connection that sends nothing for that long is closed,
 * unless a request of it is held. */
struct http *http_new(
    struct event_base *base, SSL_CTX *tls, size_t body_most, int idle_seconds);
/* Closes connections; what is held is void then, gone is not called. NULL is
 * fine. */
void http_free(struct http *http);
/* Frees a server's loop, when all that was on it is gone, the server, too. Not
 * event_base_free: a TLS stream that has just written is told so later in that
 * turn and belongs to that call until then. When the loop was broken off before,
 * the call would be dropped and the stream never be freed. */
void http_free_loop(struct event_base *base);
/* Beyond so many connections newcomers wait, and those that have never made a
 * request go first; a request must be whole within so many seconds, of its
 * connection's start or of idle_seconds after the last answer. Unsaid: what
 * RLIMIT_NOFILE has room for, and 60. */
void http_limit(struct http *http, size_t connections, int request_seconds);
struct http_load {
	size_t connections;
	uint64_t ended; /* for want of a request in time, or of room */
	bool full;      /* newcomers wait */
};
void http_load(struct http *http, struct http_load *load);
/* Whose the request's connection is from here on, "a" or "a/b"; "a" leaves an
 * "a/b" as it is, and means it, too, in what follows. */
void http_mark(struct http_request *request, const char *whose);
/* Ends all connections of his, but for those whose last answer (Connection:
 * close) is under way. */
void http_end(struct http *http, const char *whose);
/* Has he a connection? */
bool http_has(struct http *http, const char *whose);
int http_listen(struct http *http, int fd); /* takes fd over */
/* "/api/v1/matrix/{test}": a {name} matches one decoded segment; a last {*}
 * matches the rest. A path with "." or ".." in it is refused. Routes are tried
 * in the order they were added. Methods are or-ed; HEAD goes with GET. No
 * route: 404; wrong method: 405. */
void http_route(struct http *http, unsigned methods, const char *pattern,
    http_handler handler, void *arg);
/* The same for GET, with the names that the query may have; they end with NULL and
 * are borrowed. Another is answered 400, naming it and these. */
void http_route_query(struct http *http, const char *pattern,
    const char *const *names, http_handler handler, void *arg);

/* Valid until the answer. NULL when there is none. */
const char *http_param(struct http_request *request, const char *name);
const char *http_query(struct http_request *request, const char *name);
const char *http_header(struct http_request *request, const char *name);
const char *http_path(struct http_request *request); /* decoded, no query */
unsigned http_method(struct http_request *request);
struct evbuffer *http_body(struct http_request *request);
/* The body as a JSON object; NULL after it has answered 400 itself. */
struct json_object *http_body_json(struct http_request *request);
/* What the peer presented (new reference) or NULL. It has the key to it; who
 * signed it, and whether it is still good, is for tls_verify to say. */
X509 *http_certificate(struct http_request *request);
const char *http_peer(struct http_request *request); /* address, for the log */
/* A handler answers now, or calls this and somebody answers later. gone is
 * called, from the loop, if the client goes first; the request is void after
 * it. Every request is answered exactly once or goes. */
void http_hold(struct http_request *request,
    void (*gone)(struct http_request *request, void *arg), void *arg);

/* An answer that goes on: its headers leave now, parts follow from the loop. Held
 * until http_stream_end; gone as with http_hold, also when the client has taken
 * nothing for so many seconds. False: it has been answered (HEAD). */
bool http_stream(struct http_request *request, const char *type,
    int patience_seconds, void (*gone)(struct http_request *request, void *arg),
    void *arg);
/* Bytes that the client has not taken yet, those in the kernel left out. */
size_t http_stream_waiting(struct http_request *request);
/* Drains the part, which stays the caller's. */
void http_stream_send(struct http_request *request, struct evbuffer *part);
void http_stream_end(struct http_request *request);
/* Cuts the answer off, so that nobody takes it for a whole one; gone follows. */
void http_stream_break(struct http_request *request);

void http_set_header(
    struct http_request *request, const char *name, const char *value);
/* Takes over the JSON reference. */
void http_reply_json(
    struct http_request *request, int status, struct json_object *json);
/* Drains the buffer, which stays the caller's. body may be NULL. */
void http_reply(struct http_request *request, int status, const char *type,
    struct evbuffer *body);
/* application/problem+json: {"type":"about:blank","title":..,"status":..,
 * "detail":..} */
void http_problem(struct http_request *request, int status, const char *title,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#endif
