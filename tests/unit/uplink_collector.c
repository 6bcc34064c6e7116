/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/uplink_collector.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/spool.h"
#include "common/error.h"
#include "common/http.h"
#include "common/listener.h"
#include "common/member.h"
#include "common/packing.h"
#include "common/tls.h"
#include "tests/unit/folder.h"

#define LARGEST (4 << 20) /* body, bytes */

/* It tells us from another with our certificate. */
static void
expect_epoch(
    const struct uplink_collector *collector, struct http_request *request)
{
	assert_string_equal(http_header(request, "Pharos-Epoch"),
	    spool_epoch(collector->spool));
}

static json_object *
read_batch(struct http_request *request)
{
	struct evbuffer *body = http_body(request);
	size_t packed = evbuffer_get_length(body), length;
	json_object *batch = json_object_new_array();
	char *text, *line, *rest;
	int too_large;

	assert_string_equal(http_header(request, "Content-Encoding"), "zstd");
	text = packing_unpack(evbuffer_pullup(body, -1), packed, LARGEST,
	    &length, &too_large, NULL);
	assert_non_null(text);
	for (rest = text; (line = strsep(&rest, "\n")) != NULL && *line;)
		json_object_array_add(
		    batch, member_parse(line, strlen(line), NULL));
	free(text);
	return (batch);
}

static void
accept_batch(struct uplink_collector *collector, struct http_request *request,
    json_object *batch)
{
	json_object *reply = json_object_new_object(), *record = NULL;

	for (size_t i = 0; i < json_object_array_length(batch); i++) {
		record = json_object_array_get_idx(batch, i);
		json_object_array_add(
		    collector->arrived, json_object_get(record));
	}
	assert_non_null(record);
	member_add_text(
	    reply, "acked", strchr(member_text_or(record, "id", "/"), '/') + 1);
	if (collector->accepted > 0) {
		member_add_whole(reply, "accepted", collector->accepted);
		member_add_number(reply, "heard", 1795300000);
	}
	http_reply_json(request, 200, reply);
}

static void
take_records(struct http_request *request, void *arg)
{
	struct uplink_collector *collector = arg;
	int refusal = collector->refusals[collector->batches];
	json_object *batch = read_batch(request);

	expect_epoch(collector, request);
	collector->sizes[collector->batches++] =
	    json_object_array_length(batch);
	if (refusal == 503)
		http_set_header(request, "Retry-After", "1");
	if (refusal != 0)
		http_problem(request, refusal, "No", "not now");
	else
		accept_batch(collector, request, batch);
	json_object_put(batch);
}

static void
take_hello(struct http_request *request, void *arg)
{
	struct uplink_collector *collector = arg;
	json_object *hello = http_body_json(request);

	assert_non_null(hello);
	expect_epoch(collector, request);
	if (member_get(hello, "manifests") != NULL)
		collector->introductions++;
	collector->hellos++;
	json_object_put(hello);
	http_reply_json(request, 200, json_object_new_object());
}

static void
client_went(struct http_request *request, void *arg)
{
	((struct uplink_collector *)arg)->held = NULL;
}

/* Answers the first request and holds the next ones. */
static void
give_plan(struct http_request *request, void *arg)
{
	struct uplink_collector *collector = arg;
	const char *match = http_header(request, "If-None-Match");

	expect_epoch(collector, request);
	snprintf(collector->if_none_match, sizeof(collector->if_none_match),
	    "%s", match != NULL ? match : "");
	assert_string_equal(http_header(request, "Prefer"), "wait=60");
	if (collector->plans++ > 0) {
		collector->held = request;
		http_hold(request, client_went, collector);
		return;
	}
	http_set_header(request, "ETag", "\"41\"");
	http_reply_json(request, 200, json_object_new_object());
}

static void
make_tls(struct uplink_collector *collector, void **folder)
{
	char *chain = folder_path(folder, "collector.crt");
	char *key = folder_path(folder, "collector.key");
	char *ca = folder_path(folder, "ca.pem");

	collector->tls = tls_server(chain, key, ca, NULL);
	assert_non_null(collector->tls);
	free(chain);
	free(key);
	free(ca);
}

void
uplink_collector_open(struct uplink_collector *collector,
    struct event_base *base, void **folder, char *url, size_t size)
{
	struct sockaddr_in address;
	socklen_t length = sizeof(address);
	int fd = listener_open("agents", "127.0.0.1:0", NULL);

	assert_true(fd >= 0);
	getsockname(fd, (struct sockaddr *)&address, &length);
	snprintf(url, size, "https://127.0.0.1:%d", ntohs(address.sin_port));
	collector->arrived = json_object_new_array();
	make_tls(collector, folder);
	collector->http = http_new(base, collector->tls, LARGEST, 60);
	http_route(collector->http, HTTP_POST, "/agent/v1/records",
	    take_records, collector);
	http_route(collector->http, HTTP_POST, "/agent/v1/hello", take_hello,
	    collector);
	http_route(
	    collector->http, HTTP_GET, "/agent/v1/plan", give_plan, collector);
	assert_int_equal(http_listen(collector->http, fd), 0);
}

void
uplink_collector_close(struct uplink_collector *collector)
{
	http_free(collector->http);
	SSL_CTX_free(collector->tls);
	json_object_put(collector->arrived);
}
