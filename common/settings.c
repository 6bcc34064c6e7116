/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/settings.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/name.h"

#define MOST_WHOLE 9007199254740992.0 /* 2^53: exact in a double */
#define MOST_SECONDS 9e9

static const char *const type_names[] = {
    [OPTION_FLAG] = "flag",
    [OPTION_COUNT] = "count",
    [OPTION_NUMBER] = "number",
    [OPTION_RATIO] = "ratio",
    [OPTION_DURATION] = "duration",
    [OPTION_SIZE] = "size",
    [OPTION_RATE] = "rate",
    [OPTION_BITRATE] = "bitrate",
    [OPTION_CHOICE] = "choice",
    [OPTION_TEXT] = "text",
    NULL,
};

static bool
valid_name(const char *name)
{
	size_t length = strlen(name);

	return (
	    length > 0 && length < OPTION_NAME && name[0] >= 'a' &&
	    name[0] <= 'z' &&
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == length);
}

static double
farthest(enum option_type type)
{
	switch (type) {
	case OPTION_COUNT:
	case OPTION_SIZE:
		return (MOST_WHOLE);
	case OPTION_DURATION:
		return (MOST_SECONDS);
	case OPTION_TEXT:
		return (INT_MAX);
	default:
		return (HUGE_VAL);
	}
}

static int
check_range(const struct setting *setting, struct error *err)
{
	double limit = farthest(setting->type);

	if (setting->type == OPTION_FLAG || setting->type == OPTION_CHOICE)
		return (0);
	if (!isfinite(setting->least) || !isfinite(setting->most) ||
	    setting->least > setting->most || fabs(setting->least) > limit ||
	    fabs(setting->most) > limit)
		return (error_set(err, "range %g to %g is not usable",
		    setting->least, setting->most));
	return (0);
}

static int
check_setting(const struct setting *table, const struct setting *setting,
    struct error *err)
{
	json_object *value;

	if (!valid_name(setting->name))
		return (error_set(
		    err, "name is wrong, expected [a-z][a-z0-9_-]{0,30}"));
	if (option_find(table, setting->name) != setting)
		return (error_set(err, "declared twice"));
	if (setting->help == NULL)
		return (error_set(err, "has no help"));
	if (setting->type == OPTION_CHOICE &&
	    (setting->choices == NULL || setting->choices[0] == NULL))
		return (error_set(err, "has no choices"));
	if (check_range(setting, err) == -1)
		return (-1);
	if (setting->fallback == NULL)
		return (0);
	if ((value = option_json(setting, setting->fallback, err)) == NULL)
		return (error_place(err, "default"));
	json_object_put(value);
	return (0);
}

int
settings_check(const struct setting *table, struct error *err)
{
	for (const struct setting *row = table; row->name != NULL; row++)
		if (check_setting(table, row, err) == -1)
			return (error_place(err, "option %s", row->name));
	return (0);
}

static json_object *
setting_json(const struct setting *setting)
{
	json_object *o = json_object_new_object(), *choices;

	member_add_text(o, "name", setting->name);
	member_add_text(o, "type", type_names[setting->type]);
	member_add_text(o, "default", setting->fallback);
	if (setting->type == OPTION_CHOICE) {
		choices = json_object_new_array();
		for (size_t i = 0; setting->choices[i] != NULL; i++)
			json_object_array_add(choices,
			    json_object_new_string(setting->choices[i]));
		json_object_object_add(o, "choices", choices);
	} else if (setting->type != OPTION_FLAG) {
		member_add_number(o, "least", setting->least);
		member_add_number(o, "most", setting->most);
	}
	member_add_text(o, "help", setting->help);
	return (o);
}

json_object *
settings_json(const struct setting *table)
{
	json_object *array = json_object_new_array();

	for (; table->name != NULL; table++)
		json_object_array_add(array, setting_json(table));
	return (array);
}

static const char *const *
parse_choices(json_object *array, struct error *err)
{
	size_t count = json_object_array_length(array);
	const char **choices;

	if (count > SETTINGS_MOST)
		return (
		    error_set(err, "has more than %d choices", SETTINGS_MOST),
		    NULL);
	choices = memory_new(count + 1, sizeof(*choices));
	for (size_t i = 0; i < count; i++) {
		json_object *item = json_object_array_get_idx(array, i);

		if (!json_object_is_type(item, json_type_string)) {
			free(choices);
			return (error_set(err, "a choice is not text"), NULL);
		}
		choices[i] = json_object_get_string(item);
	}
	return (choices);
}

static int
parse_setting(json_object *o, struct setting *row, struct error *err)
{
	json_object *choices;
	int type;

	if (member_text(o, "name", &row->name, err) == -1)
		return (-1);
	if (member_choice(o, "type", type_names, &type, err) == -1 ||
	    member_text(o, "help", &row->help, err) == -1)
		return (error_place(err, "option %s", row->name));
	row->type = (enum option_type)type;
	row->fallback = member_text_or(o, "default", NULL);
	if (row->type == OPTION_CHOICE) {
		if (member_array(o, "choices", &choices, err) == -1 ||
		    (row->choices = parse_choices(choices, err)) == NULL)
			return (error_place(err, "option %s", row->name));
	} else if (row->type != OPTION_FLAG) {
		if (member_number(o, "least", &row->least, err) == -1 ||
		    member_number(o, "most", &row->most, err) == -1)
			return (error_place(err, "option %s", row->name));
	}
	return (0);
}

struct setting *
settings_parse(json_object *json, struct error *err)
{
	struct setting *table;
	size_t count;

	if (!json_object_is_type(json, json_type_array) ||
	    (count = json_object_array_length(json)) > SETTINGS_MOST)
		return (
		    error_set(err, "options: expected an array of at most %d",
			SETTINGS_MOST),
		    NULL);
	table = memory_new(count + 1, sizeof(*table));
	for (size_t i = 0; i < count; i++)
		if (parse_setting(json_object_array_get_idx(json, i), &table[i],
			err) == -1)
			goto bad;
	if (settings_check(table, err) == 0)
		return (table);
bad:
	settings_free(table);
	return (NULL);
}

void
settings_free(struct setting *table)
{
	if (table == NULL)
		return;
	for (struct setting *row = table; row->name != NULL; row++)
		free((void *)row->choices);
	free(table);
}
