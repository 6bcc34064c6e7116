/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/boxes_fleet.h"

#include <arpa/inet.h>
#include <string.h>

#include "common/daemon.h"
#include "common/error.h"
#include "common/member.h"
#include "lab/topology.h"

/* Both are of the topology, which holds them as they were made. */
static json_object *
object_of(const char *text)
{
	json_object *json =
	    text == NULL ? NULL : member_parse(text, strlen(text), NULL);

	return (json == NULL ? json_object_new_object() : json);
}

static void
add_address(json_object *list, int family, const void *address)
{
	char text[INET6_ADDRSTRLEN];

	json_object_array_add(list, json_object_new_string(inet_ntop(
					family, address, text, sizeof(text))));
}

static json_object *
site_of(const struct topology *topology, const struct topology_node *node)
{
	json_object *site = object_of(node->site);
	json_object *addresses = json_object_new_array();

	if (topology->ipv4)
		add_address(addresses, AF_INET, &node->address);
	if (topology->ipv6)
		add_address(addresses, AF_INET6, &node->address6);
	json_object_object_add(site, "address", addresses);
	return (site);
}

static json_object *
fleet_of(const struct topology *topology)
{
	json_object *fleet = json_object_new_object();
	json_object *sites = json_object_new_object();
	json_object *members = json_object_new_array();
	json_object *meshes = object_of(topology->meshes);
	json_object *all = json_object_new_object();

	for (size_t i = 0; i < topology->node_count; i++) {
		const struct topology_node *node = &topology->nodes[i];

		if (!node->agent)
			continue;
		json_object_object_add(
		    sites, node->name, site_of(topology, node));
		json_object_array_add(
		    members, json_object_new_string(node->name));
	}
	json_object_object_add(all, "members", members);
	if (member_get(meshes, "all") == NULL)
		json_object_object_add(meshes, "all", all);
	else
		json_object_put(all);
	json_object_object_add(fleet, "sites", sites);
	json_object_object_add(fleet, "meshes", meshes);
	json_object_object_add(fleet, "tests", object_of(topology->tests));
	return (fleet);
}

int
boxes_write_fleet(
    const struct topology *topology, const char *path, struct error *err)
{
	json_object *fleet = fleet_of(topology);
	const char *text = json_object_to_json_string_ext(
	    fleet, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
	int status = daemon_write_file(path, text, strlen(text), 0640, err);

	json_object_put(fleet);
	return (status);
}
