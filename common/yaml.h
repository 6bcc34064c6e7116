/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * yaml.h - configuration files as a tree that remembers where it was written.
 *
 * Scalars are text until a table types them. Duplicate keys, anchors, aliases,
 * tags, directives, a second document, tabs for indentation, what is not UTF-8,
 * more than 32 levels and files over 4 MiB are errors: "FILE:LINE:COLUMN: what
 * is wrong, expected what". An empty file is an empty scalar. The prefix is
 * yml_, for yaml_ is libyaml's.
 */
#ifndef PHAROS_COMMON_YAML_H
#define PHAROS_COMMON_YAML_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct json_object;
struct setting;

#define YML_MOST (4 * 1024 * 1024) /* bytes */
#define YML_DEPTH 32

enum yml_kind { YML_SCALAR, YML_LIST, YML_MAP };

struct yml {
	enum yml_kind kind;
	const char *file;   /* of the whole tree */
	int line, column;   /* from 1; of a member: where its key stands */
	char *text;         /* SCALAR */
	bool quoted;        /* SCALAR: written in quotes or as a block */
	char **keys;        /* MAP: in the order written */
	struct yml **items; /* LIST, MAP */
	size_t count;
};

struct yml *yml_read(const char *path, struct error *err);
struct yml *yml_parse(
    const char *file, const char *text, size_t length, struct error *err);
void yml_free(struct yml *tree); /* the whole; NULL is fine */

struct yml *yml_get(const struct yml *map, const char *key); /* or NULL */
bool yml_null(const struct yml *node); /* absent, empty, ~ or null */
/* "FILE:LINE:COLUMN: text"; always -1 */
int yml_error(const struct yml *node, struct error *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
int yml_expect(const struct yml *node, enum yml_kind kind, const char *what,
    struct error *err);
/* An error naming the first key that is not in the NULL-ended list, with the
 * nearest one that is. */
int yml_known(
    const struct yml *map, const char *const *keys, struct error *err);
/* The same of all keys: each error is one more text of the array problems. */
void yml_known_each(const struct yml *map, const char *const *keys,
    struct json_object *problems);
/* A map of settings as a JSON object in base units, by the table. Unknown
 * names, wrong types and ranges are errors with their place; what is not
 * given is not in it. node may be NULL: an empty object. */
struct json_object *yml_settings(
    const struct yml *node, const struct setting *table, struct error *err);
/* The same, each mistake being one more text of the array problems, in the order
 * written; what is right is in the object. Never NULL. */
struct json_object *yml_settings_each(const struct yml *node,
    const struct setting *table, struct json_object *problems);
/* Those of a map's members that the table has, over what the struct has; others
 * are left to the caller. map may be NULL: nothing is changed. */
int yml_change(const struct yml *map, const struct setting *table,
    void *settings, struct error *err);
/* A file that is nothing but settings, loaded into a struct. */
int yml_load(const struct yml *node, const struct setting *table,
    void *settings, struct error *err);
/* The same with members that are maps of settings themselves, each with its
 * table; ends with a row whose name is NULL. */
struct yml_section {
	const char *name;
	const struct setting *table;
};
int yml_load_sections(const struct yml *node, const struct setting *table,
    const struct yml_section *sections, void *settings, struct error *err);

#endif
