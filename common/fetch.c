/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/fetch.h"

#include <stdlib.h>
#include <string.h>

#include "common/fetch_parts.h"
#include "common/log.h"
#include "common/memory.h"
#include "defines.h"

#define TIMEOUT_MS 30000
#define SILENCE 600L /* seconds, of an answer that comes in parts */
/* the least there is; a plan is asked for all the time */
#define BUFFER_UP 16384L
#define REPLY_MOST (64 * 1024 * 1024)

static void
fetch_free(struct fetch *fetch)
{
	event_free(fetch->finish);
	curl_easy_cleanup(fetch->easy);
	curl_slist_free_all(fetch->headers);
	free(fetch->place);
	free(fetch->body);
	free(fetch);
}

/* A part of an answer that is good. */
static bool
is_part(const struct fetch *fetch)
{
	long status = 0;

	if (fetch->part != NULL)
		curl_easy_getinfo(fetch->easy, CURLINFO_RESPONSE_CODE, &status);
	return (status >= 200 && status <= 299);
}

static size_t
on_body(char *data, size_t size, size_t count, void *arg)
{
	struct fetch *fetch = arg;
	size_t more = size * count;

	if (is_part(fetch))
		return (fetch->part(fetch->part_arg, data, more) ? more : 0);
	if (more > fetch->most - fetch->length) {
		fetch->too_large = true;
		return (0); /* not what came, so libcurl gives up */
	}
	if (fetch->length + more >= fetch->room) {
		fetch->room = (fetch->length + more) * 2;
		fetch->body = memory_resize(fetch->body, fetch->room, 1);
	}
	memcpy(fetch->body + fetch->length, data, more);
	fetch->length += more;
	fetch->body[fetch->length] = '\0';
	return (more);
}

/* libcurl asks again by itself when a connection that was kept ends without an
 * answer. */
static int
on_ready(void *arg, char *peer, char *own, int peer_port, int own_port)
{
	struct fetch *fetch = arg;

	fetch->cut = fetch->once && fetch->asked;
	fetch->asked = true;
	return (fetch->cut ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK);
}

static char *
explain(const struct fetch *fetch)
{
	if (fetch->cut)
		return (memory_print("%s: the connection ended without an "
				     "answer",
		    fetch->place));
	if (fetch->too_large)
		return (memory_print("%s: the answer is over %zu bytes",
		    fetch->place, fetch->most));
	return (memory_print("%s: %s", fetch->place,
	    fetch->error[0] != '\0' ? fetch->error
				    : curl_easy_strerror(fetch->result)));
}

static void
on_finish(evutil_socket_t fd, short what, void *arg)
{
	struct fetch *fetch = arg;
	struct fetch_reply reply = {
	    .body = fetch->body,
	    .length = fetch->length,
	};
	struct curl_header *etag;
	curl_off_t wait = 0;
	char *why = NULL;
	long status = 0;

	TAILQ_REMOVE(&fetch->fetcher->fetches, fetch, next);
	fetch->finished = true;
	if (fetch->result != CURLE_OK) {
		reply.why = why = explain(fetch);
	} else {
		curl_easy_getinfo(fetch->easy, CURLINFO_RESPONSE_CODE, &status);
		curl_easy_getinfo(fetch->easy, CURLINFO_RETRY_AFTER, &wait);
		if (curl_easy_header(fetch->easy, "ETag", 0, CURLH_HEADER, -1,
			&etag) == CURLHE_OK)
			reply.etag = etag->value;
	}
	reply.status = (int)status;
	reply.retry_after = (long)wait;
	curl_easy_setopt(fetch->easy, CURLOPT_SHARE, NULL); /* may be freed */
	fetch->done(fetch->arg, &reply);
	free(why);
	fetch_free(fetch);
}

/* The other end has the CA itself, and would take apart what we sent of it. */
static CURLcode
set_context(CURL *easy, void *ctx, void *arg)
{
	const struct fetcher_identity *identity = arg;

	SSL_CTX_set_mode(ctx, SSL_MODE_NO_AUTO_CHAIN);
	if (identity->verify != NULL)
		SSL_CTX_set_cert_verify_callback(
		    ctx, identity->verify, identity->arg);
	return (CURLE_OK);
}

static void
set_identity(CURL *easy, struct fetcher_identity *identity)
{
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_3);
	curl_easy_setopt(easy, CURLOPT_SSLCERT, identity->certificate);
	curl_easy_setopt(easy, CURLOPT_SSLKEY, identity->key);
	curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
	if (identity->ca != NULL || identity->verify != NULL) {
		curl_easy_setopt(easy, CURLOPT_CAINFO, identity->ca);
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	}
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, set_context);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, identity);
}

static void
set_request(struct fetch *fetch, const struct fetch_about *about)
{
	CURL *easy = fetch->easy;

	curl_easy_setopt(easy, CURLOPT_URL, about->url);
	curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, about->unix_socket);
	if (about->part != NULL) {
		curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
		curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, SILENCE);
	} else {
		curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
		    about->timeout_ms > 0 ? about->timeout_ms : TIMEOUT_MS);
	}
	if (about->body != NULL || strcmp(about->method, "POST") == 0) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)about->length);
		curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS,
		    about->body != NULL ? about->body : "");
	}
	if (strcmp(about->method, "HEAD") == 0)
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	else
		curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, about->method);
	/* do not wait to be told to go on; any type will do, as without a word */
	fetch->headers = curl_slist_append(NULL, "Expect:");
	fetch->headers = curl_slist_append(fetch->headers, "Accept:");
	for (size_t i = 0; about->headers != NULL && about->headers[i] != NULL;
	     i++)
		fetch->headers =
		    curl_slist_append(fetch->headers, about->headers[i]);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, fetch->headers);
}

static void
set_manners(struct fetch *fetch)
{
	CURL *easy = fetch->easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, fetch);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, fetch->error);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, fetch);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_ready);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, fetch);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, BUFFER_UP);
	curl_easy_setopt(
	    easy, CURLOPT_USERAGENT, PACKAGE_NAME "/" PACKAGE_VERSION);
}

struct fetch *
fetch_start(struct fetcher *fetcher, const struct fetch_about *about,
    fetch_done done, void *arg)
{
	struct fetch *fetch = memory_new(1, sizeof(*fetch));

	fetch->fetcher = fetcher;
	fetch->done = done;
	fetch->arg = arg;
	fetch->most = about->most > 0 ? about->most : REPLY_MOST;
	fetch->once = strcmp(about->method, "GET") != 0 &&
		      strcmp(about->method, "HEAD") != 0;
	fetch->part = about->part;
	fetch->part_arg = about->part_arg;
	fetch->body = memory_text("");
	fetch->place = about->unix_socket != NULL
			   ? memory_text(about->unix_socket)
			   : memory_print("%.*s", (int)strcspn(about->url, "?"),
				 about->url);
	fetch->easy = curl_easy_init();
	fetch->finish = evtimer_new(fetcher->base, on_finish, fetch);
	if (fetch->easy == NULL || fetch->finish == NULL)
		log_fatal("out of memory");
	set_manners(fetch);
	curl_easy_setopt(fetch->easy, CURLOPT_SHARE, fetcher->share);
	set_identity(fetch->easy, &fetcher->identity);
	set_request(fetch, about);
	TAILQ_INSERT_TAIL(&fetcher->fetches, fetch, next);
	curl_multi_add_handle(fetcher->multi, fetch->easy);
	return (fetch);
}

void
fetch_cancel(struct fetch *fetch)
{
	if (fetch == NULL || fetch->finished)
		return;
	TAILQ_REMOVE(&fetch->fetcher->fetches, fetch, next);
	curl_multi_remove_handle(fetch->fetcher->multi, fetch->easy);
	fetch_free(fetch);
}
