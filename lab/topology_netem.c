/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/netem.h"
#include "lab/topology.h"

const struct way *
topology_way(const struct topology *topology, size_t link, size_t *i)
{
	size_t at;

	if (*i < 2)
		return (&topology->links[link].ends[(*i)++].way);
	while ((at = *i - 2) < 2 * topology->event_count) {
		const struct topology_event *event = &topology->events[at / 2];

		(*i)++;
		if (event->kind == EVENT_SET && event->link == link)
			return (&event->ways[at % 2]);
	}
	return (NULL);
}

int
topology_netem(const struct topology *topology, size_t link, struct error *err)
{
	const struct way *way;

	for (size_t i = 0; (way = topology_way(topology, link, &i)) != NULL;)
		if (netem_check(way, err) == -1)
			return (-1);
	return (0);
}
