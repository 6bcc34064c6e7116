/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/paths.h"

#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "lab/topology.h"

struct paths {
	const struct topology *topology;
	size_t from;
	int64_t *costs; /* INT64_MAX: not found yet */
	bool *known;    /* its cost is final */
	bool *first;    /* [node][link]: begins a cheapest way there */
};

static bool *
row(const struct paths *paths, size_t node)
{
	return (paths->first + node * paths->topology->link_count);
}

/* The nearest node whose cost is not final; SIZE_MAX: none. */
static size_t
nearest(const struct paths *paths)
{
	size_t found = SIZE_MAX;
	int64_t least = INT64_MAX;

	for (size_t i = 0; i < paths->topology->node_count; i++)
		if (!paths->known[i] && paths->costs[i] < least) {
			least = paths->costs[i];
			found = i;
		}
	return (found);
}

/* Over this link, from a node whose ways are known. */
static void
take_link(struct paths *paths, size_t node, size_t link, size_t to)
{
	size_t links = paths->topology->link_count;
	int64_t cost = paths->costs[node] + paths->topology->links[link].cost;

	if (cost > paths->costs[to])
		return;
	if (cost < paths->costs[to])
		memset(row(paths, to), 0, links * sizeof(bool));
	paths->costs[to] = cost;
	if (node == paths->from)
		row(paths, to)[link] = true;
	for (size_t i = 0; i < links; i++)
		row(paths, to)[i] |= row(paths, node)[i];
}

static void
spread(struct paths *paths, size_t node)
{
	const struct topology *topology = paths->topology;

	paths->known[node] = true;
	if (node != paths->from && topology->nodes[node].kind == NODE_HOST)
		return;
	for (size_t i = 0; i < topology->link_count; i++)
		for (int k = 0; k < 2; k++)
			if (topology->links[i].ends[k].node == node)
				take_link(paths, node, i,
				    topology->links[i].ends[!k].node);
}

struct paths *
paths_new(const struct topology *topology, size_t from)
{
	struct paths *paths = memory_new(1, sizeof(*paths));
	size_t count = topology->node_count, node;

	paths->topology = topology;
	paths->from = from;
	paths->costs = memory_new(count, sizeof(*paths->costs));
	paths->known = memory_new(count, sizeof(*paths->known));
	paths->first =
	    memory_new(count * topology->link_count + 1, sizeof(*paths->first));
	for (size_t i = 0; i < count; i++)
		paths->costs[i] = i == from ? 0 : INT64_MAX;
	while ((node = nearest(paths)) != SIZE_MAX)
		spread(paths, node);
	return (paths);
}

void
paths_free(struct paths *paths)
{
	if (paths == NULL)
		return;
	free(paths->costs);
	free(paths->known);
	free(paths->first);
	free(paths);
}

int64_t
paths_cost(const struct paths *paths, size_t to)
{
	return (paths->costs[to]);
}

size_t
paths_first(const struct paths *paths, size_t to, size_t first[])
{
	size_t count = 0;

	for (size_t i = 0; i < paths->topology->link_count; i++)
		if (row(paths, to)[i])
			first[count++] = i;
	return (count);
}

size_t
paths_first_to_link(const struct paths *paths, size_t link, size_t first[])
{
	const struct topology_end *ends = paths->topology->links[link].ends;
	int64_t costs[] = {
	    paths->costs[ends[0].node], paths->costs[ends[1].node]};
	size_t count = 0;

	for (size_t i = 0; i < paths->topology->link_count; i++)
		if ((costs[0] <= costs[1] && row(paths, ends[0].node)[i]) ||
		    (costs[1] <= costs[0] && row(paths, ends[1].node)[i]))
			first[count++] = i;
	return (count);
}

size_t
paths_way(const struct topology *topology, size_t from, size_t to, size_t way[])
{
	size_t *first = memory_new(topology->link_count + 1, sizeof(*first));
	size_t count = 0;

	way[count++] = from;
	while (from != to) {
		struct paths *paths = paths_new(topology, from);
		const struct topology_end *ends;

		/* topology_check has seen to it that there is one */
		if (paths_first(paths, to, first) == 0)
			abort();
		ends = topology->links[first[0]].ends;
		from = ends[ends[0].node == from].node;
		way[count++] = from;
		paths_free(paths);
	}
	free(first);
	return (count);
}
