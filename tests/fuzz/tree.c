/* SPDX-License-Identifier: BSD-2-Clause */
/* tree_parse takes what member_parse takes, nothing else, and understands the
 * same by it. It alone sees a number that is not finite where a later member of
 * the same name stands. */
#include "common/tree.h"

#include <stdlib.h>
#include <string.h>

#include "common/member.h"
#include "tests/fuzz/target.h"

static bool same(const struct tree_node *node, json_object *json);

static bool
same_array(const struct tree_node *node, json_object *json)
{
	size_t i = 0;

	for (node = node->first; node != NULL; node = node->next, i++)
		if (i >= json_object_array_length(json) ||
		    !same(node, json_object_array_get_idx(json, i)))
			return (false);
	return (i == json_object_array_length(json));
}

/* Every member is there, and the one that stands is the same. */
static bool
same_object(const struct tree_node *node, json_object *json)
{
	const struct tree_node *child, *found;

	for (child = node->first; child != NULL; child = child->next) {
		found = tree_get(node, child->name);
		if (!json_object_object_get_ex(json, child->name, NULL) ||
		    (found == NULL) != (member_get(json, child->name) == NULL))
			return (false);
	}
	json_object_object_foreach (json, name, value) {
		found = tree_get(node, name);
		if (found == NULL ? value != NULL : !same(found, value))
			return (false);
	}
	return (true);
}

static bool
same(const struct tree_node *node, json_object *json)
{
	double number;

	switch (json_object_get_type(json)) {
	case json_type_null:
		return (node->kind == TREE_NULL);
	case json_type_boolean:
		return (
		    node->kind ==
		    (json_object_get_boolean(json) ? TREE_TRUE : TREE_FALSE));
	case json_type_int:
		return (node->kind == TREE_WHOLE &&
			tree_whole_of(node) == json_object_get_int64(json) &&
			tree_number_of(node) == json_object_get_double(json));
	case json_type_double:
		number = json_object_get_double(json);
		return (node->kind == TREE_NUMBER &&
			tree_number_of(node) == number);
	case json_type_string:
		return (
		    node->kind == TREE_TEXT &&
		    node->length == (size_t)json_object_get_string_len(json) &&
		    memcmp(node->text, json_object_get_string(json),
			node->length) == 0);
	case json_type_array:
		return (node->kind == TREE_ARRAY && same_array(node, json));
	default:
		return (node->kind == TREE_OBJECT && same_object(node, json));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct tree *tree = tree_new();
	struct error err = {""};
	const struct tree_node *root = tree_parse(tree, text, size, &err);
	json_object *json = member_parse(text, size, NULL);

	if (root != NULL && json == NULL)
		abort();
	if (root == NULL && json != NULL && strstr(err.text, "finite") == NULL)
		abort();
	if (root != NULL && !same(root, json))
		abort();
	if (root == NULL && strncmp(err.text, "JSON: ", 6) != 0)
		abort();
	json_object_put(json);
	tree_free(tree);
	return (0);
}
