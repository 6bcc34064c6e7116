/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * uplink_collector.h - a collector for an uplink in a test, in the same loop.
 *
 * It takes records and hellos, and has one plan. Each request has to name the
 * spool's epoch.
 */
#ifndef PHAROS_TESTS_UNIT_UPLINK_COLLECTOR_H
#define PHAROS_TESTS_UNIT_UPLINK_COLLECTOR_H

#include <json-c/json.h>
#include <openssl/ssl.h>

struct event_base;
struct http;
struct http_request;
struct spool;

struct uplink_collector {
	const struct spool *spool; /* borrowed */
	SSL_CTX *tls;
	struct http *http;

	int refusals[4]; /* statuses for the first batches; 0 ends */
	size_t sizes[8]; /* of the batches that came */
	int batches;
	int64_t accepted;     /* before the batch; 0: not said */
	json_object *arrived; /* records that were accepted */
	int hellos, introductions;
	int plans; /* plan requests */
	char if_none_match[64];
	struct http_request *held;
};

/* Listens at 127.0.0.1 with the files collector.crt, collector.key and ca.pem of
 * this folder (see folder.h). url is where; size is its room in bytes. */
void uplink_collector_open(struct uplink_collector *collector,
    struct event_base *base, void **folder, char *url, size_t size);
void uplink_collector_close(struct uplink_collector *collector);

#endif
