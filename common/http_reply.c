/* SPDX-License-Identifier: BSD-2-Clause */
#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/http_parts.h"
#include "common/log.h"
#include "common/member.h"

#define TLS_RECORD 16384 /* bytes that fit in one */

const char *
http_header(struct http_request *request, const char *name)
{
	return (evhttp_find_header(
	    evhttp_request_get_input_headers(request->inner), name));
}

const char *
http_path(struct http_request *request)
{
	return (request->path);
}

unsigned
http_method(struct http_request *request)
{
	return (request->method);
}

const char *
http_peer(struct http_request *request)
{
	return (request->peer);
}

struct evbuffer *
http_body(struct http_request *request)
{
	return (evhttp_request_get_input_buffer(request->inner));
}

json_object *
http_body_json(struct http_request *request)
{
	struct evbuffer *body = http_body(request);
	size_t length = evbuffer_get_length(body);
	const char *text = (const char *)evbuffer_pullup(body, -1);
	struct error err;
	json_object *json =
	    member_parse(text != NULL ? text : "", length, &err);

	if (json != NULL && !json_object_is_type(json, json_type_object)) {
		error_set(&err, "expected a JSON object");
		json_object_put(json);
		json = NULL;
	}
	if (json == NULL)
		http_problem(
		    request, 400, "Bad Request", "the body: %s", err.text);
	return (json);
}

X509 *
http_certificate(struct http_request *request)
{
	SSL *ssl;

	if (request->http->tls == NULL)
		return (NULL);
	ssl = bufferevent_openssl_get_ssl(
	    evhttp_connection_get_bufferevent(request->connection));
	return (SSL_get1_peer_certificate(ssl));
}

void
http_set_header(
    struct http_request *request, const char *name, const char *value)
{
	struct evkeyvalq *headers =
	    evhttp_request_get_output_headers(request->inner);

	evhttp_remove_header(headers, name);
	evhttp_add_header(headers, name, value);
}

/* Each piece of the output makes a record of TLS and a segment of TCP; nothing
 * has been written yet, so that a short answer can be one. */
static void
make_one(struct bufferevent *stream)
{
	struct evbuffer *output = bufferevent_get_output(stream);
	size_t length = evbuffer_get_length(output);

	if (bufferevent_openssl_get_ssl(stream) != NULL && length > 0 &&
	    length <= TLS_RECORD && evbuffer_pullup(output, -1) == NULL)
		log_fatal("out of memory");
}

void
http_reply(struct http_request *request, int status, const char *type,
    struct evbuffer *body)
{
	struct evhttp_request *inner = request->inner;
	struct bufferevent *stream =
	    evhttp_connection_get_bufferevent(request->connection);
	char length[24];

	assert(!request->answered);
	if (body != NULL && type != NULL)
		http_set_header(request, "Content-Type", type);
	if (evhttp_request_get_command(inner) == EVHTTP_REQ_HEAD) {
		snprintf(length, sizeof(length), "%zu",
		    body != NULL ? evbuffer_get_length(body) : 0);
		http_set_header(request, "Content-Length", length);
		if (body != NULL)
			evbuffer_drain(body, evbuffer_get_length(body));
	}
	http_let_go(request);
	evhttp_send_reply(inner, status, NULL, body);
	/* a refusal that ends a large body would be followed by a reset */
	if (status < 300)
		make_one(stream);
}

static void
drop_json(const void *text, size_t length, void *json)
{
	json_object_put(json);
}

static void
reply_json(struct http_request *request, int status, const char *type,
    json_object *json)
{
	struct evbuffer *body = evbuffer_new();
	const char *text;
	size_t length;

	if (body == NULL)
		log_fatal("out of memory");
	text = json_object_to_json_string_length(json,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &length);
	/* the text lives in the tree, which lives until it is sent */
	evbuffer_add_reference(body, text, length, drop_json, json);
	http_reply(request, status, type, body);
	evbuffer_free(body);
}

void
http_reply_json(struct http_request *request, int status, json_object *json)
{
	reply_json(request, status, "application/json", json);
}

void
http_problem(struct http_request *request, int status, const char *title,
    const char *fmt, ...)
{
	json_object *problem = json_object_new_object();
	char detail[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(detail, sizeof(detail), fmt, args);
	va_end(args);
	member_add_text(problem, "type", "about:blank");
	member_add_text(problem, "title", title);
	member_add_whole(problem, "status", status);
	member_add_text(problem, "detail", detail);
	reply_json(request, status, "application/problem+json", problem);
}
