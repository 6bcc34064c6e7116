/* SPDX-License-Identifier: BSD-2-Clause */
#include <assert.h>
#include <signal.h>
#include <stdlib.h>

#include "common/error.h"
#include "common/fetch_parts.h"
#include "common/log.h"
#include "common/memory.h"

/* Marks what libcurl is done with; done is called in a turn of its own, where
 * it may do anything. */
static void
collect(struct fetcher *fetcher)
{
	struct fetch *fetch;
	CURLMsg *message;
	int left;

	while (
	    (message = curl_multi_info_read(fetcher->multi, &left)) != NULL) {
		curl_easy_getinfo(
		    message->easy_handle, CURLINFO_PRIVATE, &fetch);
		fetch->result = message->data.result;
		curl_multi_remove_handle(fetcher->multi, fetch->easy);
		event_active(fetch->finish, EV_TIMEOUT, 0);
	}
}

static void
on_ready(evutil_socket_t fd, short what, void *arg)
{
	struct fetcher *fetcher = arg;
	int running, mask = 0;

	if (what & EV_READ)
		mask |= CURL_CSELECT_IN;
	if (what & EV_WRITE)
		mask |= CURL_CSELECT_OUT;
	curl_multi_socket_action(fetcher->multi, fd, mask, &running);
	collect(fetcher);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct fetcher *fetcher = arg;
	int running;

	curl_multi_socket_action(
	    fetcher->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	collect(fetcher);
}

static int
set_timer(CURLM *multi, long timeout_ms, void *arg)
{
	struct fetcher *fetcher = arg;
	const struct timeval delay = {
	    .tv_sec = timeout_ms / 1000,
	    .tv_usec = timeout_ms % 1000 * 1000,
	};

	if (timeout_ms < 0)
		event_del(fetcher->timer);
	else
		event_add(fetcher->timer, &delay);
	return (0);
}

static int
set_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
	struct fetcher *fetcher = arg;
	struct event *event = socket_arg;
	short events = EV_PERSIST;

	if (event != NULL)
		event_free(event);
	event = NULL;
	if (what & CURL_POLL_IN)
		events |= EV_READ;
	if (what & CURL_POLL_OUT)
		events |= EV_WRITE;
	if (what != CURL_POLL_REMOVE) {
		event = event_new(fetcher->base, fd, events, on_ready, fetcher);
		if (event == NULL)
			log_fatal("out of memory");
		event_add(event, NULL);
	}
	curl_multi_assign(fetcher->multi, fd, event);
	return (0);
}

static char *
text_or_null(const char *text)
{
	return (text != NULL ? memory_text(text) : NULL);
}

static void
open_multi(struct fetcher *fetcher)
{
	fetcher->multi = curl_multi_init();
	fetcher->share = curl_share_init();
	if (fetcher->multi == NULL || fetcher->share == NULL)
		log_fatal("out of memory");
	curl_share_setopt(
	    fetcher->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
	curl_multi_setopt(fetcher->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
	curl_multi_setopt(fetcher->multi, CURLMOPT_SOCKETDATA, fetcher);
	curl_multi_setopt(fetcher->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(fetcher->multi, CURLMOPT_TIMERDATA, fetcher);
}

static void
close_multi(struct fetcher *fetcher)
{
	curl_multi_cleanup(fetcher->multi);
	curl_share_cleanup(fetcher->share);
}

struct fetcher *
fetcher_new(struct event_base *base, const struct fetcher_identity *identity,
    struct error *err)
{
	struct fetcher *fetcher;

	signal(SIGPIPE, SIG_IGN);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return (error_set(err, "libcurl does not start"), NULL);
	fetcher = memory_new(1, sizeof(*fetcher));
	fetcher->base = base;
	TAILQ_INIT(&fetcher->fetches);
	if (identity != NULL) {
		fetcher->identity = *identity;
		fetcher->identity.certificate =
		    text_or_null(identity->certificate);
		fetcher->identity.key = text_or_null(identity->key);
		fetcher->identity.ca = text_or_null(identity->ca);
	}
	fetcher->timer = evtimer_new(base, on_timer, fetcher);
	if (fetcher->timer == NULL)
		log_fatal("out of memory");
	open_multi(fetcher);
	return (fetcher);
}

void
fetcher_forget(struct fetcher *fetcher)
{
	assert(TAILQ_EMPTY(&fetcher->fetches));
	close_multi(fetcher);
	open_multi(fetcher);
}

void
fetcher_free(struct fetcher *fetcher)
{
	struct fetch *fetch;

	if (fetcher == NULL)
		return;
	while ((fetch = TAILQ_FIRST(&fetcher->fetches)) != NULL)
		fetch_cancel(fetch);
	close_multi(fetcher);
	event_free(fetcher->timer);
	free((char *)fetcher->identity.certificate);
	free((char *)fetcher->identity.key);
	free((char *)fetcher->identity.ca);
	free(fetcher);
}
