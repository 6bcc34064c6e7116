/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a court remembers, as JSON:
 *   {"named":"wrong","since":T,"seen":T,"stretch":3,
 *    "rows":[[T,offset,error,true],..]}
 */
#include <json-c/json.h>
#include <math.h>
#include <string.h>

#include "collector/court_private.h"
#include "common/member.h"

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
	member_add_whole(json, "stretch", (int64_t)past->stretch);
	json_object_object_add(json, "rows", rows);
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

void
past_recall(struct past *past, json_object *json)
{
	const char *named = member_text_or(json, "named", "");
	json_object *rows;

	memset(past, 0, sizeof(*past));
	past->rate = past->rate_error = NAN;
	if (member_array(json, "rows", &rows, NULL) == 0)
		recall_rows(past, rows, member_whole_or(json, "stretch", 0));
	for (int v = COURT_WRONG; v <= COURT_OFF; v++)
		if (strcmp(named, court_verdict_names[v]) == 0)
			past->named = (enum court_verdict)v;
	past->since = clock_of_seconds(member_number_or(json, "since", 0));
	past->seen = clock_of_seconds(member_number_or(json, "seen", 0));
}
