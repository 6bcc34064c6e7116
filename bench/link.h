/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * link.h - one TLS connection to a collector, as many of them as one likes.
 *
 * libcurl is what agents use; ten thousand of it would measure libcurl. One
 * request at a time, answers with a Content-Length or without a body.
 */
#ifndef PHAROS_BENCH_LINK_H
#define PHAROS_BENCH_LINK_H

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stddef.h>

struct event_base;
struct evbuffer;
struct link;

struct link_calls {
	void (*ready)(void *arg); /* the handshake is done */
	void (*answer)(void *arg, int status, const char *etag,
	    const char *body, size_t length);
	void (*closed)(void *arg); /* by the other side, or never opened */
};

/* The identity is borrowed; from is the address to connect from. */
struct link *link_new(struct event_base *base, SSL_CTX *tls, X509 *certificate,
    EVP_PKEY *key, const struct link_calls *calls, void *arg);
void link_free(struct link *link); /* NULL is fine */
void link_open(struct link *link, const struct sockaddr_in *from,
    const struct sockaddr_in *to);
void link_close(struct link *link); /* without a word; it may be opened again */
/* Headers end with a newline each. */
void link_ask(struct link *link, const char *method, const char *path,
    const char *headers, const void *body, size_t length);

#endif
