/* SPDX-License-Identifier: BSD-2-Clause */
/* Arrivals and losses, merged in the order of their times. */
#include <stdlib.h>

#include "common/memory.h"
#include "probes/owamp/ntp.h"
#include "probes/owd/trace_parts.h"

struct trace_reader {
	const struct trace *trace;
	struct trace_span span;
	uint8_t *seen; /* a bit for each number below `known` */
	uint32_t known, arrivals;
	uint32_t place;  /* of the next arrival */
	uint32_t number; /* of the next loss */
	uint32_t count;
	uint16_t estimate; /* of the receiver's clock, last told */
};

static bool
is_far(uint64_t a, uint64_t b, nanoseconds timeout)
{
	nanoseconds between = ntp_between(a, b);

	return (between > timeout || between < -timeout);
}

static bool
is_wanted(
    const struct trace_reader *reader, const struct message_record *record)
{
	const struct trace *trace = reader->trace;
	nanoseconds timeout = ntp_duration(trace->timeout);
	uint64_t due;

	if (record->sequence >= reader->known ||
	    record->sequence < reader->span.begin ||
	    record->sequence > reader->span.end)
		return (false);
	if (!reader->span.strict)
		return (true);
	due = trace->numbers[record->sequence].due;
	return (!is_far(due, record->received, timeout) &&
		!is_far(due, record->sent, timeout) &&
		!is_far(record->sent, record->received, timeout));
}

static bool
is_seen(const struct trace_reader *reader, uint32_t number)
{
	return ((reader->seen[number / 8] & 1 << number % 8) != 0);
}

static void
mark(struct trace_reader *reader, uint32_t number)
{
	reader->seen[number / 8] |= (uint8_t)(1 << number % 8);
}

/* What was skipped is not lost: it counts as seen. */
static void
mark_skips(struct trace_reader *reader)
{
	struct message_stopped stopped = trace_stopped(reader->trace);

	for (uint32_t i = 0; i < stopped.skip_count; i++) {
		const struct message_skip *skip = &stopped.skips[i];

		for (uint64_t n = skip->first;
		     n <= skip->last && n < reader->known; n++)
			mark(reader, (uint32_t)n);
	}
}

static uint64_t
certain(const struct trace_reader *reader, uint32_t number)
{
	return (reader->trace->numbers[number].due + reader->trace->timeout);
}

/* Moves on to the next loss. False: there is none. */
static bool
find_loss(struct trace_reader *reader)
{
	uint32_t least = reader->span.begin;

	if (reader->number < least)
		reader->number = least;
	while (reader->number < reader->known &&
	       reader->number <= reader->span.end &&
	       is_seen(reader, reader->number))
		reader->number++;
	return (reader->number < reader->known &&
		reader->number <= reader->span.end &&
		ntp_between(
		    certain(reader, reader->number), reader->span.until) >= 0);
}

static bool
find_arrival(struct trace_reader *reader)
{
	while (reader->place < reader->arrivals &&
	       !is_wanted(reader, &reader->trace->records[reader->place]))
		reader->place++;
	return (reader->place < reader->arrivals);
}

/* What is lost before anything came is told by the first that did. */
static uint16_t
first_estimate(const struct trace_reader *reader)
{
	if (reader->arrivals > 0)
		return (reader->trace->records[0].receive_estimate);
	return (reader->span.estimate != 0 ? reader->span.estimate
					   : NTP_UNSYNCHRONISED);
}

struct trace_reader *
trace_read(const struct trace *trace, const struct trace_span *span)
{
	struct trace_reader *reader = memory_new(1, sizeof(*reader));

	reader->trace = trace;
	reader->span = *span;
	reader->known = trace->over ? trace->known : trace->behind;
	if (reader->known > trace->unkept)
		reader->known = trace->unkept;
	reader->arrivals = trace->count;
	reader->seen = memory_new((size_t)reader->known / 8 + 1, 1);
	for (; find_arrival(reader); reader->place++) {
		mark(reader, trace->records[reader->place].sequence);
		reader->count++;
	}
	mark_skips(reader);
	for (; find_loss(reader); reader->number++)
		reader->count++;
	reader->place = reader->number = 0;
	reader->estimate = first_estimate(reader);
	return (reader);
}

void
trace_read_free(struct trace_reader *reader)
{
	if (reader == NULL)
		return;
	free(reader->seen);
	free(reader);
}

uint32_t
trace_read_count(const struct trace_reader *reader)
{
	return (reader->count);
}

static void
give_loss(struct trace_reader *reader, struct message_record *record)
{
	*record = (struct message_record){.sequence = reader->number,
	    .send_estimate = NTP_UNSYNCHRONISED,
	    .receive_estimate = reader->estimate,
	    .sent = reader->trace->numbers[reader->number].due,
	    .ttl = MESSAGE_TTL_UNKNOWN};
	reader->number++;
}

static void
give_arrival(struct trace_reader *reader, struct message_record *record)
{
	uint64_t left;

	*record = reader->trace->records[reader->place++];
	reader->estimate = record->receive_estimate;
	left = reader->trace->numbers[record->sequence].left;
	if (left != 0)
		record->sent = left;
}

bool
trace_read_next(struct trace_reader *reader, struct message_record *record)
{
	bool lost = find_loss(reader), came = find_arrival(reader);

	if (lost && came)
		lost = ntp_between(certain(reader, reader->number),
			   reader->trace->records[reader->place].received) >= 0;
	if (lost)
		give_loss(reader, record);
	else if (came)
		give_arrival(reader, record);
	return (lost || came);
}
