/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/link.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <linux/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/log.h"
#include "common/memory.h"

#define TLS_RECORD 16384 /* bytes that fit in one */

struct link {
	struct event_base *base;
	SSL_CTX *tls;
	X509 *certificate;
	EVP_PKEY *key;
	const struct link_calls *calls;
	void *arg;
	struct bufferevent *stream;
	bool in_body; /* the head has been read */
	int status;
	size_t length; /* of the body */
	char etag[80];
};

struct link *
link_new(struct event_base *base, SSL_CTX *tls, X509 *certificate,
    EVP_PKEY *key, const struct link_calls *calls, void *arg)
{
	struct link *link = memory_new(1, sizeof(*link));

	*link = (struct link){.base = base,
	    .tls = tls,
	    .certificate = certificate,
	    .key = key,
	    .calls = calls,
	    .arg = arg};
	return (link);
}

void
link_close(struct link *link)
{
	if (link->stream != NULL)
		bufferevent_free(link->stream);
	link->stream = NULL;
	link->in_body = false;
}

void
link_free(struct link *link)
{
	if (link == NULL)
		return;
	link_close(link);
	free(link);
}

static void
read_header(struct link *link, const char *line)
{
	if (strncmp(line, "HTTP/1.", 7) == 0)
		link->status = atoi(line + 9);
	else if (strncasecmp(line, "Content-Length:", 15) == 0)
		link->length = strtoul(line + 15, NULL, 10);
	else if (strncasecmp(line, "ETag: ", 6) == 0)
		snprintf(link->etag, sizeof(link->etag), "%s", line + 6);
}

/* True when the empty line was among what is there. */
static bool
read_head(struct link *link, struct evbuffer *in)
{
	char *line;

	while ((line = evbuffer_readln(in, NULL, EVBUFFER_EOL_CRLF)) != NULL) {
		bool end = *line == '\0';

		read_header(link, line);
		free(line);
		if (end)
			return (true);
	}
	return (false);
}

static void
on_read(struct bufferevent *stream, void *arg)
{
	struct link *link = arg;
	struct evbuffer *in = bufferevent_get_input(stream);
	char *body;

	if (!link->in_body)
		link->in_body = read_head(link, in);
	if (!link->in_body || evbuffer_get_length(in) < link->length)
		return;
	link->in_body = false;
	body = memory_new(link->length + 1, 1);
	evbuffer_remove(in, body, link->length);
	link->calls->answer(
	    link->arg, link->status, link->etag, body, link->length);
	free(body);
}

static void
on_event(struct bufferevent *stream, short what, void *arg)
{
	struct link *link = arg;

	if ((what & BEV_EVENT_CONNECTED) != 0) {
		link->calls->ready(link->arg);
		return;
	}
	link_close(link);
	link->calls->closed(link->arg);
}

static SSL *
new_ssl(const struct link *link)
{
	SSL *ssl = SSL_new(link->tls);

	if (ssl == NULL || SSL_use_certificate(ssl, link->certificate) != 1 ||
	    SSL_use_PrivateKey(ssl, link->key) != 1)
		log_fatal("TLS: the identity cannot be used");
	return (ssl);
}

/* Thousands of connections need more ports than one address has. */
static int
bound_socket(const struct sockaddr_in *from)
{
	static const int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd == -1)
		log_fatal("socket");
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (bind(fd, (const struct sockaddr *)from, sizeof(*from)) == -1)
		log_fatal("bind");
	return (fd);
}

void
link_open(struct link *link, const struct sockaddr_in *from,
    const struct sockaddr_in *to)
{
	link_close(link);
	link->stream = bufferevent_openssl_socket_new(link->base,
	    bound_socket(from), new_ssl(link), BUFFEREVENT_SSL_CONNECTING,
	    BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	if (link->stream == NULL)
		log_fatal("out of memory");
	bufferevent_openssl_set_allow_dirty_shutdown(link->stream, 1);
	bufferevent_setcb(link->stream, on_read, NULL, on_event, link);
	bufferevent_enable(link->stream, EV_READ | EV_WRITE);
	/* what fails at once is told by on_event, too */
	bufferevent_socket_connect(
	    link->stream, (const struct sockaddr *)to, sizeof(*to));
}

/* As libcurl sends a body behind its head: each piece of the output makes a
 * record of TLS. */
static void
make_one(struct evbuffer *out)
{
	size_t length = evbuffer_get_length(out);

	if (length > TLS_RECORD)
		length = TLS_RECORD;
	if (evbuffer_pullup(out, (ev_ssize_t)length) == NULL)
		log_fatal("out of memory");
}

void
link_ask(struct link *link, const char *method, const char *path,
    const char *headers, const void *body, size_t length)
{
	struct evbuffer *out = bufferevent_get_output(link->stream);

	link->length = 0;
	link->etag[0] = '\0';
	evbuffer_add_printf(out,
	    "%s %s HTTP/1.1\r\nHost: collector\r\nAccept: */*\r\n%s"
	    "Content-Length: %zu\r\n\r\n",
	    method, path, headers, length);
	evbuffer_add(out, body, length);
	make_one(out);
}
