/* SPDX-License-Identifier: BSD-2-Clause */
#include <json-c/json.h>

#include "common/error.h"
#include "common/memory.h"
#include "lab/topology_parts.h"

/* JSON is YAML, too, and its texts are what scalars are until they are typed. */
static json_object *
tree_json(const struct yml *node)
{
	json_object *json;

	if (yml_null(node))
		return (NULL);
	if (node->kind == YML_SCALAR)
		return (json_object_new_string(node->text));
	json = node->kind == YML_MAP ? json_object_new_object()
				     : json_object_new_array();
	for (size_t i = 0; i < node->count; i++)
		if (node->kind == YML_MAP)
			json_object_object_add(
			    json, node->keys[i], tree_json(node->items[i]));
		else
			json_object_array_add(json, tree_json(node->items[i]));
	return (json);
}

/* NULL when there is none. */
static int
read_map(
    const struct yml *node, const char *what, char **text, struct error *err)
{
	json_object *json;

	if (yml_null(node))
		return (0);
	if (yml_expect(node, YML_MAP, what, err) == -1)
		return (-1);
	json = tree_json(node);
	*text = memory_text(
	    json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN));
	json_object_put(json);
	return (0);
}

int
topology_read_fleet(
    struct topology *topology, const struct yml *top, struct error *err)
{
	const struct yml *nodes = yml_get(top, "nodes");

	for (size_t i = 0; i < topology->node_count; i++)
		if (read_map(yml_get(nodes->items[i], "site"),
			"what is said of a site", &topology->nodes[i].site,
			err) == -1)
			return (-1);
	if (read_map(yml_get(top, "meshes"), "meshes by name",
		&topology->meshes, err) == -1)
		return (-1);
	return (read_map(
	    yml_get(top, "tests"), "tests by name", &topology->tests, err));
}
