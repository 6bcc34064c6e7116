/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/member.h"
#include "lab/links.h"
#include "lab/topology.h"

json_object *
links_way_json(const struct way *way)
{
	json_object *o = json_object_new_object();

	for (const struct setting *s = way_options; s->name != NULL; s++) {
		char *text = option_text(s, way);

		json_object_object_add(o, s->name, option_json(s, text, NULL));
		free(text);
	}
	return (o);
}

int
links_read(const struct links *links, size_t link, json_object *body,
    struct way ways[2], struct error *err)
{
	json_object *back = NULL, *both = NULL;
	int status;

	memcpy(ways, links_ways(links, link), 2 * sizeof(*ways));
	if (member_get(body, "back") != NULL &&
	    member_object(body, "back", &back, err) == -1)
		return (-1);
	json_object_deep_copy(body, &both, NULL);
	json_object_object_del(both, "back");
	status = option_change(way_options, &ways[0], both, err);
	if (status == 0)
		status = option_change(way_options, &ways[1], both, err);
	if (status == 0 && back != NULL &&
	    (status = option_change(way_options, &ways[1], back, err)) == -1)
		error_place(err, "back");
	json_object_put(both);
	return (status);
}

static json_object *
end_json(const struct topology *topology, const struct topology_end *end)
{
	json_object *o = json_object_new_object();
	char text[INET6_ADDRSTRLEN];

	member_add_text(o, "node", topology->nodes[end->node].name);
	member_add_text(o, "interface", end->interface);
	if (topology->ipv4)
		member_add_text(o, "address",
		    inet_ntop(AF_INET, &end->address, text, sizeof(text)));
	if (topology->ipv6)
		member_add_text(o, "address6",
		    inet_ntop(AF_INET6, &end->address6, text, sizeof(text)));
	return (o);
}

json_object *
links_json(
    const struct links *links, const struct topology *topology, size_t link)
{
	const struct topology_link *of = &topology->links[link];
	const struct way *ways = links_ways(links, link);
	json_object *o = json_object_new_object();
	json_object *ends = json_object_new_array(),
		    *both = json_object_new_array();

	member_add_text(o, "name", of->name);
	member_add_text(o, "state", links_state_name(links_state(links, link)));
	member_add_text(o, "backend", links_backend(links, link));
	for (int i = 0; i < 2; i++) {
		json_object_array_add(ends, end_json(topology, &of->ends[i]));
		json_object_array_add(both, links_way_json(&ways[i]));
	}
	json_object_object_add(o, "ends", ends);
	json_object_object_add(o, "ways", both);
	member_add_whole(o, "cost", of->cost);
	return (o);
}
