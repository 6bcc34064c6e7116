/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trace.h - every packet of a session as it arrived, for Fetch-Session.
 *
 * In order of arrival, copies included. Statements of the sender correct the times
 * of sending, as long as they come before the trace is read. What was lost is only
 * known when the sender has said what was sent; until then nothing is claimed
 * beyond the last packet that came. At most 48 bytes a packet, and twice that
 * where memory has just been taken.
 */
#ifndef PHAROS_PROBES_OWD_TRACE_H
#define PHAROS_PROBES_OWD_TRACE_H

#include "probes/owamp/message.h"

struct trace;
struct trace_about {
	const uint8_t *sid;
	uint64_t start; /* NTP */
	const struct slot *slots;
	uint32_t slot_count;
	uint64_t timeout; /* NTP */
	uint32_t most;    /* so many records, and numbers below that, are kept;
	                     of others, and of all numbers behind one of them,
	                     nothing is said: they are no losses */
};

struct trace *trace_new(const struct trace_about *about); /* all of it copied */
void trace_free(struct trace *trace);                     /* NULL is fine */
size_t trace_size(const struct trace *trace);             /* bytes */

void trace_add(struct trace *trace, const struct message_record *record);
uint32_t trace_missed(const struct trace *trace); /* were not kept */
/* No more is kept from here on: it is all missed. */
void trace_close(struct trace *trace);
/* Nothing is kept, of what came before either. Nobody reads it. */
void trace_forget(struct trace *trace);

/* All copies of a packet, earlier and later ones, left when it says. */
void trace_state(
    struct trace *trace, const struct message_statement *statement);

/* The sender says that it is over, at `when` by our clock (NTP). What was due
 * less than the timeout before that goes, for its fate is not known (RFC 4656
 * section 3.8), nor does what has a number from
 * stopped->next on, which never was. -1:
 * skips do not rise, nothing is taken of it. */
int trace_stop(
    struct trace *trace, const struct message_stopped *stopped, uint64_t when);
/* Stopped, and all that came of what was sent is kept. */
bool trace_is_whole(const struct trace *trace);
/* What was said then; before: next 0 and no skips. Valid until trace_free. */
struct message_stopped trace_stopped(const struct trace *trace);

/* What a reader wants, of numbers from begin to end. */
struct trace_span {
	uint32_t begin, end; /* 0 and UINT32_MAX: all */
	uint64_t until;      /* NTP: what is lost, of those that were due a
	                        timeout before */
	/* As RFC 4656 section 4.2 has it, and as its readers rely on: what was
	 * further than the timeout from when it was due, or on its way for
	 * longer, either way, is lost. Else whatever came is there. */
	bool strict;
	uint16_t estimate; /* of the receiver's clock, where nothing came that
	                      says it: ntp.h; 0: nobody keeps it right */
};

/* Records of arrivals, in their order; a lost packet (received 0, sent: when it
 * was due) stands where its loss was certain, with the estimate of the receiver's
 * clock by then: perfSONAR's readers take the whole session for unsynchronised if
 * a lost one is. Of packets that were never sent there is none. The trace may grow and be stopped meanwhile, the
 * reader does not look; it may not be freed. */
struct trace_reader;
struct trace_reader *trace_read(
    const struct trace *trace, const struct trace_span *span);
void trace_read_free(struct trace_reader *reader);            /* NULL is fine */
uint32_t trace_read_count(const struct trace_reader *reader); /* of all */
/* False: that was all. */
bool trace_read_next(
    struct trace_reader *reader, struct message_record *record);

#endif
