/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/daemon.h"
#include "common/error.h"
#include "common/memory.h"
#include "lab/from_config.h"
#include "lab/from_config_parts.h"

#define FILE_MOST (4 * 1024 * 1024)

static bool
joined(const struct port *a, const struct port *b)
{
	uint32_t mask;

	if (strcmp(a->router, b->router) == 0 || a->prefix == 0 ||
	    a->prefix >= 32 || a->prefix != b->prefix)
		return (false);
	mask = htonl(~(uint32_t)0 << (32 - a->prefix));
	return (((a->four.s_addr ^ b->four.s_addr) & mask) == 0);
}

static void
write_nodes(const struct from_config *from, FILE *out)
{
	char text[INET_ADDRSTRLEN];

	fprintf(out, "nodes:\n");
	for (size_t i = 0; i < from->count; i++) {
		const struct port *port = &from->ports[i], *lo = NULL;
		bool before = false;

		for (size_t k = 0; k < from->count; k++) {
			bool same =
			    strcmp(from->ports[k].router, port->router) == 0;

			before |= same && k < i;
			if (same && from->ports[k].prefix == 32)
				lo = &from->ports[k];
		}
		if (before)
			continue;
		fprintf(out, "  %s: {kind: router", port->router);
		if (lo != NULL)
			fprintf(out, ", address: %s",
			    inet_ntop(AF_INET, &lo->four, text, sizeof(text)));
		fprintf(out, "}\n");
	}
}

static void
write_end(const struct port *port, FILE *out)
{
	char text[INET_ADDRSTRLEN];

	fprintf(out, "{node: %s, interface: %s, address: %s/%u}", port->router,
	    port->interface,
	    inet_ntop(AF_INET, &port->four, text, sizeof(text)), port->prefix);
}

static int
write_link(const struct port *a, const struct port *b, size_t number, FILE *out,
    struct error *err)
{
	long cost = a->cost != 0 ? a->cost : b->cost;

	if (b->cost != 0 && b->cost != cost)
		return (error_set(err,
		    "%s %s: cost %ld, but %s %s: cost %ld, expected one of both "
		    "ends",
		    a->router, a->interface, cost, b->router, b->interface,
		    b->cost));
	fprintf(out, "  %s-%s-%zu:\n    ends: [", a->router, b->router, number);
	write_end(a, out);
	fprintf(out, ", ");
	write_end(b, out);
	fprintf(out, "]\n    cost: %ld\n", cost != 0 ? cost : 10);
	return (0);
}

int
from_config_write(const struct from_config *from, const char *name, FILE *out,
    struct error *err)
{
	if (from->count == 0)
		return (error_set(err,
		    "no interface, expected the configuration of routers"));
	fprintf(out, "name: %s\nrouting: frr\n", name);
	write_nodes(from, out);
	fprintf(out, "links:\n");
	for (size_t i = 0; i < from->count; i++) {
		size_t partners = 0;

		for (size_t k = 0; k < from->count; k++) {
			if (!joined(&from->ports[i], &from->ports[k]))
				continue;
			partners++;
			if (k > i && write_link(&from->ports[i],
					 &from->ports[k], i, out, err) == -1)
				return (-1);
		}
		if (partners > 1)
			return (error_set(err,
			    "%s %s: %zu others are in its network, expected "
			    "one",
			    from->ports[i].router, from->ports[i].interface,
			    partners));
		if (partners == 0 && from->ports[i].prefix != 32)
			fprintf(out, "  # %s %s: no other end\n",
			    from->ports[i].router, from->ports[i].interface);
	}
	return (0);
}

static int
is_visible(const struct dirent *entry)
{
	return (entry->d_name[0] != '.');
}

/* Calls take for what is in a folder, in order. */
static int
take_router(struct from_config *from, const char *folder, const char *router,
    struct error *err)
{
	char *place = memory_print("%s/%s", folder, router);
	struct dirent **files = NULL;
	int count = scandir(place, &files, is_visible, alphasort), status = 0;

	if (count == -1)
		status = error_set(err, "%s: %m", place);
	for (int i = 0; i < count; i++) {
		char *path = memory_print("%s/%s", place, files[i]->d_name);
		size_t length;
		char *text = status == -1 ? NULL
					  : daemon_read_file(
						path, FILE_MOST, &length, err);

		if (text == NULL)
			status = -1;
		else
			status = from_config_take(
			    from, router, path, text, length, err);
		free(text);
		free(path);
		free(files[i]);
	}
	free(files);
	free(place);
	return (status);
}

int
from_config_folder(const char *folder, FILE *out, struct error *err)
{
	struct from_config *from = from_config_new();
	struct dirent **routers = NULL;
	int count = scandir(folder, &routers, is_visible, alphasort);
	int status = 0;

	if (count == -1)
		status = error_set(err, "%s: %m", folder);
	for (int i = 0; i < count; i++) {
		if (status == 0)
			status =
			    take_router(from, folder, routers[i]->d_name, err);
		free(routers[i]);
	}
	free(routers);
	if (status == 0)
		status = from_config_write(from, "imported", out, err);
	from_config_free(from);
	return (status);
}
