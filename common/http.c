/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/http.h"

#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>

#include "common/error.h"
#include "common/http_guard.h"
#include "common/http_parts.h"
#include "common/log.h"
#include "common/memory.h"

#define HEADERS_MOST 16384
/* A body that is a little too large is read, so that the answer can be ours;
 * libevent refuses larger ones with a page of its own. */
#define BODY_SLACK (1024 * 1024)

static void
request_free(struct http_request *request)
{
	if (request->watch != NULL)
		event_free(request->watch);
	http_params_clear(&request->params);
	evhttp_clear_headers(&request->query);
	free(request->path);
	free(request->peer);
	free(request);
}

/* libevent closes the connection of a request that has not been answered. */
static void
on_close(struct evhttp_connection *connection, void *arg)
{
	struct http_request *request = arg;

	if (!request->http->closing) {
		if (request->gone != NULL)
			request->gone(request, request->gone_arg);
		evhttp_request_free(request->inner); /* has left us to it */
	}
	request_free(request);
}

static char *
peer_of(struct evhttp_connection *connection)
{
	struct bufferevent *stream =
	    evhttp_connection_get_bufferevent(connection);
	struct sockaddr_storage own = {0};
	socklen_t length = sizeof(own);
	char *address;
	ev_uint16_t port;

	getsockname(
	    bufferevent_getfd(stream), (struct sockaddr *)&own, &length);
	if (own.ss_family == AF_UNIX)
		return (memory_text("unix"));
	evhttp_connection_get_peer(connection, &address, &port);
	return (memory_text(address));
}

static unsigned
method_of(struct evhttp_request *inner)
{
	switch (evhttp_request_get_command(inner)) {
	case EVHTTP_REQ_GET:
	case EVHTTP_REQ_HEAD:
		return (HTTP_GET);
	case EVHTTP_REQ_POST:
		return (HTTP_POST);
	case EVHTTP_REQ_DELETE:
		return (HTTP_DELETE);
	default:
		return (0);
	}
}

static void
handle(struct http_request *request)
{
	size_t most = request->http->body_most;

	if (evbuffer_get_length(http_body(request)) > most)
		http_problem(request, 413, "Content Too Large",
		    "the body is over %zu bytes; send it in parts", most);
	else if (http_take_apart(request) != 0)
		http_problem(request, 400, "Bad Request",
		    "the request's path or query is malformed");
	else
		http_dispatch(request);
}

static void
on_request(struct evhttp_request *inner, void *arg)
{
	struct http_request *request = memory_new(1, sizeof(*request));

	request->http = arg;
	request->inner = inner;
	request->connection = evhttp_request_get_connection(inner);
	request->method = method_of(inner);
	request->peer = peer_of(request->connection);
	TAILQ_INIT(&request->query);
	evhttp_connection_set_closecb(request->connection, on_close, request);
	http_guard_asked(request->http->guard,
	    evhttp_connection_get_bufferevent(request->connection));
	request->handling = true;
	handle(request);
	request->handling = false;
	if (request->answered)
		request_free(request);
	else
		assert(request->watch != NULL || request->streams);
}

/* libevent looks away while a request is answered. Reading goes on here with
 * nobody to read, and so it sees the end. This may end the request at once. */
static void
on_watch(evutil_socket_t fd, short what, void *arg)
{
	struct http_request *request = arg;
	struct bufferevent *stream =
	    evhttp_connection_get_bufferevent(request->connection);
	bufferevent_data_cb read, write;
	bufferevent_event_cb event;
	void *event_arg;

	bufferevent_getcb(stream, &read, &write, &event, &event_arg);
	bufferevent_setcb(stream, NULL, write, event, event_arg);
	bufferevent_set_timeouts(stream, NULL, NULL);
	bufferevent_setwatermark(stream, EV_READ, 0, HTTP_HELD_INPUT);
	bufferevent_enable(stream, EV_READ);
}

void
http_hold(struct http_request *request,
    void (*gone)(struct http_request *request, void *arg), void *arg)
{
	const struct timeval at_once = {0};

	assert(request->handling && !request->answered);
	request->gone = gone;
	request->gone_arg = arg;
	request->watch = evtimer_new(request->http->base, on_watch, request);
	if (request->watch == NULL)
		log_fatal("out of memory");
	event_add(request->watch, &at_once);
}

static bool
is_last(struct http_request *request)
{
	const char *said = evhttp_find_header(
	    evhttp_request_get_output_headers(request->inner), "Connection");

	return (said != NULL && strcasecmp(said, "close") == 0);
}

void
http_let_go(struct http_request *request)
{
	struct evhttp_connection *connection = request->connection;

	http_guard_answered(request->http->guard,
	    evhttp_connection_get_bufferevent(connection), is_last(request));
	evhttp_connection_set_closecb(connection, NULL, NULL);
	if (request->watch != NULL || request->streams) {
		bufferevent_setwatermark(
		    evhttp_connection_get_bufferevent(connection), EV_READ, 0,
		    0);
		evhttp_connection_set_timeout(
		    connection, request->http->idle_seconds);
	}
	request->answered = true;
	if (!request->handling)
		request_free(request);
}

static struct bufferevent *
new_tls_stream(struct event_base *base, SSL_CTX *tls)
{
	SSL *ssl = SSL_new(tls);
	struct bufferevent *stream;

	if (ssl == NULL)
		log_fatal("out of memory");
	stream = bufferevent_openssl_socket_new(
	    base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
	if (stream != NULL)
		bufferevent_openssl_set_allow_dirty_shutdown(stream, 1);
	return (stream);
}

static struct bufferevent *
new_stream(struct event_base *base, void *arg)
{
	const struct http *http = arg;
	struct bufferevent *stream =
	    http->tls != NULL
		? new_tls_stream(base, http->tls)
		: bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);

	if (stream == NULL)
		log_fatal("out of memory");
	http_guard_came(http->guard, stream);
	return (stream);
}

/* What strangers make libevent say is nothing for the operator. */
static void
on_libevent_log(int severity, const char *text)
{
	if (severity == EVENT_LOG_ERR)
		log_warnx("libevent: %s", text);
	else
		log_debug("libevent: %s", text);
}

struct http *
http_new(
    struct event_base *base, SSL_CTX *tls, size_t body_most, int idle_seconds)
{
	struct http *http = memory_new(1, sizeof(*http));

	signal(SIGPIPE, SIG_IGN);
	event_set_log_callback(on_libevent_log);
	http->base = base;
	http->tls = tls;
	http->body_most = body_most;
	http->idle_seconds = idle_seconds;
	http->server = evhttp_new(base);
	if (http->server == NULL)
		log_fatal("out of memory");
	http->guard = http_guard_new(base, idle_seconds);
	evhttp_set_bevcb(http->server, new_stream, http);
	evhttp_set_timeout(http->server, idle_seconds);
	evhttp_set_max_headers_size(http->server, HEADERS_MOST);
	evhttp_set_max_body_size(
	    http->server, (ev_ssize_t)(body_most + BODY_SLACK));
	/* reads what is too large to its end, else the answer would be lost */
	evhttp_set_flags(http->server, EVHTTP_SERVER_LINGERING_CLOSE);
	/* all, so that the refusal is ours */
	evhttp_set_allowed_methods(http->server, (ev_uint16_t)~0u);
	evhttp_set_gencb(http->server, on_request, http);
	return (http);
}

void
http_free(struct http *http)
{
	if (http == NULL)
		return;
	http->closing = true;
	evhttp_free(http->server);
	http_guard_free(http->guard);
	for (size_t i = 0; i < http->count; i++)
		free(http->routes[i].pattern);
	free(http->routes);
	free(http);
}

void
http_free_loop(struct event_base *base)
{
	event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	event_base_free(base);
}

void
http_limit(struct http *http, size_t connections, int request_seconds)
{
	http_guard_limit(http->guard, connections, request_seconds);
}

void
http_load(struct http *http, struct http_load *load)
{
	http_guard_load(http->guard, load);
}

void
http_mark(struct http_request *request, const char *whose)
{
	http_guard_mark(request->http->guard,
	    evhttp_connection_get_bufferevent(request->connection), whose);
}

void
http_end(struct http *http, const char *whose)
{
	http_guard_end(http->guard, whose);
}

bool
http_has(struct http *http, const char *whose)
{
	return (http_guard_has(http->guard, whose));
}

int
http_listen(struct http *http, int fd)
{
	struct evhttp_bound_socket *bound =
	    evhttp_accept_socket_with_handle(http->server, fd);

	if (bound == NULL)
		return (-1);
	http_guard_watch(http->guard, evhttp_bound_socket_get_listener(bound));
	return (0);
}
