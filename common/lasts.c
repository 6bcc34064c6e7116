/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/lasts.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/member.h"
#include "common/option.h"

struct formula {
	const char *rest;
	const struct setting *table;
	json_object *values;
};

static void
skip_spaces(struct formula *f)
{
	while (*f->rest == ' ')
		f->rest++;
}

static int
read_option(struct formula *f, double *value, struct error *err)
{
	size_t length = strcspn(f->rest, " +*/");
	const struct setting *setting;
	json_object *json;
	char name[32];

	snprintf(name, sizeof(name), "%.*s", (int)length, f->rest);
	if (length >= sizeof(name) ||
	    (setting = option_find(f->table, name)) == NULL)
		return (error_set(err,
		    "lasts: \"%.80s\": expected an option or a number", name));
	f->rest += length;
	json = json_object_get(member_get(f->values, name));
	if (json == NULL && setting->fallback != NULL)
		json = option_json(setting, setting->fallback, err);
	if (!json_object_is_type(json, json_type_double) &&
	    !json_object_is_type(json, json_type_int)) {
		json_object_put(json);
		return (error_set(err, "lasts: option %s has no number", name));
	}
	*value = json_object_get_double(json);
	json_object_put(json);
	return (0);
}

static int
read_factor(struct formula *f, double *value, struct error *err)
{
	char *end;

	skip_spaces(f);
	if (!isdigit((unsigned char)*f->rest))
		return (read_option(f, value, err));
	*value = strtod(f->rest, &end);
	f->rest = end;
	return (0);
}

static int
read_product(struct formula *f, double *product, struct error *err)
{
	double factor;
	char sign;

	if (read_factor(f, product, err) == -1)
		return (-1);
	for (skip_spaces(f); *f->rest == '*' || *f->rest == '/';
	     skip_spaces(f)) {
		sign = *f->rest++;
		if (read_factor(f, &factor, err) == -1)
			return (-1);
		if (sign == '/' && factor == 0)
			return (error_set(err, "lasts: division by 0"));
		*product = sign == '*' ? *product * factor : *product / factor;
	}
	return (0);
}

int
lasts_seconds(const char *formula, const struct setting *table,
    json_object *values, double *seconds, struct error *err)
{
	struct formula f = {formula, table, values};
	double product;

	if (read_product(&f, seconds, err) == -1)
		return (-1);
	while (*f.rest == '+') {
		f.rest++;
		if (read_product(&f, &product, err) == -1)
			return (-1);
		*seconds += product;
	}
	if (*f.rest != '\0')
		return (error_set(err,
		    "lasts: \"%.80s\": expected a sum of products", formula));
	return (*seconds >= 0 ? 0 : error_set(err, "lasts: negative"));
}
