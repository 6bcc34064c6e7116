/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "cli/lab_start.h"
#include "common/error.h"
#include "common/name.h"
#include "lab/topology.h"

#define NAME_MOST 31 /* as in a topology: its sockets' paths are short */

static int
settle(struct lab_start *start, struct topology *topology, struct error *err)
{
	if (start->name == NULL)
		start->name = topology->name;
	if (!name_valid(start->name) || strlen(start->name) > NAME_MOST)
		return (error_set(err,
		    "--name %.80s: expected at most %d characters: %s",
		    start->name, NAME_MOST, name_rule));
	for (size_t i = 0; i < topology->node_count; i++)
		start->collector |= topology->nodes[i].collector;
	if (start->port != 0 && !start->collector)
		return (error_set(err,
		    "--port %d: no node of %s has a collector, whose pages it "
		    "would be",
		    start->port, start->file));
	if (start->backend != NULL &&
	    topology_use_backend(topology, start->backend, err) == -1)
		return (error_place(err, "--backend"));
	return (0);
}

struct topology *
lab_start_read(struct lab_start *start, struct error *err)
{
	struct topology *topology =
	    topology_read_text(start->file, &start->text, err);

	if (topology == NULL || settle(start, topology, err) == 0)
		return (topology);
	topology_free(topology);
	free(start->text);
	start->text = NULL;
	return (NULL);
}
