/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fetch_parts.h - what the files of the HTTP client share; not for others.
 */
#ifndef PHAROS_COMMON_FETCH_PARTS_H
#define PHAROS_COMMON_FETCH_PARTS_H

#include <curl/curl.h>
#include <event2/event.h>
#include <stdbool.h>
#include <sys/queue.h>

#include "common/fetch.h"

struct fetch {
	TAILQ_ENTRY(fetch) next;
	struct fetcher *fetcher;
	CURL *easy;
	struct curl_slist *headers;
	char *place; /* for messages */
	fetch_done done;
	void *arg;
	char *body;
	size_t length, room, most;
	bool too_large;
	bool once, asked; /* a request may be made once only; it has been */
	bool cut;         /* it would have been made again */
	bool (*part)(void *arg, const char *data, size_t length); /* or NULL */
	void *part_arg;
	CURLcode result;
	struct event *finish; /* activated with the result: calls done */
	bool finished;        /* done is being called */
	char error[CURL_ERROR_SIZE];
};

struct fetcher {
	struct event_base *base;
	CURLM *multi;
	CURLSH *share; /* TLS sessions: to resume one takes 1.2 kB, not 2.3 */
	struct event *timer;
	struct fetcher_identity identity;
	TAILQ_HEAD(, fetch) fetches;
};

#endif
