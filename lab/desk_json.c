/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/desk_json.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "common/member.h"
#include "lab/boxes.h"
#include "lab/keeper.h"
#include "lab/lab.h"
#include "lab/links.h"
#include "lab/nodes.h"
#include "lab/topology.h"

static void
add_flag(json_object *o, const char *name, bool value)
{
	json_object_object_add(o, name, json_object_new_boolean(value));
}

static json_object *
duty_json(const struct duty *duty)
{
	json_object *o = json_object_new_object();

	member_add_text(o, "name", duty_name(duty));
	add_flag(o, "running", duty_pid(duty) != 0);
	if (duty_pid(duty) != 0)
		member_add_whole(o, "pid", duty_pid(duty));
	member_add_whole(o, "restarts", duty_restarts(duty));
	return (o);
}

/* Of a node, or of none: the lab's own. */
static json_object *
duties_json(struct keeper *keeper, const char *node)
{
	json_object *all = json_object_new_array();
	const struct duty *duty = NULL;

	while ((duty = duty_next(keeper, duty)) != NULL) {
		const char *whose = duty_node(duty);

		if (node == NULL ? whose == NULL
				 : whose != NULL && strcmp(whose, node) == 0)
			json_object_array_add(all, duty_json(duty));
	}
	return (all);
}

static json_object *
node_json(const struct lab *lab, size_t index)
{
	const struct topology_node *node = &lab->topology->nodes[index];
	json_object *o = json_object_new_object();
	char text[INET6_ADDRSTRLEN];

	member_add_text(o, "name", node->name);
	member_add_text(
	    o, "kind", node->kind == NODE_ROUTER ? "router" : "host");
	if (lab->topology->ipv4)
		member_add_text(o, "address",
		    inet_ntop(AF_INET, &node->address, text, sizeof(text)));
	if (lab->topology->ipv6)
		member_add_text(o, "address6",
		    inet_ntop(AF_INET6, &node->address6, text, sizeof(text)));
	member_add_whole(o, "fd", lab->nodes->nets[index]);
	member_add_text(o, "share", lab->nodes->shares[index]);
	add_flag(o, "agent", node->agent);
	add_flag(o, "collector", node->collector);
	json_object_object_add(
	    o, "daemons", duties_json(lab->keeper, node->name));
	return (o);
}

json_object *
desk_json(const struct lab *lab)
{
	json_object *o = json_object_new_object();
	json_object *nodes = json_object_new_array(),
		    *links = json_object_new_array();

	member_add_text(o, "name", lab->about.name);
	member_add_number(
	    o, "up", clock_seconds(clock_monotonic() - lab->began));
	add_flag(o, "converged", lab->converged_at != 0);
	add_flag(o, "ready", lab->ready);
	member_add_text(o, "page", boxes_page(lab->boxes));
	for (size_t i = 0; i < lab->topology->node_count; i++)
		json_object_array_add(nodes, node_json(lab, i));
	for (size_t i = 0; i < lab->topology->link_count; i++)
		json_object_array_add(
		    links, links_json(lab->links, lab->topology, i));
	json_object_object_add(o, "nodes", nodes);
	json_object_object_add(o, "links", links);
	json_object_object_add(o, "daemons", duties_json(lab->keeper, NULL));
	return (o);
}
