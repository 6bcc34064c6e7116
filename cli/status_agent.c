/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What pharos status says of an agent.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "agent/settings.h"
#include "agent/trust.h"
#include "cli/output.h"
#include "cli/status.h"
#include "common/clock.h"
#include "common/discipline.h"
#include "common/error.h"
#include "common/member.h"
#include "common/table.h"
#include "common/unit.h"

static char *
control_socket(const char *config, struct error *err)
{
	struct agent_settings settings;

	if (agent_settings_read(&settings, config, err) < 0)
		return (NULL);
	return (agent_settings_path(&settings, "control"));
}

static size_t
length_of(json_object *array)
{
	if (!json_object_is_type(array, json_type_array))
		return (0);
	return (json_object_array_length(array));
}

static void
print_box(json_object *status, FILE *out)
{
	fprintf(out, "box        %s, pharosd %s, epoch %s\n",
	    member_text_or(status, "box", "?"),
	    member_text_or(status, "version", "?"),
	    member_text_or(status, "epoch", "?"));
}

static void
print_uplink(json_object *status, double now, FILE *out)
{
	json_object *uplink = member_get(status, "uplink");
	const char *error = member_text_or(uplink, "error", NULL);
	char hello[STATUS_AGO], ack[STATUS_AGO];

	fprintf(out, "collector  %s, %s\n",
	    member_text_or(status, "collector", "?"),
	    json_object_get_boolean(member_get(uplink, "second"))
		? "refused: another agent has this box's identity"
	    : json_object_get_boolean(member_get(uplink, "connected"))
		? "connected"
		: "not connected");
	fprintf(out, "           last hello %s, last delivery %s\n",
	    status_ago(member_get(uplink, "last_hello"), now, hello),
	    status_ago(member_get(uplink, "last_ack"), now, ack));
	if (error != NULL)
		fprintf(out, "           %s\n", error);
}

static void
print_certificate(json_object *status, FILE *out)
{
	json_object *certificate = member_get(status, "certificate");
	const char *error = member_text_or(certificate, "error", NULL);
	double until = member_number_or(certificate, "until", 0);
	double renew = member_number_or(certificate, "renew", 0);
	char good[40], next[40];

	if (certificate == NULL)
		return;
	fprintf(out, "           certificate good until %s, renewed after %s\n",
	    clock_format(clock_of_seconds(until), 0, good),
	    clock_format(clock_of_seconds(renew), 0, next));
	if (error != NULL)
		fprintf(out, "           not renewed: %s\n", error);
}

static void
print_plan(json_object *status, FILE *out)
{
	json_object *plan = member_get(status, "plan");
	const char *refused = member_text_or(plan, "refused", NULL);
	int64_t tests = member_whole_or(plan, "tests", 0);
	int64_t jobs = member_whole_or(plan, "jobs", 0);

	if (member_get(plan, "revision") == NULL)
		fprintf(out, "plan       none yet\n");
	else
		fprintf(out,
		    "plan       revision %" PRId64 ": %" PRId64
		    " test%s, %" PRId64 " job%s\n",
		    member_whole_or(plan, "revision", 0), tests,
		    output_plural((uint64_t)tests), jobs,
		    output_plural((uint64_t)jobs));
	if (refused != NULL)
		fprintf(
		    out, "           the newest was refused: %s\n", refused);
}

/* Of a collector's clock that says something else. */
static void
print_apart(double ahead, FILE *out)
{
	char by[UNIT_TEXT];

	if (fabs(ahead) <= clock_seconds(TRUST_AGREES))
		return;
	unit_format(UNIT_SECONDS, fabs(ahead), by);
	fprintf(out, "           %s %s the collector's\n", by,
	    ahead > 0 ? "ahead of" : "behind");
}

static void
print_clock(json_object *status, FILE *out)
{
	json_object *clock = member_get(status, "clock");
	json_object *error = member_get(clock, "error");
	const char *doubt = member_text_or(clock, "doubt", NULL);
	const char *source = member_text_or(clock, "source", "?");
	char bound[UNIT_TEXT];

	if (strcmp(source, DISCIPLINE_OPERATOR) == 0)
		fprintf(out, "clock      vouched for by the operator: %s, ",
		    member_text_or(clock, "reference", "?"));
	else
		fprintf(out, "clock      disciplined by %s, ", source);
	if (error == NULL)
		fprintf(out, "error unknown");
	else
		fprintf(out, "within %s",
		    unit_format(
			UNIT_SECONDS, json_object_get_double(error), bound));
	fprintf(out, " (%s)\n", member_text_or(clock, "clocksource", "?"));
	print_apart(member_number_or(clock, "ahead", 0), out);
	if (doubt != NULL)
		fprintf(out, "           nothing is measured: %s\n", doubt);
}

static void
print_spool(json_object *status, double now, FILE *out)
{
	json_object *spool = member_get(status, "spool");
	json_object *oldest = member_get(spool, "oldest");
	int64_t dropped = member_whole_or(spool, "dropped", 0);
	const char *error = member_text_or(spool, "error", NULL);
	char size[UNIT_TEXT], ago[STATUS_AGO];

	fprintf(out, "spool      %" PRId64 " records, %s",
	    member_whole_or(spool, "records", 0),
	    unit_format(UNIT_BYTES, member_number_or(spool, "bytes", 0), size));
	if (oldest != NULL)
		fprintf(out, ", the oldest %s", status_ago(oldest, now, ago));
	if (dropped > 0)
		fprintf(out, ", %" PRId64 " dropped", dropped);
	fprintf(out, "\n");
	if (error != NULL)
		fprintf(out, "           not on disk: %s\n", error);
}

static void
print_crew(json_object *status, FILE *out)
{
	json_object *crew = member_get(status, "crew"), *worker;
	int64_t runs, restarts;
	size_t i;

	for (i = 0; i < length_of(crew); i++) {
		worker = json_object_array_get_idx(crew, i);
		runs = member_whole_or(worker, "runs", 0);
		restarts = member_whole_or(worker, "restarts", 0);
		fprintf(out,
		    "worker     %s: process %" PRId64 ", %" PRId64
		    " run%s, restarted %" PRId64 " time%s\n",
		    member_text_or(worker, "probe", "?"),
		    member_whole_or(worker, "pid", 0), runs,
		    output_plural((uint64_t)runs), restarts,
		    output_plural((uint64_t)restarts));
	}
}

static void
print_far_ends(json_object *status, FILE *out)
{
	json_object *list = member_get(status, "far_ends"), *end;

	for (size_t i = 0; i < length_of(list); i++) {
		end = json_object_array_get_idx(list, i);
		fprintf(
		    out, "far end    %s: ", member_text_or(end, "probe", "?"));
		if (json_object_get_boolean(member_get(end, "ready")))
			fprintf(out, "ready, serves %" PRId64 "\n",
			    member_whole_or(end, "serves", 0));
		else
			fprintf(out, "not ready: %s\n",
			    member_text_or(end, "why", "it is not needed"));
	}
}

/* What the site's limits kept from running, a line for each test and limit. */
static void
print_limited(json_object *status, double now, FILE *out)
{
	json_object *limited = member_get(status, "limited"), *row;
	char ago[STATUS_AGO];
	size_t i;

	for (i = 0; i < length_of(limited); i++) {
		row = json_object_array_get_idx(limited, i);
		fprintf(out,
		    "limited    %s: %" PRId64 " skipped by %s, the last %s\n"
		    "           %s\n",
		    member_text_or(row, "test", "?"),
		    member_whole_or(row, "count", 0),
		    member_text_or(row, "limit", "?"),
		    status_ago(member_get(row, "last"), now, ago),
		    member_text_or(row, "why", ""));
	}
}

/* Why there is no finding, or the medians of what was found. */
static void
add_finding(struct table *table, json_object *record)
{
	json_object *metrics = member_get(record, "metrics"), *median;
	char text[128] = "", number[UNIT_TEXT];
	size_t used = 0;

	if (metrics == NULL || member_get(record, "why") != NULL) {
		table_text(table, member_text_or(record, "why", NULL));
		return;
	}
	json_object_object_foreach (metrics, name, value) {
		median = member_get(value, "median");
		if (median == NULL || used >= sizeof(text))
			continue;
		unit_format(
		    UNIT_SECONDS, json_object_get_double(median), number);
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "%s%s %s", used > 0 ? ", " : "", name, number);
	}
	table_text(table, used > 0 ? text : NULL);
}

static void
print_last(json_object *status, int width, FILE *out)
{
	static const char *const titles[] = {
	    "START", "TEST", "SRC", "DST", "OUTCOME", "FINDING", NULL};
	json_object *last = member_get(status, "last"), *record;
	struct table *table = table_new();
	char start[40];
	size_t i;

	for (i = 0; titles[i] != NULL; i++)
		table_column(table, titles[i], UNIT_NONE);
	for (i = 0; i < length_of(last); i++) {
		record = json_object_array_get_idx(last, i);
		table_row(table);
		table_text(table,
		    clock_format(
			clock_of_seconds(member_number_or(record, "start", 0)),
			0, start));
		table_text(table, member_text_or(record, "test", NULL));
		table_text(table, member_text_or(record, "src", NULL));
		table_text(table, member_text_or(record, "dst", NULL));
		table_text(table, member_text_or(record, "outcome", NULL));
		add_finding(table, record);
	}
	if (i > 0) {
		fprintf(out, "\n");
		table_write(table, TABLE_TEXT_FORMAT, width, out);
	}
	table_free(table);
}

static void
print_agent(json_object *status, double now, int width, FILE *out)
{
	print_box(status, out);
	print_uplink(status, now, out);
	print_certificate(status, out);
	print_plan(status, out);
	print_clock(status, out);
	print_spool(status, now, out);
	print_limited(status, now, out);
	print_far_ends(status, out);
	print_crew(status, out);
	print_last(status, width, out);
}

const struct status_face status_agent = {
    .socket = control_socket,
    .print = print_agent,
};
