/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fetch.h - an HTTP client: libcurl driven by libevent.
 *
 * Connections are kept and reused per fetcher. A fetch ends in exactly one
 * call of done, from the loop, unless it is cancelled. What is no GET or HEAD is
 * asked once: when its connection ends without an answer, the other end may have
 * done it, and whoever asked must know that before it is asked again.
 */
#ifndef PHAROS_COMMON_FETCH_H
#define PHAROS_COMMON_FETCH_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

struct error;
struct event_base;
struct fetch;
struct fetcher;
struct json_object;

/* All may be NULL: then no TLS identity, the system's trust. Paths are copied,
 * and read anew for each new connection, so renewed files are picked up; a
 * session that is resumed keeps, for two hours at most, what it began with,
 * unless fetcher_forget is called. */
struct fetcher_identity {
	const char *certificate, *key, *ca; /* PEM files */
	/* Instead of ca, for enrolment: 1 accepts the chain, 0 refuses it. Host
	 * names are still checked. */
	int (*verify)(X509_STORE_CTX *store, void *arg);
	void *arg;
};

/* identity may be NULL. SIGPIPE is ignored in this process from then on. */
struct fetcher *fetcher_new(struct event_base *base,
    const struct fetcher_identity *identity, struct error *err);
void fetcher_free(struct fetcher *fetcher); /* cancels what is under way */

/* Closes connections and forgets sessions, so that the next fetch begins with
 * what the files hold now. Nothing may be under way. */
void fetcher_forget(struct fetcher *fetcher);

struct fetch_reply {
	int status;       /* 0: no answer, and why says so */
	const char *why;  /* NULL when there was an answer; has the URL */
	const char *body; /* NUL-terminated, never NULL */
	size_t length;
	const char *etag; /* or NULL */
	long retry_after; /* seconds; 0: not said */
};

typedef void (*fetch_done)(void *arg, const struct fetch_reply *reply);

struct fetch_about {
	const char *method; /* "GET", "POST" */
	const char *url;
	const char *unix_socket;    /* path, or NULL */
	const char *const *headers; /* "Name: value", NULL-ended, or NULL */
	const void *body;           /* copied */
	size_t length;
	long timeout_ms; /* of the whole; 0: 30 s */
	size_t most;     /* of the reply; 0: 64 MiB */
	/* Unless NULL: given a 2xx answer's body as it comes, instead of the
	 * reply, for as long as it takes; false: enough, the fetch fails. Only
	 * ten minutes without a byte end it. */
	bool (*part)(void *arg, const char *data, size_t length);
	void *part_arg;
};

/* TLS 1.3 and HTTP/1.1 only; no proxy, no redirects. */
struct fetch *fetch_start(struct fetcher *fetcher,
    const struct fetch_about *about, fetch_done done, void *arg);
void fetch_cancel(struct fetch *fetch); /* done is not called; NULL is fine */

/* For command lines: runs a loop of its own until done. The JSON of a 2xx
 * answer (new reference; an empty object when it has no body), or NULL with the
 * URL and the problem's detail or the cause. */
struct json_object *fetch_json(const struct fetcher_identity *identity,
    const struct fetch_about *about, struct error *err);
/* And tells the status; 0: there was no answer. */
struct json_object *fetch_json_status(const struct fetcher_identity *identity,
    const struct fetch_about *about, int *status, struct error *err);
/* The same for an answer of any status. NULL when there was none, or one that
 * is no JSON. */
struct json_object *fetch_answer(const struct fetcher_identity *identity,
    const struct fetch_about *about, int *status, struct error *err);

#endif
