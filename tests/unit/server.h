/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * server.h - an HTTP server in a test, plain or with TLS, and what it answers.
 *
 *   GET, POST /echo   body, box of the certificate, header X-Test
 *   GET /busy         503 with Retry-After: 17
 *   GET /elsewhere    302
 *   GET /farewell     204 and closes the connection
 *   GET /hold         is held
 *   GET, POST /drop   the connection ends without an answer, once
 *
 * With TLS, its folder has the identities web (its own), nyc (a box), and false
 * (a box of another authority), and the authorities ca and stranger.
 */
#ifndef PHAROS_TESTS_UNIT_SERVER_H
#define PHAROS_TESTS_UNIT_SERVER_H

#include <openssl/ssl.h>
#include <stdbool.h>

struct event_base;
struct fetch_reply;
struct fetcher;

struct server {
	struct event_base *base;
	struct http *http;
	SSL_CTX *tls;
	int listener;
	char *dir, *url; /* http://localhost:PORT */
	int gone;        /* held clients that went */
	int drops;       /* requests to /drop */
};

/* cmocka setup and teardown; *state is the struct server. */
int server_make_plain(void **state);
int server_make_tls(void **state);
int server_remove(void **state);
char *server_file(const struct server *server, const char *name); /* free() */

struct answer {
	bool done;
	int status;
	char why[512], body[512], etag[16];
	long retry_after;
};

/* A fetch_done whose arg is a struct answer. */
void answer_take(void *arg, const struct fetch_reply *reply);
/* Asks with the header "X-Test: yes" and waits for the answer. */
void answer_await(struct answer *answer, struct server *server,
    struct fetcher *fetcher, const char *method, const char *path,
    const char *body);

#endif
