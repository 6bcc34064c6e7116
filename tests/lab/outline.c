/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * outline FILE FOLDER - what a lab would set up, for tests that do it with other
 * means: FOLDER/NODE/routes, the daemons' files next to it, and on standard
 * output {"nodes":{NAME:{"host":bool,"addresses":[..],"daemons":[[argv],..]}},
 * "links":{NAME:{"ends":[{"node","interface","addresses":[..]},..],"cost"}}}.
 */
#include <arpa/inet.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "common/error.h"
#include "common/member.h"
#include "common/memory.h"
#include "lab/routes.h"
#include "lab/speakers.h"
#include "lab/topology.h"

static json_object *
addresses(const struct topology *topology, struct in_addr four, unsigned prefix,
    struct in6_addr six, unsigned prefix6)
{
	json_object *array = json_object_new_array();
	char text[INET6_ADDRSTRLEN], with[INET6_ADDRSTRLEN + 4];

	if (topology->ipv4) {
		inet_ntop(AF_INET, &four, text, sizeof(text));
		snprintf(with, sizeof(with), "%s/%u", text, prefix);
		json_object_array_add(array, json_object_new_string(with));
	}
	if (topology->ipv6) {
		inet_ntop(AF_INET6, &six, text, sizeof(text));
		snprintf(with, sizeof(with), "%s/%u", text, prefix6);
		json_object_array_add(array, json_object_new_string(with));
	}
	return (array);
}

static json_object *
daemons(const struct topology *topology, size_t node, const char *folder)
{
	json_object *array = json_object_new_array();

	for (size_t i = 0; i < speakers_count(topology, node); i++) {
		char **argv = speakers_argv(topology, node, i, folder);
		json_object *words = json_object_new_array();

		for (size_t k = 0; argv[k] != NULL; k++)
			json_object_array_add(
			    words, json_object_new_string(argv[k]));
		json_object_array_add(array, words);
		speakers_free_argv(argv);
	}
	return (array);
}

static void
write_files(const struct topology *topology, size_t node, const char *folder)
{
	char *path = memory_print("%s/routes", folder);
	struct error err;
	FILE *out;

	mkdir(folder, 0755);
	if ((out = fopen(path, "we")) == NULL ||
	    speakers_write(topology, node, folder, &err) == -1) {
		perror(folder);
		exit(1);
	}
	routes_write(topology, node, out);
	fclose(out);
	free(path);
}

static json_object *
nodes(const struct topology *topology, const char *root)
{
	json_object *all = json_object_new_object();

	for (size_t i = 0; i < topology->node_count; i++) {
		const struct topology_node *of = &topology->nodes[i];
		char *folder = memory_print("%s/%s", root, of->name);
		json_object *node = json_object_new_object();

		write_files(topology, i, folder);
		json_object_object_add(node, "host",
		    json_object_new_boolean(of->kind == NODE_HOST));
		json_object_object_add(node, "addresses",
		    addresses(topology, of->address, 32, of->address6, 128));
		json_object_object_add(
		    node, "daemons", daemons(topology, i, folder));
		json_object_object_add(all, of->name, node);
		free(folder);
	}
	return (all);
}

static json_object *
links(const struct topology *topology)
{
	json_object *all = json_object_new_object();

	for (size_t i = 0; i < topology->link_count; i++) {
		const struct topology_link *of = &topology->links[i];
		json_object *link = json_object_new_object();
		json_object *ends = json_object_new_array();

		for (int k = 0; k < 2; k++) {
			const struct topology_end *at = &of->ends[k];
			json_object *end = json_object_new_object();

			member_add_text(
			    end, "node", topology->nodes[at->node].name);
			member_add_text(end, "interface", at->interface);
			json_object_object_add(end, "addresses",
			    addresses(topology, at->address, of->prefix,
				at->address6, 64));
			json_object_array_add(ends, end);
		}
		json_object_object_add(link, "ends", ends);
		member_add_whole(link, "cost", of->cost);
		json_object_object_add(all, of->name, link);
	}
	return (all);
}

int
main(int argc, char **argv)
{
	struct topology *topology;
	json_object *all;
	struct error err;

	if (argc != 3) {
		fprintf(stderr, "usage: outline FILE FOLDER\n");
		return (2);
	}
	if ((topology = topology_read(argv[1], &err)) == NULL) {
		fprintf(stderr, "%s\n", err.text);
		return (1);
	}
	all = json_object_new_object();
	json_object_object_add(all, "nodes", nodes(topology, argv[2]));
	json_object_object_add(all, "links", links(topology));
	puts(json_object_to_json_string_ext(all, JSON_C_TO_STRING_PLAIN));
	json_object_put(all);
	topology_free(topology);
	return (0);
}
