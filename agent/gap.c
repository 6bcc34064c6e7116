/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/gap.h"

#include <stdlib.h>

#include "agent/runs.h"
#include "agent/spool.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/unit.h"
#include "scheduler/schedule.h"

/* A collector refuses what ends more than a day ahead of it, and this clock may
 * be ahead by TRUST_CONTRADICTS. */
#define AHEAD_MOST (11 * 3600 * NS_PER_S)

static void
add(struct spool *spool, nanoseconds start, nanoseconds end, const char *why)
{
	json_object *record = json_object_new_object();

	member_add_whole(record, "v", 1);
	member_add_duration(record, "start", start);
	member_add_duration(record, "end", end);
	member_add_text(record, "outcome", outcome_names[OUTCOME_GAP]);
	member_add_text(record, "why", why);
	spool_add(spool, record, NULL);
	json_object_put(record);
}

void
gap_set_back(
    struct spool *spool, nanoseconds now, nanoseconds until, const char *why)
{
	char by[UNIT_TEXT], *text;

	unit_format(UNIT_SECONDS, clock_seconds(until - now), by);
	text = memory_print("%s%sthe clock was set back by %s: what was "
			    "measured in that time by the clock before is here "
			    "twice",
	    why != NULL ? why : "", why != NULL ? "; " : "", by);
	add(spool, now, until - now < AHEAD_MOST ? until : now, text);
	free(text);
}

nanoseconds
gap_reached(nanoseconds before, nanoseconds now)
{
	return (before > now && before - SCHEDULE_BACK <= now ? before : now);
}

nanoseconds
gap_since(
    struct spool *spool, nanoseconds lived, nanoseconds resume, const char *why)
{
	/* what starts so soon after a commit was noted in it */
	nanoseconds started = lived + RUNS_LEAD;

	if (started > resume + SCHEDULE_BACK) {
		gap_set_back(spool, resume, started, why);
		return (resume);
	}
	if (resume < started)
		resume = started;
	add(spool, lived, resume, why);
	return (resume);
}
