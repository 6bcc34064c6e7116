/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GET /metrics: how the collector is, in Prometheus' format.
 */
#include <json-c/json.h>
#include <math.h>
#include <string.h>

#include "collector/fleet.h"
#include "collector/live.h"
#include "collector/registry.h"
#include "collector/web.h"
#include "common/clock.h"
#include "common/discipline.h"
#include "common/exposition.h"
#include "common/member.h"
#include "common/timekeeper.h"
#include "defines.h"

/* One number of a part's beat. Without a help it belongs to the family of the
 * row before. */
struct row {
	const char *name;
	enum exposition_type type;
	const char *help;
	const char *part, *member;
	const char *label, *text;
};

static const struct row rows[] = {
    {"pharos_intake_records_total", EXPOSITION_COUNTER,
	"Records that agents sent, by what became of them", "intake", "taken",
	"result", "taken"},
    {.part = "intake",
	.member = "again",
	.label = "result",
	.text = "duplicate"},
    {.part = "intake",
	.member = "refused",
	.label = "result",
	.text = "refused"},
    {"pharos_intake_late_records_total", EXPOSITION_COUNTER,
	"Records taken more than a minute after their end", "intake", "late"},
    {"pharos_intake_batches_total", EXPOSITION_COUNTER,
	"Batches that agents sent, by what became of them", "intake", "batches",
	"result", "taken"},
    {.part = "intake", .member = "bad", .label = "result", .text = "bad"},
    {.part = "intake", .member = "later", .label = "result", .text = "later"},
    {"pharos_intake_strangers_total", EXPOSITION_COUNTER,
	"Requests without a certificate that this fleet knows", "intake",
	"strangers"},
    {"pharos_intake_second_agents_total", EXPOSITION_COUNTER,
	"Requests refused because another agent has the same identity",
	"intake", "seconds"},
    {"pharos_intake_connections", EXPOSITION_GAUGE,
	"Connections of agents that are open", "intake", "connections"},
    {"pharos_intake_connections_ended_total", EXPOSITION_COUNTER,
	"Connections ended for want of a request in time, or of room", "intake",
	"ended"},
    {"pharos_intake_quiet_seconds", EXPOSITION_GAUGE,
	"Time since a record was taken, or since the start", "intake", "quiet"},
    {"pharos_intake_taking", EXPOSITION_GAUGE,
	"Whether records are taken: 0 when the disk is full or the store behind",
	"intake", "taking"},
    {"pharos_disk_free_ratio", EXPOSITION_GAUGE,
	"Free part of the disk that holds the state", "intake", "disk_free"},
    {"pharos_journal_records_total", EXPOSITION_COUNTER,
	"Number of the last record in the journal", "intake", "journal"},
    {"pharos_journal_bytes", EXPOSITION_GAUGE, "Size of the journal", "intake",
	"journal_bytes"},
    {"pharos_store_passed_over_total", EXPOSITION_COUNTER,
	"Records that the fleet has no pair for", "store", "passed_over"},
};

static void
add_rows(const struct web *web, struct exposition *out)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		json_object *beat =
		    member_get(web_part(web, row->part), "beat");

		if (row->help != NULL)
			exposition_family(out, row->name, row->type, row->help);
		if (member_get(beat, row->member) != NULL)
			exposition_add(out,
			    member_number_or(beat, row->member, 0), row->label,
			    row->text);
	}
}

static void
add_parts(const struct web *web, struct exposition *out)
{
	size_t count =
	    web->parts == NULL ? 0 : json_object_array_length(web->parts);

	exposition_family(out, "pharos_part_up", EXPOSITION_GAUGE,
	    "Whether this process of the collector runs");
	for (size_t i = 0; i < count; i++) {
		json_object *part = json_object_array_get_idx(web->parts, i);

		exposition_add(out, member_whole_or(part, "pid", 0) != 0,
		    "part", member_text_or(part, "name", ""));
	}
	exposition_family(out, "pharos_part_restarts_total", EXPOSITION_COUNTER,
	    "How often it had to be started again");
	for (size_t i = 0; i < count; i++) {
		json_object *part = json_object_array_get_idx(web->parts, i);

		exposition_add(out,
		    (double)member_whole_or(part, "restarts", 0), "part",
		    member_text_or(part, "name", ""));
	}
}

static void
add_sinks(const struct web *web, struct exposition *out)
{
	json_object *intake = member_get(web_part(web, "intake"), "beat");
	json_object *store = member_get(web_part(web, "store"), "beat");
	json_object *sinks = member_get(store, "sinks");
	int64_t last = member_whole_or(intake, "journal", 0), lag;

	exposition_family(out, "pharos_sink_lag_records", EXPOSITION_GAUGE,
	    "Records in the journal that this sink does not have yet");
	if (sinks != NULL && intake != NULL) {
		json_object_object_foreach (sinks, name, sink) {
			lag = last - member_whole_or(sink, "number", 0);
			exposition_add(
			    out, lag > 0 ? (double)lag : 0, "sink", name);
		}
	}
	exposition_family(out, "pharos_sink_lag_seconds", EXPOSITION_GAUGE,
	    "How long ago the record came that this sink reads now");
	if (sinks != NULL) {
		json_object_object_foreach (sinks, name, sink)
			exposition_add(out, member_number_or(sink, "behind", 0),
			    "sink", name);
	}
}

/*
 * The fleet.
 */

static void
add_states(struct web *web, struct exposition *out)
{
	size_t ok = 0, silent = 0, never = 0;

	for (size_t i = 0; i < web->fleet->end_count; i++) {
		const struct fleet_end *end = &web->fleet->ends[i];
		const struct registry_box *box =
		    end->is_box ? web_box(web, end->name) : NULL;

		if (!end->is_box)
			continue;
		if (box == NULL || box->heard == 0)
			never++;
		else if (web_is_silent(web, end))
			silent++;
		else
			ok++;
	}
	exposition_family(out, "pharos_boxes", EXPOSITION_GAUGE,
	    "Boxes of the fleet, by whether they have been heard of");
	exposition_add(out, (double)ok, "state", "ok");
	exposition_add(out, (double)silent, "state", "silent");
	exposition_add(out, (double)never, "state", "never");
}

/* Of each box that said it: a number of its hello. */
static const struct {
	const char *name;
	enum exposition_type type;
	const char *help, *object, *member;
} said[] = {
    {"pharos_box_spool_records", EXPOSITION_GAUGE,
	"Records that wait on the box", "spool", "records"},
    {"pharos_box_spool_bytes", EXPOSITION_GAUGE, "Their size", "spool",
	"bytes"},
    {"pharos_box_dropped_total", EXPOSITION_COUNTER,
	"Records that the box had to drop since its start", "spool", "dropped"},
    {"pharos_box_clock_error_seconds", EXPOSITION_GAUGE,
	"Bound of its clock's error; absent when it has none", "clock",
	"error"},
};

static void
add_said(struct web *web, struct exposition *out, size_t which)
{
	exposition_family(
	    out, said[which].name, said[which].type, said[which].help);
	for (int i = 0; i < web->box_count; i++) {
		json_object *o =
		    member_get(web->boxes[i].hello, said[which].object);

		if (member_get(o, said[which].member) != NULL)
			exposition_add(out,
			    member_number_or(o, said[which].member, 0), "box",
			    web->boxes[i].name);
	}
}

static void
add_boxes(struct web *web, struct exposition *out)
{
	exposition_family(out, "pharos_box_heard_timestamp_seconds",
	    EXPOSITION_GAUGE, "When the box was last heard of");
	for (int i = 0; i < web->box_count; i++)
		if (web->boxes[i].heard != 0)
			exposition_add(out, clock_seconds(web->boxes[i].heard),
			    "box", web->boxes[i].name);
	exposition_family(out, "pharos_box_refused_total", EXPOSITION_COUNTER,
	    "Records of the box that were kept aside");
	for (int i = 0; i < web->box_count; i++)
		exposition_add(out, (double)web->boxes[i].refused, "box",
		    web->boxes[i].name);
	exposition_family(out, "pharos_box_plan_refused", EXPOSITION_GAUGE,
	    "Whether the box refuses its plan");
	for (int i = 0; i < web->box_count; i++)
		exposition_add(out,
		    member_get(web->boxes[i].hello, "plan_refused") != NULL,
		    "box", web->boxes[i].name);
	exposition_family(out, "pharos_box_second_agent", EXPOSITION_GAUGE,
	    "Whether a second agent with the box's identity is refused");
	for (int i = 0; i < web->box_count; i++)
		exposition_add(out,
		    registry_has_second(&web->boxes[i], clock_wall()), "box",
		    web->boxes[i].name);
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		add_said(web, out, i);
}

static void
add_clock(const struct web *web, struct exposition *out)
{
	double error = discipline_error_at(
	    timekeeper_state(web->keeper), clock_monotonic());

	exposition_one(out, "pharos_clock_synchronised", EXPOSITION_GAUGE,
	    "Whether anything disciplines this host's clock", isfinite(error));
	exposition_family(out, "pharos_clock_error_seconds", EXPOSITION_GAUGE,
	    "Bound of this host's clock error; absent when it has none");
	if (isfinite(error))
		exposition_add(out, error, NULL, NULL);
}

void
web_get_metrics(struct http_request *request, void *arg)
{
	struct exposition *out = exposition_new();
	struct web *web = arg;

	exposition_family(out, "pharos_build_info", EXPOSITION_GAUGE,
	    "The version that runs");
	exposition_add(out, 1, "version", PACKAGE_VERSION);
	exposition_one(out, "pharos_live_clients", EXPOSITION_GAUGE,
	    "Clients that are told what changes in a matrix",
	    (double)live_clients(web->live));
	if (web->fleet != NULL) {
		exposition_one(out, "pharos_fleet_revision", EXPOSITION_GAUGE,
		    "Revision of the fleet that is served",
		    (double)web->fleet->revision);
		add_states(web, out);
		add_boxes(web, out);
	}
	add_parts(web, out);
	add_rows(web, out);
	add_sinks(web, out);
	add_clock(web, out);
	exposition_reply(out, request);
}
