/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a court remembers, as JSON:
 *   {"named":"wrong","since":T,"seen":T,"offset":s,"stretch":3,
 *    "rows":[[T,offset,error,true],..],"cases":[["wrong",T,T,offset],..]}
 */
#include <json-c/json.h>
#include <math.h>
#include <string.h>

#include "collector/court_private.h"
#include "common/member.h"

static json_object *
cases_json(const struct past *past)
{
	json_object *cases = json_object_new_array();

	for (size_t i = 0; i < past->case_count; i++) {
		const struct court_case *over = &past->cases[i];
		json_object *array = json_object_new_array();

		json_object_array_add(array,
		    json_object_new_string(court_verdict_names[over->verdict]));
		json_object_array_add(array, member_new_duration(over->since));
		json_object_array_add(array, member_new_duration(over->until));
		json_object_array_add(array, member_new_number(over->offset));
		json_object_array_add(cases, array);
	}
	return (cases);
}

json_object *
past_json(const struct past *past)
{
	json_object *json = json_object_new_object();
	json_object *rows = json_object_new_array();

	for (size_t i = 0; i < past->count; i++) {
		const struct past_row *row = &past->rows[i];
		json_object *array = json_object_new_array();

		json_object_array_add(array, member_new_duration(row->at));
		json_object_array_add(array, member_new_number(row->offset));
		json_object_array_add(array, member_new_number(row->error));
		json_object_array_add(array, json_object_new_boolean(row->bad));
		json_object_array_add(rows, array);
	}
	member_add_text(json, "named", court_verdict_names[past->named]);
	member_add_duration(json, "since", past->since);
	member_add_duration(json, "seen", past->seen);
	member_add_number(json, "offset", past->offset);
	member_add_whole(json, "stretch", (int64_t)past->stretch);
	json_object_object_add(json, "rows", rows);
	json_object_object_add(json, "cases", cases_json(past));
	return (json);
}

static double
cell(json_object *row, size_t i)
{
	return (json_object_get_double(json_object_array_get_idx(row, i)));
}

static void
recall_rows(struct past *past, json_object *rows, int64_t stretch)
{
	size_t count = json_object_array_length(rows);

	for (size_t i = 0; i < count && i < PAST_ROWS; i++) {
		json_object *row = json_object_array_get_idx(rows, i);
		struct past_row read;

		if (!json_object_is_type(row, json_type_array))
			continue;
		read = (struct past_row){clock_of_seconds(cell(row, 0)),
		    cell(row, 1), cell(row, 2),
		    json_object_get_boolean(json_object_array_get_idx(row, 3))};
		past_add(past, &read);
	}
	if (stretch >= 0 && (size_t)stretch < past->count)
		past->stretch = (size_t)stretch;
}

/* WRONG or OFF; else FINE. */
static enum court_verdict
named_of(const char *name)
{
	for (int v = COURT_WRONG; v <= COURT_OFF; v++)
		if (name != NULL && strcmp(name, court_verdict_names[v]) == 0)
			return ((enum court_verdict)v);
	return (COURT_FINE);
}

static void
recall_cases(struct past *past, json_object *cases)
{
	for (size_t i = 0; i < json_object_array_length(cases); i++) {
		json_object *row = json_object_array_get_idx(cases, i);
		struct court_case over;

		if (!json_object_is_type(row, json_type_array))
			continue;
		over =
		    (struct court_case){named_of(json_object_get_string(
					    json_object_array_get_idx(row, 0))),
			clock_of_seconds(cell(row, 1)),
			clock_of_seconds(cell(row, 2)), cell(row, 3)};
		if (over.verdict != COURT_FINE)
			past_close(past, &over);
	}
}

void
past_recall(struct past *past, json_object *json)
{
	json_object *rows, *cases;

	memset(past, 0, sizeof(*past));
	past->rate = past->rate_error = NAN;
	if (member_array(json, "rows", &rows, NULL) == 0)
		recall_rows(past, rows, member_whole_or(json, "stretch", 0));
	if (member_array(json, "cases", &cases, NULL) == 0)
		recall_cases(past, cases);
	past->named = named_of(member_text_or(json, "named", NULL));
	past->offset = member_number_or(json, "offset", 0);
	past->since = clock_of_seconds(member_number_or(json, "since", 0));
	past->seen = clock_of_seconds(member_number_or(json, "seen", 0));
}
