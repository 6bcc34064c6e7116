/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/draft.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/digits.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/unit.h"

#define EXACT 4e6 /* seconds: nanoseconds of more are no whole doubles */

void
draft_clear(struct draft *draft)
{
	free(draft->text);
	*draft = (struct draft){0};
}

/* Room for so many bytes and a NUL. */
static char *
room_for(struct draft *draft, size_t more)
{
	if (draft->length + more >= draft->room) {
		draft->room = 2 * (draft->length + more) + 256;
		draft->text = memory_resize(draft->text, draft->room, 1);
	}
	return (draft->text + draft->length);
}

static void
grow(struct draft *draft, size_t by)
{
	draft->length += by;
	draft->text[draft->length] = '\0';
}

void
draft_add(struct draft *draft, const char *text)
{
	size_t length = strlen(text);

	memcpy(room_for(draft, length), text, length);
	grow(draft, length);
}

void
draft_whole(struct draft *draft, int64_t value)
{
	uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;

	if (value < 0)
		draft_add(draft, "-");
	grow(draft, digits_whole(room_for(draft, DIGITS_MOST), size));
}

void
draft_number(struct draft *draft, double value)
{
	grow(draft, digits_exact(room_for(draft, DIGITS_MOST), value));
}

/* The digits are few where the number is one of nanoseconds. */
void
draft_measure(struct draft *draft, double value)
{
	char text[UNIT_TEXT];
	nanoseconds ns;

	if (fabs(value) < EXACT &&
	    clock_seconds(ns = llround(value * NS_PER_S)) == value)
		draft_duration(draft, ns);
	else
		draft_add(draft, unit_write(UNIT_NONE, value, text));
}

void
draft_duration(struct draft *draft, nanoseconds ns)
{
	uint64_t size = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
	uint64_t part = size % NS_PER_S;
	char text[] = ".000000000";

	if (ns < 0)
		draft_add(draft, "-");
	draft_whole(draft, (int64_t)(size / NS_PER_S));
	for (int i = 9; i > 0; i--, part /= 10)
		text[i] = (char)('0' + part % 10);
	for (int i = 9; i >= 0 && (text[i] == '0' || text[i] == '.'); i--)
		text[i] = '\0';
	draft_add(draft, text);
}

void
draft_member(struct draft *draft, const char *name)
{
	if (draft->text[draft->length - 1] != '{')
		draft_add(draft, ",");
	draft_add(draft, "\"");
	draft_add(draft, name);
	draft_add(draft, "\":");
}

void
draft_quoted(struct draft *draft, const char *text)
{
	json_object *quoted = member_new_text(text);

	draft_add(draft,
	    json_object_to_json_string_ext(quoted, JSON_C_TO_STRING_PLAIN));
	json_object_put(quoted);
}
