/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/member.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/memory.h"
#include "common/name.h"
#include "common/strict.h"
#include "common/unit.h"
#include "common/utf8.h"

/* json-c also reads NaN, Infinity and 1e999; nobody else would. */
static bool
finite_numbers(json_object *o)
{
	if (json_object_is_type(o, json_type_double))
		return (isfinite(json_object_get_double(o)));
	if (json_object_is_type(o, json_type_array)) {
		size_t n = json_object_array_length(o);

		for (size_t i = 0; i < n; i++)
			if (!finite_numbers(json_object_array_get_idx(o, i)))
				return (false);
	}
	if (json_object_is_type(o, json_type_object)) {
		json_object_object_foreach (o, name, value) {
			(void)name;
			if (!finite_numbers(value))
				return (false);
		}
	}
	return (true);
}

static int
parse_all(json_tokener *tokener, const char *text, int length,
    json_object **value, struct error *err)
{
	enum json_tokener_error state;
	size_t end;

	*value = json_tokener_parse_ex(tokener, text, length);
	state = json_tokener_get_error(tokener);
	end = json_tokener_get_parse_end(tokener);
	if (state == json_tokener_continue && end == (size_t)length) {
		/* a number alone ends where the text ends */
		*value = json_tokener_parse_ex(tokener, "", 1);
		state = json_tokener_get_error(tokener);
	}
	if (state == json_tokener_continue)
		return (error_set(err, "JSON: ends too early"));
	if (state != json_tokener_success)
		return (error_set(err, "JSON: %s at byte %zu",
		    json_tokener_error_desc(state), end));
	while (end < (size_t)length && strchr(" \t\r\n", text[end]) != NULL &&
	       text[end] != '\0')
		end++;
	if (end < (size_t)length)
		return (error_set(
		    err, "JSON: something behind the value at byte %zu", end));
	if (*value == NULL)
		return (error_set(err, "JSON: null, expected a value"));
	if (!finite_numbers(*value))
		return (error_set(err,
		    "JSON: a number is not finite, expected an ordinary one"));
	return (0);
}

json_object *
member_parse(const char *text, size_t length, struct error *err)
{
	/* to make one takes as long as to parse a short message */
	static _Thread_local json_tokener *tokener;
	json_object *value = NULL;

	if (length >= INT_MAX)
		return (error_set(err, "JSON: longer than 2 GiB"), NULL);
	if (strict_check(text, length, err) == -1)
		return (NULL);
	/* json-c counts the scalars inside as a level of their own */
	if (tokener == NULL)
		tokener = json_tokener_new_ex(MEMBER_DEPTH + 1);
	json_tokener_reset(tokener);
	json_tokener_set_flags(
	    tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	if (parse_all(tokener, text, (int)length, &value, err) == -1) {
		json_object_put(value);
		value = NULL;
	}
	return (value);
}

json_object *
member_get(json_object *o, const char *name)
{
	json_object *value = NULL;

	if (!json_object_is_type(o, json_type_object))
		return (NULL);
	json_object_object_get_ex(o, name, &value);
	return (value);
}

static int
unexpected(json_object *value, const char *name, const char *expected,
    struct error *err)
{
	return (error_set(err, "member \"%s\": %sexpected %s", name,
	    value == NULL ? "missing, " : "", expected));
}

/* Text with a NUL inside would be cut by whoever reads it as a C string. */
static bool
is_text(json_object *value)
{
	return (json_object_is_type(value, json_type_string) &&
		strlen(json_object_get_string(value)) ==
		    (size_t)json_object_get_string_len(value));
}

static bool
is_number(json_object *value)
{
	return (json_object_is_type(value, json_type_double) ||
		json_object_is_type(value, json_type_int));
}

int
member_text(
    json_object *o, const char *name, const char **value, struct error *err)
{
	json_object *found = member_get(o, name);

	if (!is_text(found))
		return (unexpected(found, name, "text", err));
	*value = json_object_get_string(found);
	return (0);
}

int
member_number(
    json_object *o, const char *name, double *value, struct error *err)
{
	json_object *found = member_get(o, name);

	if (!is_number(found))
		return (unexpected(found, name, "a number", err));
	*value = json_object_get_double(found);
	return (0);
}

int
member_whole(
    json_object *o, const char *name, int64_t *value, struct error *err)
{
	json_object *found = member_get(o, name);

	if (!json_object_is_type(found, json_type_int))
		return (unexpected(found, name, "a whole number", err));
	*value = json_object_get_int64(found);
	return (0);
}

int
member_flag(json_object *o, const char *name, bool *value, struct error *err)
{
	json_object *found = member_get(o, name);

	if (!json_object_is_type(found, json_type_boolean))
		return (unexpected(found, name, "true or false", err));
	*value = json_object_get_boolean(found);
	return (0);
}

int
member_object(
    json_object *o, const char *name, json_object **value, struct error *err)
{
	json_object *found = member_get(o, name);

	if (!json_object_is_type(found, json_type_object))
		return (unexpected(found, name, "an object", err));
	*value = found;
	return (0);
}

int
member_array(
    json_object *o, const char *name, json_object **value, struct error *err)
{
	json_object *found = member_get(o, name);

	if (!json_object_is_type(found, json_type_array))
		return (unexpected(found, name, "an array", err));
	*value = found;
	return (0);
}

int
member_choice(json_object *o, const char *name, const char *const *choices,
    int *which, struct error *err)
{
	const char *text = member_text_or(o, name, "");
	int found = name_index(choices, text);
	char *all;

	if (found == -1) {
		all = name_join(choices);
		error_set(err, "member \"%s\": \"%.80s\", expected one of: %s",
		    name, text, all);
		free(all);
		return (-1);
	}
	*which = found;
	return (0);
}

const char *
member_text_or(json_object *o, const char *name, const char *fallback)
{
	member_text(o, name, &fallback, NULL);
	return (fallback);
}

double
member_number_or(json_object *o, const char *name, double fallback)
{
	member_number(o, name, &fallback, NULL);
	return (fallback);
}

int64_t
member_whole_or(json_object *o, const char *name, int64_t fallback)
{
	member_whole(o, name, &fallback, NULL);
	return (fallback);
}

json_object *
member_new_text(const char *value)
{
	char *copy = memory_text(value);
	json_object *text;

	utf8_repair(copy);
	text = json_object_new_string(copy);
	free(copy);
	return (text);
}

void
member_add_text(json_object *o, const char *name, const char *value)
{
	if (value != NULL)
		json_object_object_add(o, name, member_new_text(value));
}

void
member_add_number(json_object *o, const char *name, double value)
{
	json_object_object_add(o, name, member_new_number(value));
}

void
member_add_whole(json_object *o, const char *name, int64_t value)
{
	json_object_object_add(o, name, json_object_new_int64(value));
}

void
member_add_duration(json_object *o, const char *name, int64_t ns)
{
	json_object_object_add(o, name, member_new_duration(ns));
}

/* Writes the digits in front of `at`, `least` of them at the least. */
static char *
put_digits(char *at, uint64_t value, int least)
{
	for (; value != 0 || least > 0; least--, value /= 10)
		*--at = (char)('0' + value % 10);
	return (at);
}

/* printf takes five times as long, and records are full of these. */
json_object *
member_new_duration(int64_t ns)
{
	uint64_t size = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
	uint64_t part = size % NS_PER_S;
	char text[32], *at = text + sizeof(text);
	int digits = 9;

	for (; part != 0 && part % 10 == 0; part /= 10)
		digits--;
	*--at = '\0';
	if (part != 0) {
		at = put_digits(at, part, digits);
		*--at = '.';
	}
	at = put_digits(at, size / NS_PER_S, 1);
	if (ns < 0)
		*--at = '-';
	return (json_object_new_double_s(clock_seconds(ns), at));
}

#define EXACT 4e6 /* seconds: nanoseconds of more are no whole doubles */

json_object *
member_new_number(double value)
{
	char text[UNIT_TEXT];
	int64_t ns = fabs(value) < EXACT ? llround(value * NS_PER_S) : 0;

	/* most are; to find the shortest text of others takes long */
	if ((ns != 0 || value == 0) && clock_seconds(ns) == value)
		return (member_new_duration(ns));
	return (json_object_new_double_s(
	    value, unit_write(UNIT_NONE, value, text)));
}
