/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/outbox.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/lane.h"
#include "agent/spool.h"
#include "agent/uplink.h"
#include "common/error.h"
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/packing.h"

#define BATCH_RECORDS 1000
#define BATCH_BYTES (4 * 1024 * 1024 - 1) /* unpacked; the collector's limit */

struct outbox {
	struct spool *spool;
	const struct uplink_calls *calls;
	void *arg;
	char *url, *epoch_header;
	const char *headers[4]; /* NULL-ended */
	bool due;
	size_t batch_records; /* at most */

	/* the batch under way */
	void *body;
	struct record_id last;
	uint64_t sent; /* records */

	uint64_t sent_upto;   /* the last sequence of our epoch */
	uint64_t sent_before; /* the same before this batch */
	struct outbox_tally tally;
};

struct outbox *
outbox_new(struct spool *spool, const char *collector,
    const struct uplink_calls *calls, void *arg)
{
	struct outbox *outbox = memory_new(1, sizeof(*outbox));

	outbox->spool = spool;
	outbox->calls = calls;
	outbox->arg = arg;
	outbox->due = true;
	outbox->batch_records = BATCH_RECORDS;
	outbox->url = memory_print("%s/agent/v1/records", collector);
	outbox->epoch_header =
	    memory_print("Pharos-Epoch: %s", spool_epoch(spool));
	outbox->headers[0] = "Content-Type: application/x-ndjson";
	outbox->headers[1] = "Content-Encoding: zstd";
	outbox->headers[2] = outbox->epoch_header;
	return (outbox);
}

void
outbox_free(struct outbox *outbox)
{
	if (outbox == NULL)
		return;
	free(outbox->url);
	free(outbox->epoch_header);
	free(outbox->body);
	free(outbox);
}

void
outbox_look(struct outbox *outbox)
{
	outbox->due = true;
}

bool
outbox_next(struct outbox *outbox, struct fetch_about *about)
{
	struct error err;
	size_t length, packed;
	char *lines;
	int count;

	if (!outbox->due)
		return (false);
	outbox->due = false;
	count = spool_batch(outbox->spool, outbox->batch_records, BATCH_BYTES,
	    &lines, &length, &outbox->last, &err);
	if (count < 0)
		log_warnx("spool: %s", err.text);
	if (count <= 0)
		return (false);
	outbox->sent = (uint64_t)count;
	outbox->sent_before = outbox->sent_upto;
	if (strcmp(outbox->last.epoch, spool_epoch(outbox->spool)) == 0 &&
	    outbox->last.sequence > outbox->sent_upto)
		outbox->sent_upto = outbox->last.sequence;
	outbox->body = packing_pack(lines, length, &packed);
	free(lines);
	lane_post(about, outbox->url, outbox->headers, outbox->body, packed);
	return (true);
}

/* "EPOCH/SEQUENCE" as an id of this box. */
static int
parse_acked(const struct outbox *outbox, const struct fetch_reply *reply,
    struct record_id *id, struct error *err)
{
	json_object *json = member_parse(reply->body, reply->length, err);
	const char *acked;
	char *text;
	int rc = -1;

	if (json != NULL && member_text(json, "acked", &acked, err) == 0) {
		text = memory_print("%s/%s", outbox->last.box, acked);
		rc = record_id_parse(text, id, err);
		free(text);
	}
	json_object_put(json);
	return (rc);
}

/* What the collector would not take is kept there, with the reason. */
static void
note_delivery(struct outbox *outbox, const struct fetch_reply *reply)
{
	json_object *json = member_parse(reply->body, reply->length, NULL);
	int64_t refused = member_whole_or(json, "refused", 0);

	outbox->tally.delivered += outbox->sent;
	if (refused > 0) {
		outbox->tally.refused += (uint64_t)refused;
		log_warnx("the collector has kept %lld records aside; its log "
			  "says why",
		    (long long)refused);
	}
	json_object_put(json);
}

static int
take_ack(
    struct outbox *outbox, const struct fetch_reply *reply, struct error *err)
{
	struct record_id id;

	if (parse_acked(outbox, reply, &id, err) < 0)
		return (-1);
	if (strcmp(id.epoch, outbox->last.epoch) != 0 ||
	    id.sequence < outbox->last.sequence)
		return (error_set(err,
		    "acknowledged %s/%" PRIu64 ", sent up to %s/%" PRIu64,
		    id.epoch, id.sequence, outbox->last.epoch,
		    outbox->last.sequence));
	return (spool_acknowledge(outbox->spool, &id, err));
}

/* Has the collector more of our epoch than we have sent? True after saying so.
 */
static bool
look_for_set_back(
    struct outbox *outbox, json_object *answer, uint64_t sent_upto)
{
	if (member_whole_or(answer, "accepted", 0) <= (int64_t)sent_upto)
		return (false);
	outbox->calls->set_back(outbox->arg,
	    clock_of_seconds(member_number_or(answer, "heard", 0)));
	return (true);
}

bool
outbox_set_back(struct outbox *outbox, struct json_object *answer)
{
	return (look_for_set_back(outbox, answer, outbox->sent_upto));
}

/* Our epoch's, and taken for records that another of us has sent: they stay, and
 * will have other ids. */
static bool
is_set_back(struct outbox *outbox, const struct fetch_reply *reply)
{
	json_object *answer;
	bool set_back;

	if (strcmp(outbox->last.epoch, spool_epoch(outbox->spool)) != 0)
		return (false);
	answer = member_parse(reply->body, reply->length, NULL);
	set_back = look_for_set_back(outbox, answer, outbox->sent_before);
	json_object_put(answer);
	return (set_back);
}

int
outbox_answer(
    struct outbox *outbox, const struct fetch_reply *reply, struct error *err)
{
	free(outbox->body);
	outbox->body = NULL;
	outbox->due = true; /* the same again, or what follows */
	if (reply->status != 200) {
		if (reply->status == 413 && outbox->batch_records > 1)
			outbox->batch_records /= 2;
		return (lane_refused(outbox->url, reply, err));
	}
	if (is_set_back(outbox, reply))
		return (0);
	if (take_ack(outbox, reply, err) < 0)
		return (error_place(err, "%s", outbox->url));
	note_delivery(outbox, reply);
	outbox->batch_records = BATCH_RECORDS;
	outbox->tally.last_ack = clock_wall();
	outbox->calls->delivered(outbox->arg);
	return (0);
}

const struct outbox_tally *
outbox_tally(const struct outbox *outbox)
{
	return (&outbox->tally);
}
