/* SPDX-License-Identifier: BSD-2-Clause */
/* A tree is whole and knows its places; a refusal begins with one. */
#include "common/yaml.h"

#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "tests/fuzz/target.h"

#define FILE_NAME "fuzz.yaml"

static void
try_node(const struct yml *node, int depth)
{
	if (node->line < 1 || node->column < 1 || depth > YML_DEPTH + 1 ||
	    (node->kind == YML_SCALAR) != (node->text != NULL))
		abort();
	for (size_t i = 0; i < node->count; i++) {
		if (node->kind == YML_MAP &&
		    yml_get(node, node->keys[i]) != node->items[i])
			abort();
		try_node(node->items[i], depth + 1);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = {""};
	struct yml *tree;

	tree = yml_parse(FILE_NAME, (const char *)data, size, &err);
	if (tree == NULL) {
		if (strncmp(err.text, FILE_NAME ":", strlen(FILE_NAME ":")) !=
			0 ||
		    strstr(err.text, "expected") == NULL)
			abort();
		return (0);
	}
	try_node(tree, 1);
	yml_free(tree);
	return (0);
}
