/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * web.h - the process that serves people: /api/v1 and the pages.
 *
 * It holds nothing of its own: the fleet is STATE/fleet.json, numbers come from
 * latest, bins and history, who is alive from the registry, all read-only. The
 * shapes of the answers are in doc/architecture.md.
 */
#ifndef PHAROS_COLLECTOR_WEB_H
#define PHAROS_COLLECTOR_WEB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "collector/web_format.h"
#include "common/clock.h"
#include "common/http.h"
#include "common/name.h"

struct archive;
struct baselines;
struct bins;
struct bins_key;
struct channel;
struct collector_settings;
struct error;
struct fleet;
struct fleet_end;
struct fleet_test;
struct graphs;
struct latest;
struct live;
struct pages;
struct pasts;
struct registry;
struct registry_box;
struct timekeeper;
struct verdicts;

struct web {
	struct collector_settings *settings;
	struct event_base *base;
	struct timekeeper *keeper; /* of our own clock */
	struct http *http;
	struct channel *parent;
	struct fleet *fleet;        /* NULL: none yet */
	struct latest **latest;     /* one a test; NULL: not open yet */
	struct registry *registry;  /* NULL: not there yet */
	struct bins *bins;          /* likewise */
	struct registry_box *boxes; /* as of boxes_read */
	int box_count;
	nanoseconds boxes_read;    /* monotonic */
	nanoseconds since;         /* monotonic: when we started */
	struct json_object *parts; /* as parts.h; NULL: not told yet */
	nanoseconds told;          /* monotonic: when that came */
	struct pages *pages;
	struct live *live;
	struct baselines *baselines;
	struct pasts *pasts;
	struct graphs *graphs;
	struct verdicts *verdicts;
	struct archive *archive;          /* NULL: not asked for yet */
	LIST_HEAD(, web_records) records; /* answers under way */
	size_t records_count;
};

/* The fleet, after answering 503 when there is none. */
const struct fleet *web_fleet(struct web *web, struct http_request *request);
/* The test named by the route's {test}, else by the query's, after answering 404
 * when unknown. */
const struct fleet_test *web_test(
    struct web *web, struct http_request *request);
/* The one of this name, after answering 404 when unknown. */
const struct fleet_test *web_find_test(
    struct web *web, struct http_request *request, const char *name);
/* The one that {test} names, and as what it is to be answered (web_format.h). */
const struct fleet_test *web_test_as(
    struct web *web, struct http_request *request, enum table_format *format);
/* Its latest numbers, or NULL while the store has not made them. */
struct latest *web_latest(struct web *web, const struct fleet_test *test);
/* The fleet will be another. */
void web_forget_latest(struct web *web);
struct bins *web_bins(struct web *web); /* or NULL */
/* Of a pair whose target is resolved by name: the family that it was measured in
 * last. Sets the key's, too. */
int web_known_family(struct web *web, struct bins_key *key);
/* Under which key a pair's bins and history are. -1 after answering 404: the test
 * does not measure it, and nothing is kept of before. */
int web_pair_key(struct web *web, struct http_request *request,
    const struct fleet_test *test, const char *src, const char *dst,
    struct bins_key *key);
/* A test that is no longer in the fleet, while something of it is kept: its name,
 * manifest and step alone, borrowed from the fleet. */
bool web_find_departed_test(struct web *web, const char *name,
    struct fleet_test *test, struct error *err);
bool web_is_destination(
    const struct web *web, const struct fleet_test *test, const char *name);
/* What the registry knows of a box, at most a second old; NULL: nothing. */
const struct registry_box *web_box(struct web *web, const char *name);
/* Is or was there a box of this name? True also while nobody can say. */
bool web_is_known_box(struct web *web, const char *name);
/* "; lon is called london now" of an end that is none any more, for bookmarks and
 * scripts, else "". */
#define WEB_SENTENCE (2 * NAME_TEXT + 32)
const char *web_tell_rename(const struct fleet *fleet, const char *name,
    char text[static WEB_SENTENCE]);
/* Has this box not been heard of for REGISTRY_SILENT? A target never is. */
bool web_is_silent(struct web *web, const struct fleet_end *end);
/* Of all that was opened for these, while the fleet is there yet. */
void web_close_sources(struct web *web);
/* What the parent last said of the part (parts.h), or NULL; borrowed. */
struct json_object *web_part(const struct web *web, const char *name);
/* NAN becomes null; new reference. */
struct json_object *web_column_json(const double *values, size_t count);
/* Adds "generated" and answers, under an ETag of the rest (web_etag.h). */
void web_reply(struct http_request *request, struct json_object *json);

/* The routes; arg is the struct web. */
void web_get_fleet(struct http_request *request, void *arg);
void web_get_clocks(struct http_request *request, void *arg);
void web_get_matrix(struct http_request *request, void *arg);
/* Those of records that are under way; the server's requests are void. */
void web_records_free(struct web *web);
void web_get_records(struct http_request *request, void *arg);
void web_get_live(struct http_request *request, void *arg);
void web_get_graph(struct http_request *request, void *arg);
void web_get_series(struct http_request *request, void *arg);
void web_get_skew(struct http_request *request, void *arg);
void web_get_spark(struct http_request *request, void *arg);
void web_get_departed(struct http_request *request, void *arg);
void web_get_scales(struct http_request *request, void *arg);
void web_get_metrics(struct http_request *request, void *arg);
void web_get_health(struct http_request *request, void *arg);

#endif
