/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/from_config.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/memory.h"
#include "common/name.h"
#include "lab/from_config_parts.h"

struct from_config *
from_config_new(void)
{
	return (memory_new(1, sizeof(struct from_config)));
}

void
from_config_free(struct from_config *from)
{
	if (from == NULL)
		return;
	free(from->ports);
	free(from);
}

static struct port *
find_port(struct from_config *from, const char *router, const char *interface)
{
	struct port *port;

	for (size_t i = 0; i < from->count; i++)
		if (strcmp(from->ports[i].router, router) == 0 &&
		    strcmp(from->ports[i].interface, interface) == 0)
			return (&from->ports[i]);
	from->ports =
	    memory_resize(from->ports, from->count + 1, sizeof(*from->ports));
	port = &from->ports[from->count++];
	memset(port, 0, sizeof(*port));
	strcpy(port->router, router);
	strcpy(port->interface, interface);
	return (port);
}

static int
take_address(struct port *port, const char *text, bool six, struct error *err)
{
	char address[INET6_ADDRSTRLEN];
	unsigned length = 0;
	int used = 0;

	if (sscanf(text, "%45[0-9a-fA-F:.]/%3u%n", address, &length, &used) !=
		2 ||
	    text[used] != '\0' || length > (six ? 128 : 32) ||
	    inet_pton(six ? AF_INET6 : AF_INET, address,
		six ? (void *)&port->six : (void *)&port->four) != 1)
		return (error_set(err,
		    "address \"%.60s\", expected ADDRESS/LENGTH of IPv%d", text,
		    six ? 6 : 4));
	*(six ? &port->prefix6 : &port->prefix) = length;
	return (0);
}

static int
take_cost(struct port *port, const char *text, struct error *err)
{
	char *end;
	long cost = strtol(text, &end, 10);

	if (end == text || (*end != '\0' && strcmp(end, ";") != 0) ||
	    cost < 1 || cost > 65535)
		return (error_set(
		    err, "cost \"%.60s\", expected 1 to 65535", text));
	port->cost = cost;
	return (0);
}

/* The name, in quotes if it is BIRD's. */
static int
take_interface(struct from_config *from, const char *router, const char *word,
    long *current, struct error *err)
{
	char name[PORT_NAME];
	size_t length;

	word += *word == '"';
	length = strcspn(word, "\"");
	if (length == 0 || length >= sizeof(name))
		return (error_set(err,
		    "interface \"%.60s\", expected a name of at most %d "
		    "characters",
		    word, PORT_NAME - 1));
	snprintf(name, sizeof(name), "%.*s", (int)length, word);
	*current = find_port(from, router, name) - from->ports;
	return (0);
}

static int
take_line(struct from_config *from, const char *router, char *line,
    long *current, struct error *err)
{
	const char *words[5] = {"", "", "", "", ""};
	char *rest = line, *word;
	size_t count = 0;

	while (count < 4 && (word = strtok_r(rest, " \t\r", &rest)) != NULL)
		words[count++] = word;
	if (strcmp(words[0], "interface") == 0)
		return (take_interface(from, router, words[1], current, err));
	if (strcmp(words[0], "router") == 0 || strcmp(words[0], "exit") == 0)
		*current = -1;
	if (*current == -1)
		return (0);
	if (strcmp(words[0], "cost") == 0)
		return (take_cost(&from->ports[*current], words[1], err));
	if (strcmp(words[1], "address") == 0 && strcmp(words[0], "ip") == 0)
		return (
		    take_address(&from->ports[*current], words[2], false, err));
	if (strcmp(words[1], "address") == 0 && strcmp(words[0], "ipv6") == 0)
		return (
		    take_address(&from->ports[*current], words[2], true, err));
	if (strcmp(words[0], "ip") == 0 && strcmp(words[1], "ospf") == 0 &&
	    strcmp(words[2], "cost") == 0)
		return (take_cost(&from->ports[*current], words[3], err));
	return (0);
}

int
from_config_take(struct from_config *from, const char *router, const char *file,
    const char *text, size_t length, struct error *err)
{
	const char *end = text + length;
	long current = -1;

	if (!name_valid(router) || strlen(router) >= PORT_NAME)
		return (error_set(err, "%s: router \"%.60s\", expected %s",
		    file, router, name_rule));
	for (int number = 1; text < end; number++) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		size_t used = (size_t)((stop != NULL ? stop : end) - text);
		char *line = memory_print("%.*s", (int)used, text);
		int status = take_line(from, router, line, &current, err);

		free(line);
		if (status == -1)
			return (error_place(err, "%s:%d", file, number));
		text += used + 1;
	}
	return (0);
}
