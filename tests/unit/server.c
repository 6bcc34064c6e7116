/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/server.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/fetch.h"
#include "common/http.h"
#include "common/listener.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/tls.h"
#include "tests/unit/authority.h"
#include "tests/unit/folder.h"
#include "tests/unit/loop.h"

#define IDLE 1 /* seconds */

/* As intake does. */
static void
identify(struct server *server, struct http_request *request,
    char box[static NAME_TEXT])
{
	X509 *certificate = http_certificate(request);
	char *path = server_file(server, "ca.crt");
	X509 *ca = tls_read_certificate(path, NULL);

	if (certificate != NULL && tls_verify(certificate, ca, NULL) == 0)
		tls_box(certificate, box, NULL);
	X509_free(certificate);
	X509_free(ca);
	free(path);
}

static void
on_echo(struct http_request *request, void *arg)
{
	json_object *json = json_object_new_object();
	char box[NAME_TEXT] = "nobody", text[64];
	ev_ssize_t n =
	    evbuffer_copyout(http_body(request), text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	identify(arg, request, box);
	member_add_text(json, "body", text);
	member_add_text(json, "box", box);
	member_add_text(json, "x", http_header(request, "X-Test"));
	http_set_header(request, "ETag", "\"7\"");
	http_reply_json(request, 200, json);
}

static void
on_busy(struct http_request *request, void *arg)
{
	http_set_header(request, "Retry-After", "17");
	http_problem(request, 503, "Service Unavailable",
	    "the disk is nearly full; make room");
}

static void
on_elsewhere(struct http_request *request, void *arg)
{
	http_set_header(request, "Location", "/echo");
	http_reply(request, 302, NULL, NULL);
}

static void
on_farewell(struct http_request *request, void *arg)
{
	http_set_header(request, "Connection", "close");
	http_reply(request, 204, NULL, NULL);
}

static void
on_gone(struct http_request *request, void *arg)
{
	struct server *server = arg;

	server->gone++;
}

static void
on_hold(struct http_request *request, void *arg)
{
	http_hold(request, on_gone, arg);
}

static void
end_connection(evutil_socket_t fd, short what, void *arg)
{
	struct server *server = arg;

	http_end(server->http, "dropped");
}

static void
on_drop(struct http_request *request, void *arg)
{
	static const struct timeval at_once = {0, 0};
	struct server *server = arg;

	if (server->drops++ > 0) {
		http_reply(request, 204, NULL, NULL);
		return;
	}
	http_mark(request, "dropped");
	http_hold(request, on_gone, arg);
	event_base_once(
	    server->base, -1, EV_TIMEOUT, end_connection, server, &at_once);
}

static void
serve(struct server *server)
{
	struct sockaddr_in address = {0};
	socklen_t length = sizeof(address);
	struct http *http;

	server->listener = listener_open("test", "127.0.0.1:0", NULL);
	assert_true(server->listener >= 0);
	getsockname(server->listener, (struct sockaddr *)&address, &length);
	server->url = memory_print("%s://localhost:%d",
	    server->tls != NULL ? "https" : "http", ntohs(address.sin_port));
	server->base = event_base_new();
	http = http_new(server->base, server->tls, 100000, IDLE);
	http_route(http, HTTP_GET | HTTP_POST, "/echo", on_echo, server);
	http_route(http, HTTP_GET, "/busy", on_busy, NULL);
	http_route(http, HTTP_GET, "/elsewhere", on_elsewhere, NULL);
	http_route(http, HTTP_GET, "/farewell", on_farewell, NULL);
	http_route(http, HTTP_GET, "/hold", on_hold, server);
	http_route(http, HTTP_GET | HTTP_POST, "/drop", on_drop, server);
	server->http = http;
	assert_int_equal(http_listen(http, server->listener), 0);
}

int
server_make_plain(void **state)
{
	struct server *server = memory_new(1, sizeof(*server));

	*state = server;
	serve(server);
	return (0);
}

char *
server_file(const struct server *server, const char *name)
{
	return (memory_print("%s/%s", server->dir, name));
}

int
server_make_tls(void **state)
{
	struct server *server = memory_new(1, sizeof(*server));
	struct authority fleet, stranger;
	char *chain, *key, *ca;

	*state = server;
	folder_make((void **)&server->dir);
	authority_make(&fleet, "fleet");
	authority_make(&stranger, "stranger");
	authority_write(&fleet, server->dir, "ca");
	authority_write(&stranger, server->dir, "stranger");
	authority_issue(&fleet, server->dir, "web", "DNS:localhost");
	authority_issue(&fleet, server->dir, "nyc", "URI:pharos:box/nyc");
	authority_issue(&stranger, server->dir, "false", "URI:pharos:box/nyc");
	authority_clear(&fleet);
	authority_clear(&stranger);
	chain = server_file(server, "web.crt");
	key = server_file(server, "web.key");
	ca = server_file(server, "ca.crt");
	server->tls = tls_server(chain, key, ca, NULL);
	free(chain);
	free(key);
	free(ca);
	serve(server);
	return (0);
}

int
server_remove(void **state)
{
	struct server *server = *state;

	http_free(server->http);
	http_free_loop(server->base);
	SSL_CTX_free(server->tls);
	free(server->url);
	if (server->dir != NULL)
		folder_remove((void **)&server->dir);
	free(server);
	return (0);
}

void
answer_take(void *arg, const struct fetch_reply *reply)
{
	struct answer *answer = arg;

	assert_false(answer->done);
	answer->done = true;
	answer->status = reply->status;
	answer->retry_after = reply->retry_after;
	assert_int_equal(strlen(reply->body), reply->length);
	snprintf(answer->body, sizeof(answer->body), "%s", reply->body);
	snprintf(answer->why, sizeof(answer->why), "%s",
	    reply->why != NULL ? reply->why : "");
	snprintf(answer->etag, sizeof(answer->etag), "%s",
	    reply->etag != NULL ? reply->etag : "");
}

void
answer_await(struct answer *answer, struct server *server,
    struct fetcher *fetcher, const char *method, const char *path,
    const char *body)
{
	char *full = memory_print("%s%s", server->url, path);
	const char *const headers[] = {"X-Test: yes", NULL};
	const struct fetch_about about = {
	    .method = method,
	    .url = full,
	    .headers = headers,
	    .body = body,
	    .length = body != NULL ? strlen(body) : 0,
	};

	memset(answer, 0, sizeof(*answer));
	fetch_start(fetcher, &about, answer_take, answer);
	free(full); /* is copied */
	loop_until(server->base, &answer->done);
}
