/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/patience.h"

#include "common/member.h"

/* The option's value, or its default; 0 without either. */
static double
value_of(const struct setting *setting, json_object *options)
{
	json_object *value =
	    json_object_get(member_get(options, setting->name));
	double number;

	if (value == NULL && setting->fallback != NULL)
		value = option_json(setting, setting->fallback, NULL);
	number = json_object_get_double(value);
	json_object_put(value);
	return (number);
}

nanoseconds
patience(const struct setting *table, struct json_object *options)
{
	double seconds = 0, times = 1, value;

	for (; table->name != NULL; table++) {
		value = value_of(table, options);
		if (table->type == OPTION_DURATION)
			seconds += value;
		else if (table->type == OPTION_COUNT && value > 1)
			times *= value;
	}
	seconds = seconds * times;
	if (seconds < clock_seconds(PATIENCE_LEAST))
		return (PATIENCE_LEAST);
	if (seconds > clock_seconds(PATIENCE_MOST))
		return (PATIENCE_MOST);
	return (clock_of_seconds(seconds));
}
