/* SPDX-License-Identifier: BSD-2-Clause */
/* A topology is refused at its place, or its nodes have routes and daemons. */
#include "lab/topology.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/error.h"
#include "lab/bird.h"
#include "lab/frr.h"
#include "lab/routes.h"
#include "tests/fuzz/specimen.h"
#include "tests/fuzz/target.h"

#define FILE_NAME "/lab/fuzz.yaml"

static void
try_nodes(const struct topology *topology)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	for (size_t i = 0; i < topology->node_count && i < 4; i++) {
		routes_write(topology, i, out);
		bird_write(topology, i, out);
		frr_write_zebra(topology, i, out);
		frr_write_ospf(topology, i, out);
		frr_write_ospf6(topology, i, out);
	}
	fclose(out);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = {""};
	struct topology *topology =
	    topology_parse(FILE_NAME, (const char *)data, size, &err);

	if (topology == NULL)
		specimen_place(err.text, FILE_NAME);
	else
		try_nodes(topology);
	topology_free(topology);
	return (0);
}
