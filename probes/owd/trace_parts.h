/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trace_parts.h - what the files of trace share.
 */
#ifndef PHAROS_PROBES_OWD_TRACE_PARTS_H
#define PHAROS_PROBES_OWD_TRACE_PARTS_H

#include "probes/owd/trace.h"

struct trace_number { /* one for each number, from 0 on */
	uint64_t due;
	uint64_t left; /* as stated; 0: it was not */
};

struct trace {
	struct timetable *timetable; /* of the number behind those there are */
	uint64_t timeout;
	uint32_t most, missed;
	bool closed, forgotten;
	struct message_record *records;
	uint32_t count, room;
	struct trace_number *numbers;
	uint32_t number_count, number_room;
	uint32_t behind; /* one more than the highest number that arrived */
	uint32_t unkept; /* the least number that came and was not kept */
	bool over;       /* trace_stop was called */
	uint32_t known;  /* then: the fate of all numbers below is known */
	struct message_stopped stopped;
	struct message_skip *skips;
};

#endif
