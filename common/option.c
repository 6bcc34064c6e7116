/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/option.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/name.h"
#include "common/unit.h"

/* How each type of number is read and named. */
static const struct {
	const char *noun;
	enum unit unit;
	bool whole; /* in JSON and in C */
} numbers[] = {
    [OPTION_COUNT] = {"a whole number", UNIT_COUNT, true},
    [OPTION_NUMBER] = {"a number", UNIT_NONE, false},
    [OPTION_RATIO] = {"a ratio", UNIT_RATIO, false},
    [OPTION_DURATION] = {"a duration", UNIT_SECONDS, false},
    [OPTION_SIZE] = {"a size", UNIT_BYTES, true},
    [OPTION_RATE] = {"a rate", UNIT_RATE, false},
    [OPTION_BITRATE] = {"a bit rate", UNIT_BITRATE, false},
};

const struct setting *
option_find(const struct setting *table, const char *name)
{
	for (; table->name != NULL; table++)
		if (strcmp(table->name, name) == 0)
			return (table);
	return (NULL);
}

char *
option_accepts(const struct setting *setting)
{
	char least[UNIT_TEXT], most[UNIT_TEXT];
	char *all, *text;
	enum unit unit;

	switch (setting->type) {
	case OPTION_FLAG:
		return (memory_text("yes or no"));
	case OPTION_CHOICE:
		all = name_join(setting->choices);
		text = memory_print("one of: %s", all);
		free(all);
		return (text);
	case OPTION_TEXT:
		return (
		    memory_print("text of at most %.0f bytes", setting->most));
	default:
		unit = numbers[setting->type].unit;
		return (memory_print("%s from %s to %s",
		    numbers[setting->type].noun,
		    unit_write(unit, setting->least, least),
		    unit_write(unit, setting->most, most)));
	}
}

static int
refuse(const struct setting *setting, const char *text, struct error *err)
{
	char *accepts = option_accepts(setting);

	error_set(err, "%.80s: expected %s", text, accepts);
	free(accepts);
	return (-1);
}

static bool
in_range(const struct setting *setting, double value)
{
	return (value >= setting->least && value <= setting->most);
}

static json_object *
flag_json(const char *text)
{
	static const char *const yes[] = {"yes", "true", "on", NULL};
	static const char *const no[] = {"no", "false", "off", NULL};

	if (name_index(yes, text) != -1)
		return (json_object_new_boolean(true));
	if (name_index(no, text) != -1)
		return (json_object_new_boolean(false));
	return (NULL);
}

static json_object *
number_json(const struct setting *setting, const char *text)
{
	double value;

	if (unit_parse(numbers[setting->type].unit, text, &value, NULL) == -1 ||
	    !in_range(setting, value))
		return (NULL);
	if (numbers[setting->type].whole)
		return (json_object_new_int64((int64_t)value));
	if (setting->type == OPTION_DURATION)
		return (member_new_duration(clock_of_seconds(value)));
	return (member_new_number(value));
}

static json_object *
text_json(const struct setting *setting, const char *text)
{
	switch (setting->type) {
	case OPTION_FLAG:
		return (flag_json(text));
	case OPTION_CHOICE:
		return (name_index(setting->choices, text) == -1
			    ? NULL
			    : json_object_new_string(text));
	case OPTION_TEXT:
		return ((double)strlen(text) > setting->most
			    ? NULL
			    : json_object_new_string(text));
	default:
		return (number_json(setting, text));
	}
}

json_object *
option_json(const struct setting *setting, const char *text, struct error *err)
{
	json_object *value = text_json(setting, text);
	char *quoted;

	if (value == NULL) {
		quoted = memory_print("\"%s\"", text);
		refuse(setting, quoted, err);
		free(quoted);
	}
	return (value);
}

/* Is the value one that option_json could have made? */
static bool
acceptable(const struct setting *setting, json_object *value)
{
	bool is_text = json_object_is_type(value, json_type_string);
	const char *text = is_text ? json_object_get_string(value) : "";

	if (strlen(text) !=
	    (size_t)(is_text ? json_object_get_string_len(value) : 0))
		return (false);
	switch (setting->type) {
	case OPTION_FLAG:
		return (json_object_is_type(value, json_type_boolean));
	case OPTION_CHOICE:
		return (is_text && name_index(setting->choices, text) != -1);
	case OPTION_TEXT:
		return (is_text && (double)strlen(text) <= setting->most);
	default:
		if (!json_object_is_type(value, json_type_int) &&
		    (numbers[setting->type].whole ||
			!json_object_is_type(value, json_type_double)))
			return (false);
		return (in_range(setting, json_object_get_double(value)));
	}
}

static int
check_value(
    const struct setting *setting, json_object *value, struct error *err)
{
	if (acceptable(setting, value))
		return (0);
	refuse(setting, json_object_to_json_string(value), err);
	return (error_place(err, "option %s", setting->name));
}

static int
refuse_unknown(const struct setting *table, const char *name, struct error *err)
{
	char *known = memory_text(table->name == NULL ? "none at all" : "");

	for (; table->name != NULL; table++) {
		char *longer = memory_print(
		    "%s%s%s", known, *known != '\0' ? ", " : "", table->name);

		free(known);
		known = longer;
	}
	error_set(
	    err, "option %.80s: unknown, expected one of: %s", name, known);
	free(known);
	return (-1);
}

static int
check_required(
    const struct setting *setting, json_object *values, struct error *err)
{
	if (setting->fallback != NULL ||
	    json_object_object_get_ex(values, setting->name, NULL))
		return (0);
	refuse(setting, "missing", err);
	return (error_place(err, "option %.80s", setting->name));
}

/* Of those that are given. */
static int
check_values(
    const struct setting *table, json_object *values, struct error *err)
{
	const struct setting *setting;

	if (values != NULL && !json_object_is_type(values, json_type_object))
		return (error_set(err, "options: expected an object"));
	if (values != NULL) {
		json_object_object_foreach (values, name, value) {
			if ((setting = option_find(table, name)) == NULL)
				return (refuse_unknown(table, name, err));
			if (check_value(setting, value, err) == -1)
				return (-1);
		}
	}
	return (0);
}

int
option_check(
    const struct setting *table, json_object *values, struct error *err)
{
	const struct setting *setting;

	if (check_values(table, values, err) == -1)
		return (-1);
	for (setting = table; setting->name != NULL; setting++)
		if (check_required(setting, values, err) == -1)
			return (-1);
	return (0);
}

static void
store_whole(char *field, int64_t value)
{
	memcpy(field, &value, sizeof(value));
}

static void
store(const struct setting *setting, void *settings, json_object *value)
{
	char *field = (char *)settings + setting->offset;
	double number = json_object_get_double(value);
	bool flag;

	switch (setting->type) {
	case OPTION_FLAG:
		flag = json_object_get_boolean(value);
		memcpy(field, &flag, sizeof(flag));
		break;
	case OPTION_COUNT:
	case OPTION_SIZE:
		store_whole(field, json_object_get_int64(value));
		break;
	case OPTION_DURATION:
		store_whole(field, clock_of_seconds(number));
		break;
	case OPTION_CHOICE:
		store_whole(field, name_index(setting->choices,
				       json_object_get_string(value)));
		break;
	case OPTION_TEXT:
		strcpy(field, json_object_get_string(value));
		break;
	case OPTION_NUMBER:
	case OPTION_RATIO:
	case OPTION_RATE:
	case OPTION_BITRATE:
		memcpy(field, &number, sizeof(number));
		break;
	}
}

int
option_load(const struct setting *table, void *settings, json_object *values,
    struct error *err)
{
	if (option_check(table, values, err) == -1)
		return (-1);
	for (; table->name != NULL; table++) {
		json_object *value = NULL;

		if (json_object_object_get_ex(values, table->name, &value)) {
			store(table, settings, value);
			continue;
		}
		if ((value = option_json(table, table->fallback, err)) == NULL)
			return (error_place(err, "option %s", table->name));
		store(table, settings, value);
		json_object_put(value);
	}
	return (0);
}

int
option_change(const struct setting *table, void *settings, json_object *values,
    struct error *err)
{
	if (check_values(table, values, err) == -1)
		return (-1);
	for (; table->name != NULL; table++) {
		json_object *value = NULL;

		if (json_object_object_get_ex(values, table->name, &value))
			store(table, settings, value);
	}
	return (0);
}

/* What the struct has, as a number. */
static double
field_number(const struct setting *setting, const char *field)
{
	int64_t whole;
	double number;

	if (!numbers[setting->type].whole && setting->type != OPTION_DURATION) {
		memcpy(&number, field, sizeof(number));
		return (number);
	}
	memcpy(&whole, field, sizeof(whole));
	return (setting->type == OPTION_DURATION ? clock_seconds(whole)
						 : (double)whole);
}

char *
option_text(const struct setting *setting, const void *settings)
{
	const char *field = (const char *)settings + setting->offset;
	char text[UNIT_TEXT];
	int64_t which;
	bool flag;

	switch (setting->type) {
	case OPTION_FLAG:
		memcpy(&flag, field, sizeof(flag));
		return (memory_text(flag ? "yes" : "no"));
	case OPTION_CHOICE:
		memcpy(&which, field, sizeof(which));
		return (memory_text(setting->choices[which]));
	case OPTION_TEXT:
		return (memory_text(field));
	default:
		return (memory_text(unit_write(numbers[setting->type].unit,
		    field_number(setting, field), text)));
	}
}
