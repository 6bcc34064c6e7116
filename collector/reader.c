/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/member.h"

void
reader_say(json_object *list, const struct error *err)
{
	json_object_array_add(list, member_new_text(err->text));
}

static void
say_at(json_object *list, const struct yml *node, const char *fmt, va_list args)
{
	struct error err;
	char text[400];

	vsnprintf(text, sizeof(text), fmt, args);
	yml_error(node, &err, "%s", text);
	reader_say(list, &err);
}

void
reader_problem(struct reader *r, const struct yml *node, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say_at(r->problems, node, fmt, args);
	va_end(args);
}

void
reader_warning(struct reader *r, const struct yml *node, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say_at(r->warnings, node, fmt, args);
	va_end(args);
}

/* The node has this kind, or that is a problem. */
bool
reader_is(struct reader *r, const struct yml *node, enum yml_kind kind,
    const char *what)
{
	struct error err;

	if (yml_expect(node, kind, what, &err) == 0)
		return (true);
	reader_say(r->problems, &err);
	return (false);
}

void
reader_only(struct reader *r, const struct yml *map, const char *const *keys)
{
	yml_known_each(map, keys, r->problems);
}

json_object *
reader_add_array(json_object *json, const char *name)
{
	json_object *array = json_object_new_array();

	json_object_object_add(json, name, array);
	return (array);
}

void
reader_add_once(json_object *array, const char *text)
{
	for (size_t i = 0; i < json_object_array_length(array); i++)
		if (strcmp(json_object_get_string(
			       json_object_array_get_idx(array, i)),
			text) == 0)
			return;
	json_object_array_add(array, json_object_new_string(text));
}
