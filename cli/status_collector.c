/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What pharos status says of a collector.
 */
#include <inttypes.h>
#include <json-c/json.h>
#include <math.h>
#include <string.h>

#include "cli/output.h"
#include "cli/status.h"
#include "collector/settings.h"
#include "common/error.h"
#include "common/member.h"
#include "common/table.h"
#include "common/unit.h"

static char *
control_socket(const char *config, struct error *err)
{
	struct collector_settings settings;

	if (collector_settings_read(&settings, config, err) == -1)
		return (NULL);
	return (collector_settings_path(&settings, "control"));
}

static size_t
length_of(json_object *array)
{
	if (!json_object_is_type(array, json_type_array))
		return (0);
	return (json_object_array_length(array));
}

static void
print_fleet(json_object *status, FILE *out)
{
	json_object *fleet = member_get(status, "fleet");
	json_object *problems = member_get(fleet, "problems");
	int64_t sites = member_whole_or(fleet, "sites", 0);
	int64_t tests = member_whole_or(fleet, "tests", 0);

	fprintf(out,
	    "fleet      %s, revision %" PRId64 ": %" PRId64 " site%s, %" PRId64
	    " test%s\n",
	    member_text_or(fleet, "file", "?"),
	    member_whole_or(fleet, "revision", 0), sites,
	    output_plural((uint64_t)sites), tests,
	    output_plural((uint64_t)tests));
	if (problems != NULL)
		fprintf(out, "           the file is refused as it is now:\n");
	for (size_t i = 0; i < length_of(problems); i++)
		fprintf(out, "           %s\n",
		    json_object_get_string(
			json_object_array_get_idx(problems, i)));
}

static json_object *
beat_of(json_object *children, const char *name)
{
	for (size_t i = 0; i < length_of(children); i++) {
		json_object *child = json_object_array_get_idx(children, i);

		if (strcmp(member_text_or(child, "name", ""), name) == 0)
			return (member_get(child, "beat"));
	}
	return (NULL);
}

/* What each has of the journal's records on disk. */
static void
print_sinks(json_object *children, FILE *out)
{
	json_object *sinks = member_get(beat_of(children, "store"), "sinks");
	int64_t last =
	    member_whole_or(beat_of(children, "intake"), "journal", -1);

	if (sinks == NULL || last == -1)
		return;
	fprintf(out, "records    %" PRId64 " taken", last);
	json_object_object_foreach (sinks, name, sink) {
		int64_t lag = last - member_whole_or(sink, "number", 0);

		fprintf(
		    out, "; not in %s yet: %" PRId64, name, lag > 0 ? lag : 0);
	}
	fputc('\n', out);
}

static void
print_children(json_object *status, FILE *out)
{
	json_object *children = member_get(status, "children");

	for (size_t i = 0; i < length_of(children); i++) {
		json_object *child = json_object_array_get_idx(children, i);
		int64_t pid = member_whole_or(child, "pid", 0);
		int64_t restarts = member_whole_or(child, "restarts", 0);

		fprintf(out, "%-10s ", member_text_or(child, "name", "?"));
		if (pid == 0)
			fprintf(out, "not running");
		else
			fprintf(out, "process %" PRId64, pid);
		fprintf(out, ", restarted %" PRId64 " time%s\n", restarts,
		    output_plural((uint64_t)restarts));
	}
}

static void
add_box(struct table *table, json_object *box, double now)
{
	char ago[STATUS_AGO];

	table_row(table);
	table_text(table, member_text_or(box, "name", NULL));
	table_text(table, member_text_or(box, "state", NULL));
	table_text(table, status_ago(member_get(box, "heard"), now, ago));
	table_text(table, member_text_or(box, "version", NULL));
	status_clock(table, member_get(box, "clock"));
	table_number(
	    table, member_number_or(member_get(box, "spool"), "records", NAN));
	table_number(table, member_number_or(box, "plan", NAN));
	table_number(table, member_number_or(box, "refused", NAN));
}

static void
print_boxes(json_object *boxes, double now, int width, FILE *out)
{
	static const char *const titles[] = {"BOX", "STATE", "HEARD", "VERSION",
	    "CLOCK", "SPOOL", "PLAN", "REFUSED", NULL};
	struct table *table = table_new();

	for (size_t i = 0; titles[i] != NULL; i++)
		table_column(table, titles[i], UNIT_NONE);
	for (size_t i = 0; i < length_of(boxes); i++)
		add_box(table, json_object_array_get_idx(boxes, i), now);
	if (length_of(boxes) > 0) {
		fprintf(out, "\n");
		table_write(table, TABLE_TEXT_FORMAT, width, out);
	}
	table_free(table);
}

static void
print_second(const char *name, json_object *second, double now, FILE *out)
{
	json_object *first = member_get(second, "first");
	char ago[STATUS_AGO];

	fprintf(out,
	    "%s has two agents: the one at %s (epoch %s) is heard, a second "
	    "at %s (epoch %s) is refused, last %s\n",
	    name, member_text_or(first, "peer", "?"),
	    member_text_or(first, "epoch", "?"),
	    member_text_or(second, "peer", "?"),
	    member_text_or(second, "epoch", "?"),
	    status_ago(member_get(second, "at"), now, ago));
}

/* What a table has no room for: who refuses a plan, who is in no fleet. */
static void
print_remarks(json_object *boxes, double now, FILE *out)
{
	for (size_t i = 0; i < length_of(boxes); i++) {
		json_object *box = json_object_array_get_idx(boxes, i);
		const char *name = member_text_or(box, "name", "?");
		const char *why = member_text_or(box, "plan_refused", NULL);
		json_object *second = member_get(box, "second");
		bool in_fleet = true;

		member_flag(box, "in_fleet", &in_fleet, NULL);
		if (why != NULL)
			fprintf(out, "%s refuses its plan: %s\n", name, why);
		if (second != NULL)
			print_second(name, second, now, out);
		if (strcmp(member_text_or(box, "state", ""), "removed") == 0)
			fprintf(out,
			    "%s was removed; what it sends is refused\n", name);
		else if (!in_fleet)
			fprintf(out,
			    "%s is enrolled, but not in the fleet file\n",
			    name);
	}
}

static void
print_collector(json_object *status, double now, int width, FILE *out)
{
	json_object *boxes = member_get(status, "boxes");

	fprintf(out, "collector  pharos-collectord %s\n",
	    member_text_or(status, "version", "?"));
	print_fleet(status, out);
	print_children(status, out);
	print_sinks(member_get(status, "children"), out);
	print_boxes(boxes, now, width, out);
	print_remarks(boxes, now, out);
}

const struct status_face status_collector = {
    .socket = control_socket,
    .print = print_collector,
};
