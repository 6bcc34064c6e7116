/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/topology.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "common/memory.h"
#include "common/name.h"
#include "common/place.h"
#include "lab/experiment.h"

#define SHIPPED 64 /* at most */

static int
is_topology(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return (length > 5 && entry->d_name[0] != '.' &&
		strcmp(entry->d_name + length - 5, ".yaml") == 0);
}

/* Says which ones are shipped, and which of them was probably meant. */
static int
refuse_name(const char *name, const char *folder, struct error *err)
{
	const char *names[SHIPPED + 1] = {NULL}, *nearest;
	struct dirent **found = NULL;
	int count = scandir(folder, &found, is_topology, alphasort);
	char *all;

	for (int i = 0; i < count; i++) {
		*strrchr(found[i]->d_name, '.') = '\0';
		if (i < SHIPPED)
			names[i] = found[i]->d_name;
	}
	nearest = name_nearest(names, name);
	all = name_join(names);
	error_set(err,
	    "%.80s: there is no such file or topology%s%s%s, expected a path or "
	    "one of: %s",
	    name, nearest != NULL ? ": did you mean " : "",
	    nearest != NULL ? nearest : "", nearest != NULL ? "?" : "", all);
	for (int i = 0; i < count; i++)
		free(found[i]);
	free(found);
	free(all);
	return (-1);
}

/* A folder may have the name of a topology that is shipped. */
static bool
is_file(const char *name)
{
	struct stat st;

	return (stat(name, &st) == 0 && !S_ISDIR(st.st_mode));
}

char *
topology_path(const char *name, struct error *err)
{
	char *folder, *path;

	if (strchr(name, '/') != NULL || is_file(name))
		return (memory_text(name));
	folder = place_lab();
	path = memory_print("%s/%s.yaml", folder, name);
	if (access(path, R_OK) == -1) {
		refuse_name(name, folder, err);
		free(path);
		path = NULL;
	}
	free(folder);
	return (path);
}

void
topology_free(struct topology *topology)
{
	if (topology == NULL)
		return;
	for (size_t i = 0; i < topology->node_count; i++) {
		free(topology->nodes[i].name);
		free(topology->nodes[i].ingress);
		free(topology->nodes[i].site);
	}
	for (size_t i = 0; i < topology->link_count; i++)
		free(topology->links[i].name);
	for (size_t i = 0; i < topology->event_count; i++)
		free(topology->events[i].command);
	free(topology->nodes);
	free(topology->links);
	free(topology->events);
	free(topology->name);
	free(topology->group);
	free(topology->meshes);
	free(topology->tests);
	experiment_free(topology->experiment);
	free(topology);
}

static int
refuse(const char *kind, const char *const *names, const char *name,
    struct error *err)
{
	const char *nearest = name_nearest(names, name);

	if (nearest != NULL)
		return (error_set(err,
		    "there is no %s \"%.80s\": did you mean \"%s\"? expected "
		    "one that the file names",
		    kind, name, nearest));
	return (error_set(err,
	    "there is no %s \"%.80s\", expected one that the file names", kind,
	    name));
}

long
topology_node(
    const struct topology *topology, const char *name, struct error *err)
{
	const char *names[TOPOLOGY_NODES + 1] = {NULL};

	for (size_t i = 0; i < topology->node_count; i++) {
		names[i] = topology->nodes[i].name;
		if (strcmp(names[i], name) == 0)
			return ((long)i);
	}
	return (refuse("node", names, name, err));
}

long
topology_link(
    const struct topology *topology, const char *name, struct error *err)
{
	const char *names[TOPOLOGY_LINKS + 1] = {NULL};

	for (size_t i = 0; i < topology->link_count; i++) {
		names[i] = topology->links[i].name;
		if (strcmp(names[i], name) == 0)
			return ((long)i);
	}
	return (refuse("link", names, name, err));
}

bool
topology_near(const struct topology *topology, size_t node, size_t *i,
    struct topology_near *near)
{
	while (*i < topology->link_count) {
		const struct topology_link *link = &topology->links[(*i)++];

		for (int k = 0; k < 2; k++)
			if (link->ends[k].node == node) {
				near->link = link;
				near->here = &link->ends[k];
				near->there = &link->ends[!k];
				near->peer =
				    &topology->nodes[near->there->node];
				return (true);
			}
	}
	return (false);
}

void
topology_tunnel(size_t node, struct in_addr *four, struct in6_addr *six)
{
	static const struct in6_addr base = {
	    {{0xfd, 0x64, 0xff, 0xfe, [15] = 1}}};

	four->s_addr = htonl(0x0a7e0001u | (uint32_t)node << 8);
	*six = base;
	six->s6_addr[6] = (uint8_t)(node >> 8);
	six->s6_addr[7] = (uint8_t)node;
}
