/* SPDX-License-Identifier: BSD-2-Clause */
#include <json-c/json.h>

#include "collector/intake.h"
#include "collector/journal.h"
#include "common/channel.h"
#include "common/clock.h"
#include "common/member.h"

static void
add_counts(json_object *beat, const struct intake_counts *counts)
{
	member_add_whole(beat, "taken", (int64_t)counts->taken);
	member_add_whole(beat, "again", (int64_t)counts->again);
	member_add_whole(beat, "refused", (int64_t)counts->refused);
	member_add_whole(beat, "late", (int64_t)counts->late);
	member_add_whole(beat, "batches", (int64_t)counts->batches);
	member_add_whole(beat, "bad", (int64_t)counts->bad);
	member_add_whole(beat, "later", (int64_t)counts->later);
	member_add_whole(beat, "strangers", (int64_t)counts->strangers);
	member_add_whole(beat, "seconds", (int64_t)counts->seconds);
}

void
intake_beat(struct intake *intake)
{
	json_object *beat = json_object_new_object();
	struct http_load load;

	http_load(intake->http, &load);
	member_add_text(beat, "m", "beat");
	add_counts(beat, &intake->counts);
	member_add_whole(beat, "connections", (int64_t)load.connections);
	member_add_whole(beat, "ended", (int64_t)load.ended);
	member_add_whole(
	    beat, "journal", (int64_t)journal_last(intake->journal));
	member_add_whole(beat, "journal_bytes", intake->journal_bytes);
	member_add_duration(beat, "quiet", clock_monotonic() - intake->took);
	if (intake->disk_free >= 0)
		member_add_number(beat, "disk_free", intake->disk_free);
	member_add_whole(beat, "taking", intake->full[0] == '\0');
	if (intake->full[0] != '\0')
		member_add_text(beat, "full", intake->full);
	channel_send(intake->parent, beat);
}
