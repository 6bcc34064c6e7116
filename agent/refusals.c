/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/refusals.h"

#include <stdlib.h>
#include <string.h>

#include "common/member.h"
#include "common/memory.h"

struct row {
	char *test;
	struct limits_refusal last;
	int64_t count;
	nanoseconds when; /* of the last */
};

struct refusals {
	struct row *rows; /* by test and limit */
	size_t count;
};

struct refusals *
refusals_new(void)
{
	return (memory_new(1, sizeof(struct refusals)));
}

void
refusals_free(struct refusals *refusals)
{
	if (refusals == NULL)
		return;
	for (size_t i = 0; i < refusals->count; i++)
		free(refusals->rows[i].test);
	free(refusals->rows);
	free(refusals);
}

static int
compare(const struct row *row, const char *test, enum limit limit)
{
	int order = strcmp(row->test, test);

	return (order != 0 ? order : (int)row->last.limit - (int)limit);
}

static struct row *
find_row(struct refusals *refusals, const char *test, enum limit limit)
{
	size_t i = 0;

	while (
	    i < refusals->count && compare(&refusals->rows[i], test, limit) < 0)
		i++;
	if (i < refusals->count &&
	    compare(&refusals->rows[i], test, limit) == 0)
		return (&refusals->rows[i]);
	refusals->rows = memory_resize(
	    refusals->rows, refusals->count + 1, sizeof(struct row));
	memmove(&refusals->rows[i + 1], &refusals->rows[i],
	    (refusals->count - i) * sizeof(struct row));
	refusals->count++;
	refusals->rows[i] = (struct row){.test = memory_text(test)};
	return (&refusals->rows[i]);
}

void
refusals_add(struct refusals *refusals, const char *test,
    const struct limits_refusal *refusal, nanoseconds now)
{
	struct row *row = find_row(refusals, test, refusal->limit);

	row->last = *refusal;
	row->when = now;
	row->count++;
}

json_object *
refusals_json(const struct refusals *refusals)
{
	json_object *array = json_object_new_array();

	for (size_t i = 0; i < refusals->count; i++) {
		const struct row *row = &refusals->rows[i];
		json_object *json = json_object_new_object();

		member_add_text(json, "test", row->test);
		member_add_text(json, "limit", limit_names[row->last.limit]);
		member_add_whole(json, "count", row->count);
		member_add_duration(json, "last", row->when);
		member_add_text(json, "why", row->last.why);
		json_object_array_add(array, json);
	}
	return (array);
}
