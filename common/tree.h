/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tree.h - JSON that comes by the ten thousand, read without an allocation for
 * each value.
 *
 * For records and bins alone, by yajl; everything else is json-c's. What
 * member_parse takes is taken and nothing else, with the same meaning: strict
 * JSON, valid UTF-8, whole numbers of 64 bits, others finite, MEMBER_DEPTH deep
 * at most, of two members with one name the last stands (but both must be
 * good).
 */
#ifndef PHAROS_COMMON_TREE_H
#define PHAROS_COMMON_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct json_object;

enum tree_kind {
	TREE_NULL,
	TREE_FALSE,
	TREE_TRUE,
	TREE_WHOLE,
	TREE_NUMBER, /* any other */
	TREE_TEXT,
	TREE_ARRAY,
	TREE_OBJECT
};

struct tree_node {
	enum tree_kind kind;
	uint32_t length;              /* of the text, in bytes */
	const char *name;             /* of a member; ends with NUL */
	const char *text;             /* ends with NUL, or a number's digits */
	const struct tree_node *next; /* of the same array or object */
	const struct tree_node *first, *last; /* of what is inside */
};

struct tree; /* its memory is used again by the next parse */
struct tree *tree_new(void);
void tree_free(struct tree *tree); /* NULL is fine */
/* The value, which is not null; valid until the next call. NULL: refused. */
const struct tree_node *tree_parse(
    struct tree *tree, const char *text, size_t length, struct error *err);
/* The same of what json-c holds; NULL is nothing, and no error. */
const struct tree_node *tree_of(
    struct tree *tree, struct json_object *json, struct error *err);

/* Those of several members, in one go; NULL where there is none, or a null. */
void tree_pick(const struct tree_node *node, const char *const *names,
    size_t count, const struct tree_node **found);
/* What was picked, NULL too, as it is called. */
int tree_as_text(const struct tree_node *found, const char *name,
    const char **value, struct error *err);
int tree_as_number(const struct tree_node *found, const char *name,
    double *value, struct error *err);
int tree_as_whole(const struct tree_node *found, const char *name,
    int64_t *value, struct error *err);
int tree_as_object(
    const struct tree_node *found, const char *name, struct error *err);

/* As their namesakes in member.h; node may be NULL. */
const struct tree_node *tree_get(
    const struct tree_node *node, const char *name);
int tree_text(const struct tree_node *node, const char *name,
    const char **value, struct error *err);
int tree_number(const struct tree_node *node, const char *name, double *value,
    struct error *err);
int tree_whole(const struct tree_node *node, const char *name, int64_t *value,
    struct error *err);
int tree_object(const struct tree_node *node, const char *name,
    const struct tree_node **value, struct error *err);
int tree_array(const struct tree_node *node, const char *name,
    const struct tree_node **value, struct error *err);
const char *tree_text_or(
    const struct tree_node *node, const char *name, const char *fallback);
int64_t tree_whole_or(
    const struct tree_node *node, const char *name, int64_t fallback);
/* Of a node itself, which is of kind TREE_WHOLE, or TREE_NUMBER too. */
int64_t tree_whole_of(const struct tree_node *node);
double tree_number_of(const struct tree_node *node);

#endif
