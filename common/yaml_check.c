/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/member.h"
#include "common/memory.h"
#include "common/name.h"
#include "common/option.h"

struct yml *
yml_get(const struct yml *map, const char *key)
{
	if (map == NULL || map->kind != YML_MAP)
		return (NULL);
	for (size_t i = 0; i < map->count; i++)
		if (strcmp(map->keys[i], key) == 0)
			return (map->items[i]);
	return (NULL);
}

bool
yml_null(const struct yml *node)
{
	if (node == NULL)
		return (true);
	return (node->kind == YML_SCALAR && !node->quoted &&
		(node->text[0] == '\0' || strcmp(node->text, "~") == 0 ||
		    strcmp(node->text, "null") == 0));
}

int
yml_error(const struct yml *node, struct error *err, const char *fmt, ...)
{
	va_list args;

	if (err == NULL)
		return (-1);
	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	return (
	    error_place(err, "%s:%d:%d", node->file, node->line, node->column));
}

static const char *
found(const struct yml *node)
{
	if (yml_null(node))
		return ("nothing");
	switch (node->kind) {
	case YML_LIST:
		return ("a list");
	case YML_MAP:
		return ("a map");
	default:
		return ("text");
	}
}

int
yml_expect(const struct yml *node, enum yml_kind kind, const char *what,
    struct error *err)
{
	if (node->kind == kind)
		return (0);
	return (yml_error(node, err, "%s, expected %s", found(node), what));
}

static int
unknown(const struct yml *map, size_t i, const char *const *names,
    struct error *err)
{
	const char *nearest = name_nearest(names, map->keys[i]);
	char *all = name_join(names);

	if (nearest != NULL)
		yml_error(map->items[i], err,
		    "unknown key \"%.80s\": did you mean \"%s\"? expected "
		    "one of: %s",
		    map->keys[i], nearest, all);
	else
		yml_error(map->items[i], err,
		    "unknown key \"%.80s\", expected one of: %s", map->keys[i],
		    all);
	free(all);
	return (-1);
}

int
yml_known(const struct yml *map, const char *const *keys, struct error *err)
{
	if (yml_expect(map, YML_MAP, "a map", err) != 0)
		return (-1);
	for (size_t i = 0; i < map->count; i++)
		if (name_index(keys, map->keys[i]) < 0)
			return (unknown(map, i, keys, err));
	return (0);
}

static void
note(json_object *problems, const struct error *err)
{
	json_object_array_add(problems, member_new_text(err->text));
}

void
yml_known_each(
    const struct yml *map, const char *const *keys, json_object *problems)
{
	struct error err;

	if (yml_expect(map, YML_MAP, "a map", &err) != 0) {
		note(problems, &err);
		return;
	}
	for (size_t i = 0; i < map->count; i++)
		if (name_index(keys, map->keys[i]) < 0) {
			unknown(map, i, keys, &err);
			note(problems, &err);
		}
}

static const struct yml_section no_sections[] = {{NULL, NULL}};

/* Those of the table, then those of the sections; ends with NULL; free() it. */
static const char **
all_names(const struct setting *table, const struct yml_section *sections)
{
	const char **names;
	size_t count = 0, all = 0;

	while (table[count].name != NULL)
		count++;
	while (sections[all].name != NULL)
		all++;
	names = memory_new(count + all + 1, sizeof(*names));
	for (size_t i = 0; i < count; i++)
		names[i] = table[i].name;
	for (size_t i = 0; i < all; i++)
		names[count + i] = sections[i].name;
	return (names);
}

/* Are all keys names of the table, or of sections? */
static int
known_settings(const struct yml *map, const struct setting *table,
    const struct yml_section *sections, struct error *err)
{
	const char **names = all_names(table, sections);
	int status = yml_known(map, names, err);

	free(names);
	return (status);
}

static json_object *
setting_json(
    const struct yml *node, const struct setting *setting, struct error *err)
{
	json_object *value;
	struct error inner;
	char *accepts;

	if (node->kind != YML_SCALAR || yml_null(node)) {
		accepts = option_accepts(setting);
		yml_error(node, err, "%s: %s, expected %s", setting->name,
		    found(node), accepts);
		free(accepts);
		return (NULL);
	}
	value = option_json(setting, node->text, &inner);
	if (value == NULL)
		yml_error(node, err, "%s: %s", setting->name, inner.text);
	return (value);
}

/* The value of a map's member; NULL with err set. */
static json_object *
member_json(const struct yml *map, size_t i, const struct setting *table,
    struct error *err)
{
	const struct setting *setting = option_find(table, map->keys[i]);
	const char **names;

	if (setting != NULL)
		return (setting_json(map->items[i], setting, err));
	names = all_names(table, no_sections);
	unknown(map, i, names, err);
	free(names);
	return (NULL);
}

struct json_object *
yml_settings_each(
    const struct yml *node, const struct setting *table, json_object *problems)
{
	json_object *values = json_object_new_object(), *value;
	struct error err;

	if (yml_null(node))
		return (values);
	if (yml_expect(node, YML_MAP, "a map", &err) != 0) {
		note(problems, &err);
		return (values);
	}
	for (size_t i = 0; i < node->count; i++)
		if ((value = member_json(node, i, table, &err)) == NULL)
			note(problems, &err);
		else
			json_object_object_add(values, node->keys[i], value);
	return (values);
}

struct json_object *
yml_settings(
    const struct yml *node, const struct setting *table, struct error *err)
{
	json_object *problems = json_object_new_array();
	json_object *values = yml_settings_each(node, table, problems);

	if (json_object_array_length(problems) > 0) {
		error_set(err, "%s",
		    json_object_get_string(
			json_object_array_get_idx(problems, 0)));
		json_object_put(values);
		values = NULL;
	}
	json_object_put(problems);
	return (values);
}

int
yml_change(const struct yml *map, const struct setting *table, void *settings,
    struct error *err)
{
	json_object *values = json_object_new_object(), *value;
	const struct setting *setting;
	int status;

	for (size_t i = 0; !yml_null(map) && i < map->count; i++) {
		if ((setting = option_find(table, map->keys[i])) == NULL)
			continue;
		value = setting_json(map->items[i], setting, err);
		if (value == NULL) {
			json_object_put(values);
			return (-1);
		}
		json_object_object_add(values, setting->name, value);
	}
	status = option_change(table, settings, values, err);
	json_object_put(values);
	return (status);
}

int
yml_load(const struct yml *node, const struct setting *table, void *settings,
    struct error *err)
{
	json_object *values = yml_settings(node, table, err);
	struct error inner;
	int status;

	if (values == NULL)
		return (-1);
	status = option_load(table, settings, values, &inner);
	json_object_put(values);
	if (status != 0 && node != NULL)
		return (yml_error(node, err, "%s", inner.text));
	if (status != 0)
		return (error_set(err, "%s", inner.text));
	return (0);
}

static bool
is_section(const struct yml_section *sections, const char *name)
{
	while (sections->name != NULL && strcmp(sections->name, name) != 0)
		sections++;
	return (sections->name != NULL);
}

/* What of a file's members are no sections; keys and items are to be freed. */
static struct yml
without_sections(const struct yml *node, const struct yml_section *sections)
{
	struct yml rest = *node;

	rest.keys = memory_new(node->count + 1, sizeof(*rest.keys));
	rest.items = memory_new(node->count + 1, sizeof(*rest.items));
	rest.count = 0;
	for (size_t i = 0; i < node->count; i++)
		if (!is_section(sections, node->keys[i])) {
			rest.keys[rest.count] = node->keys[i];
			rest.items[rest.count++] = node->items[i];
		}
	return (rest);
}

int
yml_load_sections(const struct yml *node, const struct setting *table,
    const struct yml_section *sections, void *settings, struct error *err)
{
	struct yml rest;
	int status;

	if (!yml_null(node) && known_settings(node, table, sections, err) != 0)
		return (-1);
	rest = without_sections(node, sections);
	status = yml_load(&rest, table, settings, err);
	for (; sections->name != NULL && status == 0; sections++)
		status = yml_load(yml_get(node, sections->name),
		    sections->table, settings, err);
	free(rest.keys);
	free(rest.items);
	return (status);
}
