/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "common/error.h"
#include "common/name.h"
#include "lab/netem.h"
#include "lab/topology_parts.h"

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

int
topology_find_backend(
    const char *name, enum topology_backend *backend, struct error *err)
{
	int found = name_index(topology_backends, name);
	char *all;

	if (found != -1) {
		*backend = (enum topology_backend)found;
		return (0);
	}
	all = name_join(topology_backends);
	error_set(err, "backend \"%.80s\", expected one of: %s", name, all);
	free(all);
	return (-1);
}

int
topology_use_backend(
    struct topology *topology, const char *name, struct error *err)
{
	struct error why;

	if (topology_find_backend(name, &topology->backend, err) == -1)
		return (-1);
	for (size_t i = 0; i < topology->link_count; i++)
		if (topology->backend == BACKEND_NETEM &&
		    topology_netem(topology, i, &why) == -1)
			return (error_set(err,
			    "link \"%s\": %s, expected backend auto or "
			    "emulator for that",
			    topology->links[i].name, why.text));
	return (0);
}
