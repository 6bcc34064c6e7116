/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * http_parts.h - what the files of the HTTP server share; not for others.
 */
#ifndef PHAROS_COMMON_HTTP_PARTS_H
#define PHAROS_COMMON_HTTP_PARTS_H

#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdbool.h>
#include <sys/queue.h>

#include "common/http.h"

#define HTTP_PARAMS 8         /* {names} in one pattern */
#define HTTP_HELD_INPUT 65536 /* bytes a held client may send ahead */

struct http_guard;

struct http_route {
	unsigned methods;
	char *pattern;
	const char *const *names; /* that the query may have; NULL: any */
	http_handler handler;
	void *arg;
};

struct http {
	struct event_base *base;
	SSL_CTX *tls;
	struct evhttp *server;
	struct http_guard *guard;
	size_t body_most;
	int idle_seconds;
	struct http_route *routes;
	size_t count;
	bool closing; /* libevent frees the requests itself */
};

struct http_params {
	size_t count;
	struct {
		char *name, *value;
	} list[HTTP_PARAMS];
};

struct http_request {
	struct http *http;
	struct evhttp_request *inner;
	struct evhttp_connection *connection;
	unsigned method; /* 0: none that we know */
	char *path;      /* decoded */
	char *peer;
	struct http_params params;
	struct evkeyvalq query;
	bool handling; /* its handler has not returned */
	bool answered;
	bool streams;        /* its answer has begun and goes on */
	struct event *watch; /* held: starts to look whether the client goes */
	void (*gone)(struct http_request *request, void *arg);
	void *gone_arg;
};

/* Fills path and query. -1: they are malformed. */
int http_take_apart(struct http_request *request);
/* Calls the handler of the first route that fits, or answers 404 or 405. */
void http_dispatch(struct http_request *request);
void http_params_clear(struct http_params *params);
/* It has been answered: the connection goes on without it. */
void http_let_go(struct http_request *request);

#endif
