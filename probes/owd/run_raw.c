/* SPDX-License-Identifier: BSD-2-Clause */
/* Each packet, for people as it comes, and for the record in the end. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/hash.h"
#include "common/memory.h"
#include "common/unit.h"
#include "probes/owamp/ntp.h"
#include "probes/owd/run.h"
#include "probes/owd/samples.h"
#include "probes/owd/trace.h"

#define LINE 256

/* As owping -R has it: number, sent, synchronised, error, received, the same, and
 * what the hop limit was. */
static void
write_raw(const struct message_record *r, char text[static LINE])
{
	struct ntp_estimate sent = {0}, received = {0};

	ntp_read_estimate(r->send_estimate, &sent);
	ntp_read_estimate(r->receive_estimate, &received);
	/* without S it means nothing */
	if (!sent.synchronised)
		sent.error = 0;
	if (!received.synchronised)
		received.error = 0;
	snprintf(text, LINE,
	    "%" PRIu32 " %" PRIu64 " %d %g %" PRIu64 " %d %g %u", r->sequence,
	    r->sent, sent.synchronised, clock_seconds(sent.error), r->received,
	    received.synchronised, clock_seconds(received.error), r->ttl);
}

static void
write_line(const struct message_record *r, char text[static LINE])
{
	char delay[UNIT_TEXT];
	nanoseconds took = ntp_between(r->sent, r->received);

	unit_format(UNIT_SECONDS, clock_seconds(took), delay);
	if (r->ttl == MESSAGE_TTL_UNKNOWN)
		snprintf(text, LINE, "%" PRIu32 ": delay %s", r->sequence + 1,
		    delay);
	else
		snprintf(text, LINE, "%" PRIu32 ": delay %s, ttl %u",
		    r->sequence + 1, delay, r->ttl);
}

void
run_show(void *arg, const struct message_record *record)
{
	struct run *run = arg;
	char text[LINE];

	if (run->course.settings->raw)
		write_raw(record, text);
	else
		write_line(record, text);
	run->host->live(run->probe, text);
}

static struct trace_reader *
read_all(const struct run *run, const struct trace *trace)
{
	const struct trace_span span = {
	    .end = UINT32_MAX, .until = ntp_of_wall(run->host->wall())};

	return (trace_read(trace, &span));
}

/* owping tells them when it is certain, too: received is 0. */
void
run_show_lost(struct run *run, struct trace *trace)
{
	struct trace_reader *reader = read_all(run, trace);
	struct message_record record;

	while (trace_read_next(reader, &record))
		if (record.received == 0)
			run_show(run, &record);
	trace_read_free(reader);
}

void
run_name_session(struct run *run, const uint8_t sid[static KEYS_SID])
{
	char text[2 * KEYS_SID + 1];

	hash_hex(sid, KEYS_SID, text);
	run->host->text(run->probe, "session", text);
}

void
run_samples(struct run *run, struct trace *trace)
{
	struct trace_reader *reader = read_all(run, trace);
	struct message_record record;
	struct samples samples = {0};

	while (
	    trace_read_next(reader, &record) && samples_add(&samples, &record))
		continue;
	samples_give(&samples, run->probe);
	trace_read_free(reader);
}
