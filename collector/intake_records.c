/* SPDX-License-Identifier: BSD-2-Clause */
#include <event2/buffer.h>
#include <event2/event.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "collector/batch.h"
#include "collector/checker.h"
#include "collector/fleet.h"
#include "collector/intake.h"
#include "collector/journal.h"
#include "collector/registry.h"
#include "common/error.h"
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/packing.h"

/* A batch that was taken and waits for the commit. */
struct intake_batch {
	TAILQ_ENTRY(intake_batch) entry;
	struct http_request *request; /* NULL: the client has gone */
	struct batch batch;
	nanoseconds heard; /* of the box, before it */
};

void
intake_reply_later(
    struct intake *intake, struct http_request *request, const char *why)
{
	intake->counts.later++;
	http_set_header(request, "Retry-After", "30");
	http_problem(request, 503, "Nothing was taken", "%s", why);
}

static void
reply_acked(
    struct http_request *request, const struct batch *batch, nanoseconds heard)
{
	json_object *body = json_object_new_object();
	char *acked = memory_print("%s/%" PRIu64, batch->epoch, batch->last);

	member_add_text(body, "acked", acked);
	if (batch->refused > 0)
		member_add_whole(body, "refused", batch->refused);
	if (batch->again > 0) {
		member_add_whole(body, "accepted", (int64_t)batch->before);
		member_add_duration(body, "heard", heard);
	}
	http_reply_json(request, 200, body);
	free(acked);
}

/* One commit for all that wait: either all of it is on disk, or nothing. */
static int
commit(struct intake *intake, struct error *err)
{
	if (intake->refused &&
	    registry_commit_refused(intake->registry, err) == -1) {
		log_warnx("%s", err->text);
		intake->spoilt = true;
	}
	intake->refused = false;
	if (!intake->spoilt)
		return (journal_commit(intake->journal, err));
	intake->spoilt = false;
	journal_roll_back(intake->journal);
	return (error_set(err, "the collector could not write; its log says "
			       "why"));
}

static void
count(struct intake *intake, const struct batch *batch)
{
	struct intake_counts *counts = &intake->counts;

	counts->batches++;
	counts->taken += batch->taken;
	counts->again += batch->again;
	counts->refused += batch->refused;
	counts->late += batch->late;
	if (batch->taken > 0)
		intake->took = clock_monotonic();
}

void
intake_commit(struct intake *intake)
{
	static const struct timeval at_once = {0, 0};
	uint64_t before = journal_last(intake->journal);
	struct intake_batch *waiting;
	struct error err;
	int result = commit(intake, &err);

	if (result == -1)
		log_warnx("nothing was taken: %s", err.text);
	while ((waiting = TAILQ_FIRST(&intake->batches)) != NULL) {
		TAILQ_REMOVE(&intake->batches, waiting, entry);
		if (result == 0)
			count(intake, &waiting->batch);
		if (waiting->request != NULL && result == 0)
			reply_acked(
			    waiting->request, &waiting->batch, waiting->heard);
		else if (waiting->request != NULL)
			intake_reply_later(intake, waiting->request, err.text);
		free(waiting);
	}
	if (journal_last(intake->journal) > before)
		evtimer_add(intake->after, &at_once); /* the answers go first */
}

static void
on_gone(struct http_request *request, void *arg)
{
	struct intake_batch *waiting = arg;

	waiting->request = NULL;
}

static void
wait_for_commit(struct intake *intake, struct http_request *request,
    const struct batch *batch, nanoseconds heard)
{
	static const struct timeval at_once = {0, 0};
	struct intake_batch *waiting = memory_new(1, sizeof(*waiting));

	waiting->request = request;
	waiting->batch = *batch;
	waiting->heard = heard;
	TAILQ_INSERT_TAIL(&intake->batches, waiting, entry);
	http_hold(request, on_gone, waiting);
	if (!evtimer_pending(intake->commit, NULL))
		evtimer_add(intake->commit, &at_once);
}

static bool
is_packed(struct http_request *request)
{
	const char *coding = http_header(request, "Content-Encoding");

	return (coding != NULL && strcmp(coding, "zstd") == 0);
}

/* The journal keeps it as it came when all of it was taken. */
static int
seal(struct intake *intake, struct http_request *request,
    const struct batch *batch, struct error *err)
{
	struct evbuffer *body = http_body(request);
	bool whole = batch->again == 0 && batch->refused == 0;

	return (journal_seal(intake->journal,
	    whole && is_packed(request) ? evbuffer_pullup(body, -1) : NULL,
	    evbuffer_get_length(body), err));
}

/* What is spoilt is so for those that wait already, too. */
static void
spoil(struct intake *intake, const char *box, const struct error *why)
{
	log_warnx("%s: %s", box, why->text);
	intake->spoilt = true;
}

static void
take(struct intake *intake, struct http_request *request,
    const struct intake_member *member, char *text, size_t length)
{
	const char *box = member->box;
	const struct batch_sender sender = {
	    box, member->mark, &intake->fleet->renames};
	nanoseconds now = clock_wall(), heard;
	struct batch batch;
	struct error err;

	switch (batch_take(intake->journal, intake->registry, intake->checker,
	    &sender, text, length, now, &batch, &err)) {
	case BATCH_BAD:
		intake->counts.bad++;
		http_problem(request, 400, "Bad batch", "%s", err.text);
		break;
	case BATCH_LARGE:
		intake->counts.bad++;
		http_problem(request, 413, "Batch too large", "%s", err.text);
		break;
	case BATCH_BROKEN:
		spoil(intake, box, &err);
		wait_for_commit(intake, request, &batch, 0);
		break;
	case BATCH_TAKEN:
		if (seal(intake, request, &batch, &err) == -1)
			spoil(intake, box, &err);
		heard = batch.again > 0
			    ? registry_heard_at(intake->registry, box)
			    : 0;
		registry_alive(intake->registry, box, now);
		wait_for_commit(intake, request, &batch, heard);
		break;
	}
	if (batch.refused > 0) {
		intake->refused = true;
		log_warnx("%s: %u records kept aside", box, batch.refused);
	}
}

/* The body as text, or NULL after answering. */
static char *
unpack(struct http_request *request, size_t *length)
{
	const char *coding = http_header(request, "Content-Encoding");
	struct evbuffer *body = http_body(request);
	size_t packed = evbuffer_get_length(body);
	const void *data = evbuffer_pullup(body, -1);
	struct error err;
	int too_large;
	char *text;

	if (coding == NULL || strcmp(coding, "identity") == 0) {
		*length = packed;
		text = memory_new(packed + 1, 1);
		if (packed > 0)
			memcpy(text, data, packed);
		return (text);
	}
	if (strcmp(coding, "zstd") != 0) {
		http_problem(request, 415, "Unknown coding",
		    "Content-Encoding: %.40s, expected zstd", coding);
		return (NULL);
	}
	text = packing_unpack(
	    data, packed, INTAKE_BODY_MOST, length, &too_large, &err);
	if (text == NULL)
		http_problem(request, too_large ? 413 : 400,
		    too_large ? "Batch too large" : "Damaged batch", "%s",
		    err.text);
	return (text);
}

void
intake_post_records(struct http_request *request, void *arg)
{
	struct intake *intake = arg;
	struct intake_member member;
	char *text;
	size_t length;

	checker_ready(intake->checker, evbuffer_get_length(http_body(request)));
	if (!intake_admit(intake, request, &member))
		return;
	intake_notice_clock(intake);
	if (intake->full[0] != '\0') {
		intake_reply_later(intake, request, intake->full);
		return;
	}
	if ((text = unpack(request, &length)) == NULL) {
		intake->counts.bad++;
		return;
	}
	if (intake_is_early(intake, member.box, text, length))
		intake_reply_later(intake, request,
		    "the records are ahead of the collector's clock; the box's "
		    "next hello says whose is wrong");
	else
		take(intake, request, &member, text, length);
	free(text);
}
