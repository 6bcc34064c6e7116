/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos clock --fleet: whose clock contradicts the others', as /api/v1/clocks
 * has it.
 */
#include "cli/clock_fleet.h"

#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/api.h"
#include "cli/output.h"
#include "cli/status.h"
#include "common/clock.h"
#include "common/member.h"
#include "common/table.h"
#include "common/unit.h"

#define PPM 1e6

static void
add_rate(struct table *table, json_object *box)
{
	double rate = member_number_or(box, "rate", NAN);
	double error = member_number_or(box, "rate_error", NAN);
	char text[64];

	if (isnan(rate) || isnan(error)) {
		table_text(table, NULL);
		return;
	}
	snprintf(text, sizeof(text), "%+.3f +- %.3f", rate * PPM, error * PPM);
	table_text(table, text);
}

static void
add_since(struct table *table, json_object *box)
{
	double since = member_number_or(box, "since", NAN);
	char text[40];

	table_text(table, isnan(since)
			      ? NULL
			      : clock_format(clock_of_seconds(since), 0, text));
}

static void
add_box(struct table *table, json_object *box)
{
	table_row(table);
	table_text(table, member_text_or(box, "name", NULL));
	status_clock(table, member_get(box, "says"));
	table_number(table, member_number_or(box, "offset", NAN));
	table_number(table, member_number_or(box, "error", NAN));
	add_rate(table, box);
	table_text(table, member_text_or(box, "verdict", NULL));
	add_since(table, box);
	table_text(table, member_text_or(box, "evidence", NULL));
}

static void
print_boxes(json_object *boxes)
{
	static const struct {
		const char *title;
		enum unit unit;
	} columns[] = {{"BOX", UNIT_NONE}, {"SAYS", UNIT_NONE},
	    {"AHEAD", UNIT_SECONDS}, {"+-", UNIT_SECONDS},
	    {"RATE, ppm", UNIT_NONE}, {"VERDICT", UNIT_NONE},
	    {"SINCE", UNIT_NONE}, {"WHY", UNIT_NONE}};
	struct table *table = table_new();

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		table_column(table, columns[i].title, columns[i].unit);
	for (size_t i = 0; i < json_object_array_length(boxes); i++)
		add_box(table, json_object_array_get_idx(boxes, i));
	table_write(table, TABLE_TEXT_FORMAT, output_width(), stdout);
	table_free(table);
}

static void
print_case(const char *name, json_object *over)
{
	double offset = member_number_or(over, "offset", NAN);
	char by[UNIT_TEXT], since[40], until[40];

	printf("%s was %s, %s %s, from %s to %s\n", name,
	    member_text_or(over, "verdict", "?"),
	    unit_format(UNIT_SECONDS, fabs(offset), by),
	    offset < 0 ? "behind" : "ahead",
	    clock_format(
		clock_of_seconds(member_number_or(over, "since", 0)), 0, since),
	    clock_format(clock_of_seconds(member_number_or(over, "until", 0)),
		0, until));
}

/* Who was named and is not any more, below the table. */
static void
print_before(json_object *boxes)
{
	const char *gap = "\n";

	for (size_t i = 0; i < json_object_array_length(boxes); i++) {
		json_object *box = json_object_array_get_idx(boxes, i), *cases;
		size_t count = 0;

		if (member_array(box, "before", &cases, NULL) == 0)
			count = json_object_array_length(cases);
		for (size_t k = 0; k < count; k++, gap = "") {
			fputs(gap, stdout);
			print_case(member_text_or(box, "name", "?"),
			    json_object_array_get_idx(cases, k));
		}
	}
}

/* Nobody's clock has been judged: why, and what to do. */
static void
print_nothing(void)
{
	printf("no clock has been judged: that takes a test between boxes with "
	       "a one-way delay,\nin both directions, and the length of its "
	       "report\n");
}

static void
print_answer(json_object *reply, json_object *boxes)
{
	double at = member_number_or(reply, "at", NAN);
	char text[40];

	if (isnan(at)) {
		print_nothing();
		return;
	}
	printf("as of %s\n\n", clock_format(clock_of_seconds(at), 0, text));
	print_boxes(boxes);
	print_before(boxes);
}

int
clock_fleet(struct api *api, bool json)
{
	struct error err;
	json_object *reply = api_get(api, "/api/v1/clocks", &err), *boxes;
	int status = 0;

	if (reply == NULL || member_array(reply, "boxes", &boxes, &err) == -1)
		status = output_fail(api->failure, &err);
	else if (json)
		printf("%s\n", json_object_to_json_string_ext(
				   reply, JSON_C_TO_STRING_PLAIN |
					      JSON_C_TO_STRING_NOSLASHESCAPE));
	else
		print_answer(reply, boxes);
	json_object_put(reply);
	return (status);
}
