/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/aftermath.h"

#include <string.h>

#include "agent/shelf.h"
#include "agent/spool.h"
#include "common/member.h"

struct past {
	struct spool *spool;
	nanoseconds committed;
};

static void
fail_run(void *arg, int64_t run, const char *text)
{
	const struct past *past = arg;
	json_object *note = member_parse(text, strlen(text), NULL);
	json_object *start = member_get(note, "start");

	if (note != NULL) {
		/* it ended unseen: not before its start, and not before what
		 * was last written */
		if (json_object_get_double(start) >
		    clock_seconds(past->committed))
			json_object_object_add(
			    note, "end", json_object_get(start));
		else
			member_add_duration(note, "end", past->committed);
		member_add_text(note, "outcome", outcome_names[OUTCOME_FAILED]);
		member_add_text(
		    note, "why", "pharosd was stopped while it ran");
		spool_add(past->spool, note, NULL);
		json_object_put(note);
	}
	spool_ended(past->spool, (uint64_t)run);
}

static void
add_gap(struct spool *spool, nanoseconds from, nanoseconds until)
{
	json_object *record = json_object_new_object();

	member_add_whole(record, "v", 1);
	/* the clock may have been set back meanwhile */
	member_add_duration(record, "start", from < until ? from : until);
	member_add_duration(record, "end", until);
	member_add_text(record, "outcome", outcome_names[OUTCOME_GAP]);
	member_add_text(record, "why", "pharosd was not running");
	spool_add(spool, record, NULL);
	json_object_put(record);
}

int
aftermath(struct spool *spool, struct shelf *shelf, nanoseconds resume,
    struct error *err)
{
	struct past past = {.spool = spool};

	if (shelf_life(shelf, &past.committed, err) < 0 ||
	    shelf_runs(shelf, fail_run, &past, err) < 0)
		return (-1);
	if (past.committed != 0)
		add_gap(spool, past.committed, resume);
	return (0);
}
