/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/lately.h"

#include <stdlib.h>

#include "common/member.h"
#include "common/memory.h"

struct lately {
	struct {
		json_object *record; /* not packed yet, or NULL */
		char *line;
		size_t length;
	} kept[LATELY_RECORDS];
	size_t next; /* place; the oldest, once there are so many */
};

struct lately *
lately_new(void)
{
	return (memory_new(1, sizeof(struct lately)));
}

void
lately_free(struct lately *lately)
{
	if (lately == NULL)
		return;
	for (size_t i = 0; i < LATELY_RECORDS; i++) {
		json_object_put(lately->kept[i].record);
		free(lately->kept[i].line);
	}
	free(lately);
}

void
lately_add(struct lately *lately, struct json_object *record)
{
	size_t at = lately->next;

	json_object_put(lately->kept[at].record);
	free(lately->kept[at].line);
	lately->kept[at].record = json_object_get(record);
	lately->kept[at].line = NULL;
	lately->next = (at + 1) % LATELY_RECORDS;
}

static void
pack(struct lately *lately, size_t at)
{
	json_object *record = lately->kept[at].record;

	if (record == NULL)
		return;
	lately->kept[at].line = memory_text(json_object_to_json_string_length(
	    record, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE,
	    &lately->kept[at].length));
	lately->kept[at].record = NULL;
	json_object_put(record);
}

void
lately_pack(struct lately *lately)
{
	for (size_t i = 0; i < LATELY_RECORDS; i++)
		pack(lately, i);
}

struct json_object *
lately_json(const struct lately *lately)
{
	json_object *all = json_object_new_array(), *record;

	for (size_t i = 0; i < LATELY_RECORDS; i++) {
		size_t at = (lately->next + i) % LATELY_RECORDS;

		if (lately->kept[at].line != NULL)
			record = member_parse(lately->kept[at].line,
			    lately->kept[at].length, NULL);
		else
			record = json_object_get(lately->kept[at].record);
		if (record != NULL)
			json_object_array_add(all, record);
	}
	return (all);
}
