/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/daemon.h"
#include "common/error.h"
#include "common/memory.h"
#include "common/name.h"
#include "lab/experiment.h"
#include "lab/topology_parts.h"

static const char *const routings[] = {"static", "bird", "frr", NULL};

const char *const topology_backends[] = {"auto", "netem", "emulator", NULL};

struct top {
	int64_t routing, backend, priority;
};

static const struct setting top_options[] = {
    {"routing", OPTION_CHOICE, "static", 0, 0, routings,
	"how nodes learn where the others are", offsetof(struct top, routing)},
    {"backend", OPTION_CHOICE, "auto", 0, 0, topology_backends,
	"what makes the links: the kernel's netem, the emulator of Pharos, or "
	"each link by what suits it",
	offsetof(struct top, backend)},
    {"priority", OPTION_COUNT, "0", 0, 99, NULL,
	"real-time priority of the link emulator, 0 for none",
	offsetof(struct top, priority)},
    {.name = NULL},
};

static const struct setting ospf_options[] = {
    {"hello", OPTION_DURATION, "1s", 1, 65535, NULL,
	"between two hellos, whole seconds", offsetof(struct topology, hello)},
    {"dead", OPTION_DURATION, "4s", 1, 65535, NULL,
	"a neighbour that was silent for so long is gone, whole seconds",
	offsetof(struct topology, dead)},
    {.name = NULL},
};

int
topology_known(const struct yml *map, const char *const *keys,
    const struct setting *table, struct error *err)
{
	const char *names[64];
	size_t count = 0;

	for (; *keys != NULL; keys++)
		names[count++] = *keys;
	for (; table->name != NULL; table++)
		names[count++] = table->name;
	names[count] = NULL;
	return (yml_known(map, names, err));
}

struct yml
topology_place(const char *file, int line, int column)
{
	return ((struct yml){.file = file, .line = line, .column = column});
}

int
topology_refer_node(const struct topology *topology, const struct yml *name,
    size_t *node, struct error *err)
{
	struct error why;
	long found;

	if (yml_expect(name, YML_SCALAR, "a node's name", err) == -1)
		return (-1);
	if ((found = topology_node(topology, name->text, &why)) == -1)
		return (yml_error(name, err, "%s", why.text));
	*node = (size_t)found;
	return (0);
}

int
topology_refer_link(const struct topology *topology, const struct yml *name,
    size_t *link, struct error *err)
{
	struct error why;
	long found;

	if (yml_expect(name, YML_SCALAR, "a link's name", err) == -1)
		return (-1);
	if ((found = topology_link(topology, name->text, &why)) == -1)
		return (yml_error(name, err, "%s", why.text));
	*link = (size_t)found;
	return (0);
}

static int
read_name(struct topology *topology, const struct yml *top, struct error *err)
{
	const struct yml *name = yml_get(top, "name");

	if (yml_null(name))
		return (yml_error(name != NULL ? name : top, err,
		    "no name, expected name: NAME"));
	if (yml_expect(name, YML_SCALAR, "a name", err) == -1)
		return (-1);
	if (!name_valid(name->text) || strlen(name->text) > 31)
		return (yml_error(name, err,
		    "name \"%.80s\", expected at most 31 characters: %s",
		    name->text, name_rule));
	topology->name = memory_text(name->text);
	return (0);
}

static int
read_families(
    struct topology *topology, const struct yml *node, struct error *err)
{
	topology->ipv4 = yml_null(node);
	if (yml_null(node))
		return (0);
	if (yml_expect(node, YML_LIST, "families such as [4, 6]", err) == -1)
		return (-1);
	for (size_t i = 0; i < node->count; i++) {
		const struct yml *item = node->items[i];

		if (yml_expect(item, YML_SCALAR, "4 or 6", err) == -1)
			return (-1);
		if (strcmp(item->text, "4") == 0)
			topology->ipv4 = true;
		else if (strcmp(item->text, "6") == 0)
			topology->ipv6 = true;
		else
			return (yml_error(item, err,
			    "families: \"%.80s\", expected 4 or 6",
			    item->text));
	}
	if (node->count == 0)
		return (yml_error(node, err, "no family, expected 4 or 6"));
	return (0);
}

static int
read_ospf(struct topology *topology, const struct yml *node, struct error *err)
{
	if (yml_load(node, ospf_options, topology, err) == -1)
		return (-1);
	if (topology->hello % NS_PER_S != 0 || topology->dead % NS_PER_S != 0)
		return (yml_error(
		    node, err, "part of a second, expected whole ones"));
	if (topology->dead <= topology->hello)
		return (yml_error(node, err,
		    "dead is not more than hello, expected several hellos"));
	return (0);
}

int
topology_read_top(
    struct topology *topology, const struct yml *top, struct error *err)
{
	static const char *const keys[] = {"name", "ospf", "families", "nodes",
	    "links", "multicast", "events", "experiment", "meshes", "tests",
	    NULL};
	struct top options;

	if (yml_expect(top, YML_MAP, "a topology", err) == -1 ||
	    topology_known(top, keys, top_options, err) == -1 ||
	    option_load(top_options, &options, NULL, err) == -1 ||
	    yml_change(top, top_options, &options, err) == -1)
		return (-1);
	topology->routing = (enum topology_routing)options.routing;
	topology->backend = (enum topology_backend)options.backend;
	topology->priority = options.priority;
	if (read_name(topology, top, err) == -1 ||
	    read_families(topology, yml_get(top, "families"), err) == -1)
		return (-1);
	return (read_ospf(topology, yml_get(top, "ospf"), err));
}

static int
read_all(struct topology *topology, const struct yml *top, struct error *err)
{
	if (topology_read_top(topology, top, err) == -1 ||
	    topology_read_nodes(topology, yml_get(top, "nodes"), err) == -1)
		return (-1);
	if (topology->node_count == 0)
		return (yml_error(top, err, "no nodes, expected some"));
	if (topology_read_links(topology, yml_get(top, "links"), err) == -1 ||
	    topology_read_multicast(topology, yml_get(top, "multicast"), err) ==
		-1 ||
	    topology_assign(topology, top->file, err) == -1 ||
	    topology_read_events(topology, yml_get(top, "events"), err) == -1 ||
	    topology_check(topology, top->file, err) == -1)
		return (-1);
	if (topology_read_fleet(topology, top, err) == -1)
		return (-1);
	if (yml_null(yml_get(top, "experiment")))
		return (0);
	topology->experiment =
	    experiment_read(topology, yml_get(top, "experiment"), err);
	return (topology->experiment != NULL ? 0 : -1);
}

static struct topology *
read_tree(struct yml *tree, struct error *err)
{
	struct topology *topology;

	if (tree == NULL)
		return (NULL);
	topology = memory_new(1, sizeof(*topology));
	if (read_all(topology, tree, err) == -1) {
		topology_free(topology);
		topology = NULL;
	}
	yml_free(tree);
	return (topology);
}

struct topology *
topology_parse(
    const char *file, const char *text, size_t length, struct error *err)
{
	return (read_tree(yml_parse(file, text, length, err), err));
}

struct topology *
topology_read_text(const char *name, char **text, struct error *err)
{
	char *path = topology_path(name, err);
	struct topology *topology = NULL;
	size_t length;

	*text = path == NULL ? NULL
			     : daemon_read_file(path, YML_MOST, &length, err);
	if (*text != NULL)
		topology = topology_parse(path, *text, length, err);
	if (topology == NULL) {
		free(*text);
		*text = NULL;
	}
	free(path);
	return (topology);
}

struct topology *
topology_read(const char *name, struct error *err)
{
	char *text;
	struct topology *topology = topology_read_text(name, &text, err);

	free(text);
	return (topology);
}
