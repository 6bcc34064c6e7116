/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GET /api/v1/records: every record that is asked for, as fast as the client
 * takes them and no faster. An answer that lacks something that is known to be
 * lacking, such as a damaged file, is cut off rather than ended.
 */
#include <event2/buffer.h>
#include <event2/event.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "collector/fleet.h"
#include "collector/records.h"
#include "collector/settings.h"
#include "collector/web.h"
#include "collector/web_records_ask.h"
#include "common/error.h"
#include "common/log.h"
#include "common/manifest.h"
#include "common/memory.h"

#define WAITING_MOST ((size_t)256 * 1024) /* bytes that nobody has taken */
#define SLICE (10 * NS_PER_MS)
#define PAUSE_US 5000
#define PATIENCE 600 /* seconds, with a client that takes nothing: a pager */
#define ANSWERS_MOST 32

struct web_records {
	LIST_ENTRY(web_records) next;
	struct web *web;
	struct http_request *request;
	struct web_records_ask ask;
	struct manifest *manifest; /* a copy; NULL: records of any probe */
	uint64_t left;             /* so many may come */
	struct records *records;
	bool gathered;
	bool begun; /* the head is out */
	bool broken;
	struct event *turn;
};

static void
free_answer(struct web_records *a)
{
	if (a->turn != NULL) {
		LIST_REMOVE(a, next);
		event_free(a->turn);
		a->web->records_count--;
	}
	records_free(a->records);
	manifest_free(a->manifest);
	free(a);
}

void
web_records_free(struct web *web)
{
	struct web_records *a;

	while ((a = LIST_FIRST(&web->records)) != NULL)
		free_answer(a);
}

static void
on_gone(struct http_request *request, void *arg)
{
	free_answer(arg);
}

static void
turn_in(struct web_records *a, long us)
{
	const struct timeval wait = {.tv_usec = us};

	event_add(a->turn, &wait);
}

/* Records until the deadline, or until it is enough: 1: there are more, 0, -1 */
static int
write_some(
    struct web_records *a, FILE *out, nanoseconds deadline, struct error *err)
{
	struct archive_record record;
	unsigned count = 0;
	int result;

	while (a->left > 0) {
		result = records_next(a->records, &record, err);
		if (result != 1)
			return (result);
		a->left--;
		records_row(a->ask.format, a->manifest, record.line,
		    record.length, out);
		if (ftello(out) >= (off_t)WAITING_MOST ||
		    (++count % 16 == 0 && clock_monotonic() >= deadline))
			return (1);
	}
	return (0);
}

/* 1: there is more to come, 0, -1 */
static int
send_some(struct web_records *a, nanoseconds deadline, struct error *err)
{
	struct evbuffer *part = evbuffer_new();
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	int result;

	if (part == NULL || out == NULL)
		log_fatal("out of memory");
	if (!a->begun)
		records_head(a->ask.format, a->manifest, out);
	a->begun = true;
	result = write_some(a, out, deadline, err);
	fclose(out);
	evbuffer_add(part, text, length);
	http_stream_send(a->request, part);
	evbuffer_free(part);
	free(text);
	return (result);
}

static void
finish(struct web_records *a, int result, const struct error *err)
{
	const char *damage = records_damage(a->records);

	if (result == 0 && damage == NULL) {
		http_stream_end(a->request);
		free_answer(a);
		return;
	}
	log_warnx("records: an answer is cut off: %s",
	    result == -1 ? err->text : damage);
	a->broken = true;
	turn_in(a, 0);
}

/* What was sent is to arrive before the end that is none. */
static void
cut_off(struct web_records *a)
{
	if (http_stream_waiting(a->request) == 0)
		http_stream_break(a->request); /* on_gone follows */
	else
		turn_in(a, PAUSE_US);
}

static void
on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct web_records *a = arg;
	nanoseconds deadline = clock_monotonic() + SLICE;
	struct error err;
	int more = 1;

	if (a->broken) {
		cut_off(a);
		return;
	}
	if (http_stream_waiting(a->request) >= WAITING_MOST) {
		turn_in(a, PAUSE_US);
		return;
	}
	if (!a->gathered) {
		more =
		    records_gather(a->records, a->web->fleet, deadline, &err);
		a->gathered = more == 0;
		more = more == 0 ? 1 : more;
	} else {
		more = send_some(a, deadline, &err);
	}
	if (more == 1)
		turn_in(a, 0);
	else
		finish(a, more, &err);
}

/* Opened now; what goes wrong is a problem document still. */
static int
open_records(struct web_records *a)
{
	struct web *web = a->web;
	char *dir = collector_settings_path(web->settings, "archive");
	char *journal = collector_settings_path(web->settings, "journal");
	struct error err;

	if (web->archive == NULL)
		web->archive = archive_open(dir, true, &err);
	if (web->archive != NULL)
		a->records =
		    records_new(web->archive, journal, &a->ask.query, &err);
	if (a->records == NULL)
		http_problem(a->request, 503, "Not now", "%s", err.text);
	free(journal);
	free(dir);
	return (a->records == NULL ? -1 : 0);
}

/* The fleet may be another before the answer is over. */
static struct manifest *
manifest_of(const struct fleet *fleet, const char *name)
{
	const struct fleet_test *test = NULL;
	struct manifest *manifest = NULL;
	json_object *json;

	if (fleet != NULL && name != NULL)
		test = fleet_test(fleet, name);
	if (test == NULL)
		return (NULL);
	json = manifest_json(test->manifest);
	manifest = manifest_parse(json, NULL);
	json_object_put(json);
	return (manifest);
}

/* The journal's end is gone through before the answer begins, so that it can be
 * refused. */
static int
gather(struct web_records *a)
{
	struct error err;
	int more = records_gather(
	    a->records, a->web->fleet, clock_monotonic() + 5 * SLICE, &err);

	a->gathered = more == 0;
	if (more != -1)
		return (0);
	http_problem(a->request, 503, "Not now", "%s", err.text);
	return (-1);
}

static void
begin(struct web_records *a)
{
	struct web *web = a->web;

	a->left = a->ask.limit;
	a->manifest = manifest_of(web->fleet, a->ask.query.test);
	http_set_header(a->request, "Cache-Control", "no-cache");
	if (!http_stream(a->request, records_format_type(a->ask.format),
		PATIENCE, on_gone, a)) {
		free_answer(a);
		return;
	}
	a->turn = evtimer_new(web->base, on_turn, a);
	if (a->turn == NULL)
		log_fatal("out of memory");
	LIST_INSERT_HEAD(&web->records, a, next);
	web->records_count++;
	turn_in(a, 0);
}

void
web_get_records(struct http_request *request, void *arg)
{
	struct web *web = arg;
	struct web_records *a;

	if (web->records_count >= ANSWERS_MOST) {
		http_set_header(request, "Retry-After", "5");
		http_problem(request, 503, "Not now",
		    "%d answers of records are under way; ask again in a "
		    "moment",
		    ANSWERS_MOST);
		return;
	}
	a = memory_new(1, sizeof(*a));
	a->web = web;
	a->request = request;
	if (web_records_ask(web, request, &a->ask) == -1 ||
	    open_records(a) == -1 || gather(a) == -1)
		free_answer(a);
	else
		begin(a);
}
