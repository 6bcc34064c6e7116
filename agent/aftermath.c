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

int
aftermath(struct spool *spool, struct shelf *shelf, nanoseconds *committed,
    struct error *err)
{
	struct past past = {.spool = spool};

	if (shelf_life(shelf, &past.committed, err) < 0 ||
	    shelf_runs(shelf, fail_run, &past, err) < 0)
		return (-1);
	*committed = past.committed;
	return (0);
}
