/* SPDX-License-Identifier: BSD-2-Clause */
/* What arrives in a leg's session, and what is said and fetched of it. */
#include <inttypes.h>
#include <string.h>

#include "common/memory.h"
#include "probes/owamp/ntp.h"
#include "probes/owd/leg_parts.h"

/* The trace is told when all has arrived, for it takes nothing behind that. */
static void
keep_stop(struct leg *leg, const struct message_stopped *said)
{
	if (leg->trace == NULL || leg->heard)
		return;
	leg->heard = true;
	leg->said = *said;
	leg->skips = memory_new(said->skip_count + 1, sizeof(*leg->skips));
	if (said->skip_count > 0)
		memcpy(leg->skips, said->skips,
		    said->skip_count * sizeof(*leg->skips));
	leg->said.skips = leg->skips;
}

struct trace *
leg_trace(struct leg *leg)
{
	nanoseconds now = leg->host->wall();

	if (leg->trace != NULL && (leg->heard || leg->over) && !leg->traced)
		trace_stop(leg->trace, &leg->said,
		    ntp_of_wall(now + 2 * leg->course->settings->timeout));
	leg->traced = true;
	return (leg->trace);
}

static uint16_t
own_estimate(const struct leg *leg)
{
	nanoseconds error;

	return (leg->host->clock(&error) ? ntp_synchronised(error)
					 : NTP_UNSYNCHRONISED);
}

/* For those who want to see each packet. */
static void
keep_record(struct leg *leg, const struct message_record *record)
{
	if (leg->trace != NULL)
		trace_add(leg->trace, record);
	if (leg->course->arrived != NULL)
		leg->course->arrived(leg->course->arg, record);
}

void
leg_caught(void *arg, const struct catch_packet *caught)
{
	struct leg *leg = arg;
	struct ntp_estimate estimate = {.error = 0};
	struct ledger_arrival arrival = {
	    .sequence = caught->packet.sequence,
	    .sent = caught->sent,
	    .received = caught->received,
	    .ttl = caught->ttl,
	    .received_by = caught->stamp,
	};
	struct message_record record = {
	    .sequence = caught->packet.sequence,
	    .send_estimate = caught->packet.estimate,
	    .sent = caught->packet.sent,
	    .received = ntp_of_wall(caught->received),
	    .ttl = caught->ttl == UDP_TTL_UNKNOWN ? MESSAGE_TTL_UNKNOWN
						  : (uint8_t)caught->ttl,
	};

	ntp_read_estimate(caught->packet.estimate, &estimate);
	arrival.synchronised = estimate.synchronised;
	arrival.error = estimate.error;
	leg->came = leg->host->monotonic();
	leg_take_begin(leg);
	ledger_arrived(leg->ledger, &arrival);
	/* asked now, so that the host knows how right its clock was meanwhile */
	record.receive_estimate = own_estimate(leg);
	if (!leg->course->keeps && leg->course->arrived == NULL)
		return;
	keep_record(leg, &record);
}

void
leg_take_statement(struct leg *leg, const struct message_statement *statement)
{
	struct error err;

	if (leg->ledger == NULL || leg->course->sends)
		leg_fail(leg, "it states what it did not send");
	else if (ledger_state(leg->ledger, statement, &err) == -1)
		leg_fail(leg, "%s", err.text);
	else {
		if (leg->trace != NULL)
			trace_state(leg->trace, statement);
		if (ledger_settled(leg->ledger))
			leg_news(leg, leg->state);
	}
}

void
leg_take_stop(struct leg *leg, const struct message_stop *stop)
{
	struct error err;

	for (uint32_t i = 0; i < stop->count && !leg->course->sends; i++) {
		const struct message_stopped *said = &stop->sessions[i];

		if (memcmp(said->sid, leg->sid, sizeof(said->sid)) != 0)
			continue;
		if (ledger_stopped(leg->ledger, said, &err) == -1)
			leg_fail(leg, "%s", err.text);
		else
			keep_stop(leg, said);
		return;
	}
}

/* Of one that is fetched, to be reported on: all that we know. */
void
leg_take_session(struct leg *leg, const struct message_request *session)
{
	if (!leg->course->fetches)
		return;
	leg->start = ntp_wall(session->start);
	leg->packets = session->packets;
	if (session->slot_count == 0)
		leg_fail(leg, "its session has no slots");
	else
		leg_make_ledger(leg, session);
}

void
leg_know_end(struct leg *leg, const struct message_stopped *said)
{
	uint32_t n = said->skip_count;

	leg->ends = said->next;
	while (n > 0 && said->skips[n - 1].last + 1 == leg->ends)
		leg->ends = said->skips[--n].first;
}

void
leg_take_skips(
    struct leg *leg, const struct message_skip *skips, uint32_t count)
{
	struct message_stopped said = {
	    .next = leg->fetched.next, .skip_count = count, .skips = skips};
	struct error err;

	if (!leg->course->fetches || leg->fetched.finished != 1)
		return;
	memcpy(said.sid, leg->sid, sizeof(said.sid));
	if (ledger_stopped(leg->ledger, &said, &err) == -1)
		leg_fail(leg, "%s", err.text);
	else {
		leg_know_end(leg, &said);
		keep_stop(leg, &said);
	}
}

void
leg_take_record(struct leg *leg, const struct message_record *record)
{
	struct ntp_estimate estimate = {.error = 0};
	struct ledger_arrival arrival = {
	    .sequence = record->sequence,
	    .sent = ntp_wall(record->sent),
	    .received = ntp_wall(record->received),
	    .ttl = record->ttl == MESSAGE_TTL_UNKNOWN ? ACCOUNT_NO_TTL
						      : record->ttl,
	    .received_by =
		client_states(leg->client) ? STAMP_KERNEL : STAMP_USER,
	};

	if (record->sequence >= leg->told)
		leg->told = record->sequence + 1;
	if (record->received == 0)
		return;
	leg->took = true;
	/* whose clock is the other end's */
	ntp_read_estimate(record->receive_estimate, &estimate);
	arrival.synchronised = estimate.synchronised;
	arrival.error = estimate.error;
	ledger_arrived(leg->ledger, &arrival);
	keep_record(leg, record);
}

/* A receiver keeps nothing of what was due less than the timeout before it was
 * stopped, by its own clock (RFC 4656 section 3.8): that is lost to us, not by the
 * path. */
void
leg_take_end(struct leg *leg)
{
	leg->gave = true;
	if (leg->fetched.finished > 1) {
		leg_fail(leg, "the far end does not have all that came: it was "
			      "too busy, or the session broke off");
		return;
	}
	if (leg->hasty && !leg->took) {
		leg_fail(leg,
		    "the far end ended the session early, and took "
		    "none of its packets: its clock is ahead of ours, "
		    "by more than the timeout if they came");
		return;
	}
	if (leg->told < leg->ends) {
		leg_fail(leg,
		    "of the last %" PRIu32 " packets there are no results at "
		    "the far end: its clock is behind ours by more than the "
		    "timeout, or it keeps no more",
		    leg->ends - leg->told);
		return;
	}
	event_del(leg->timer);
	leg_news(leg, LEG_OVER);
}
