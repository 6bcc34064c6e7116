/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owd/trace.h"

#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "probes/owamp/ntp.h"
#include "probes/owd/trace_parts.h"

#define ROOM 64 /* at first, records */

struct trace *
trace_new(const struct trace_about *about)
{
	struct trace *trace = memory_new(1, sizeof(*trace));

	trace->timetable = timetable_new(
	    about->sid, about->start, about->slots, about->slot_count);
	trace->timeout = about->timeout;
	trace->most = about->most;
	trace->unkept = UINT32_MAX;
	memcpy(trace->stopped.sid, about->sid, sizeof(trace->stopped.sid));
	return (trace);
}

void
trace_free(struct trace *trace)
{
	if (trace == NULL)
		return;
	timetable_free(trace->timetable);
	free(trace->records);
	free(trace->numbers);
	free(trace->skips);
	free(trace);
}

size_t
trace_size(const struct trace *trace)
{
	return (sizeof(*trace) + trace->room * sizeof(*trace->records) +
		trace->number_room * sizeof(*trace->numbers) +
		trace->stopped.skip_count * sizeof(*trace->skips));
}

static uint32_t
more_room(uint32_t room, uint32_t most)
{
	if (room == 0)
		return (ROOM < most ? ROOM : most);
	return (room < most / 2 ? 2 * room : most);
}

/* Adds numbers up to this one, and when they are due. */
static void
reach(struct trace *trace, uint32_t number)
{
	while (trace->number_count <= number) {
		if (trace->number_count == trace->number_room) {
			trace->number_room =
			    more_room(trace->number_room, trace->most);
			trace->numbers = memory_resize(trace->numbers,
			    trace->number_room, sizeof(*trace->numbers));
		}
		trace->numbers[trace->number_count++] = (struct trace_number){
		    .due = timetable_next(trace->timetable)};
	}
}

void
trace_add(struct trace *trace, const struct message_record *record)
{
	if (trace->closed || trace->over || trace->count == trace->most ||
	    record->sequence >= trace->most) {
		trace->missed++;
		if (trace->unkept > record->sequence)
			trace->unkept = record->sequence;
		return;
	}
	reach(trace, record->sequence);
	if (trace->count == trace->room) {
		trace->room = more_room(trace->room, trace->most);
		trace->records = memory_resize(
		    trace->records, trace->room, sizeof(*trace->records));
	}
	trace->records[trace->count++] = *record;
	if (trace->behind <= record->sequence)
		trace->behind = record->sequence + 1;
}

uint32_t
trace_missed(const struct trace *trace)
{
	return (trace->missed);
}

void
trace_close(struct trace *trace)
{
	trace->closed = true;
}

void
trace_forget(struct trace *trace)
{
	free(trace->records);
	free(trace->numbers);
	trace->records = NULL;
	trace->numbers = NULL;
	trace->missed += trace->count;
	trace->count = trace->room = 0;
	trace->number_count = trace->number_room = 0;
	trace->behind = trace->unkept = 0;
	trace->closed = trace->forgotten = true;
}

void
trace_state(struct trace *trace, const struct message_statement *statement)
{
	for (uint32_t i = 0; i < statement->stamp_count; i++) {
		uint32_t number = statement->first + i;
		struct trace_number *at;

		if (number >= trace->most || trace->closed || trace->over)
			return;
		if (statement->later[i] == MESSAGE_NO_STAMP)
			continue;
		reach(trace, number);
		at = &trace->numbers[number];
		at->left = ntp_of_wall(ntp_wall(at->due) + statement->later[i]);
	}
}

/* How many numbers from 0 on were due before the limit, and are below next. */
static uint32_t
count_due(struct trace *trace, uint32_t next, uint64_t limit)
{
	uint32_t known = 0;

	if (next > trace->most)
		next = trace->most;
	while (known < next) {
		reach(trace, known);
		if (ntp_between(trace->numbers[known].due, limit) < 0)
			break;
		known++;
	}
	return (known);
}

int
trace_stop(
    struct trace *trace, const struct message_stopped *stopped, uint64_t when)
{
	uint32_t next = stopped->next;
	const struct message_skip *skips = stopped->skips;

	for (uint32_t i = 1; i < stopped->skip_count; i++)
		if (skips[i].first <= skips[i - 1].last)
			return (-1);
	if (next == MESSAGE_NEXT_UNKNOWN)
		next = trace->behind;
	trace->skips =
	    memory_new((size_t)stopped->skip_count + 1, sizeof(*skips));
	if (stopped->skip_count > 0)
		memcpy(
		    trace->skips, skips, stopped->skip_count * sizeof(*skips));
	trace->stopped.next = next;
	trace->stopped.skip_count = stopped->skip_count;
	trace->stopped.skips = trace->skips;
	if (!trace->forgotten)
		trace->known = count_due(trace, next, when - trace->timeout);
	trace->over = true;
	return (0);
}

bool
trace_is_whole(const struct trace *trace)
{
	uint32_t next = trace->stopped.next;

	return (trace->over && next <= trace->most && next <= trace->unkept);
}

struct message_stopped
trace_stopped(const struct trace *trace)
{
	return (trace->stopped);
}
