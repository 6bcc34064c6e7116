/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * client.h - a bare client in a test: sends text, keeps all that comes.
 */
#ifndef PHAROS_TESTS_UNIT_CLIENT_H
#define PHAROS_TESTS_UNIT_CLIENT_H

#include <stdbool.h>

struct bufferevent;
struct event_base;

struct client {
	struct event_base *base;
	struct bufferevent *stream;
	char *text; /* all that came */
	bool closed;
};

/* Connects to the socket that this descriptor listens on. */
void client_open(struct client *client, struct event_base *base, int listener);
void client_close(struct client *client);
void client_send(struct client *client, const char *text);
/* Runs the loop until this text has come; fails the test after 10 s. */
void client_await(struct client *client, const char *text);

#define CLIENT_GET(path) "GET " path " HTTP/1.1\r\nHost: test\r\n\r\n"

#endif
