/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/memory.h"
#include "lab/from_config_parts.h"

#define MOST 65535
#define TIMER_MOST 600000 /* milliseconds */
#define TICK_MOST 600     /* seconds */

/* Those of FRR, and those of BIRD, which are shorter. */
static const struct {
	const char *words; /* a number follows */
	size_t field;
} numbers[] = {
    {"ip ospf cost", offsetof(struct port, cost)},
    {"ip ospf hello-interval", offsetof(struct port, hello)},
    {"ip ospf dead-interval", offsetof(struct port, dead)},
    {"ipv6 ospf6 cost", offsetof(struct port, cost)},
    {"ipv6 ospf6 hello-interval", offsetof(struct port, hello)},
    {"ipv6 ospf6 dead-interval", offsetof(struct port, dead)},
    {"cost", offsetof(struct port, cost)},
    {"hello", offsetof(struct port, hello)},
    {"dead count", offsetof(struct port, dead_count)},
    {"dead", offsetof(struct port, dead)},
};

/* The words behind these, if it begins with them; NULL. */
static char **
behind(char **words, const char *begin)
{
	while (*begin != '\0') {
		size_t length = strcspn(begin, " ");

		if (*words == NULL || strlen(*words) != length ||
		    strncmp(*words, begin, length) != 0)
			return (NULL);
		words++;
		begin += length + (begin[length] == ' ');
	}
	return (words);
}

static const char *
text_of(char **words)
{
	return (*words != NULL ? *words : "");
}

static const char *
last_word(const char *words)
{
	const char *space = strrchr(words, ' ');

	return (space == NULL ? words : space + 1);
}

static int
read_number(const char *what, const char *text, long least, long most,
    long *value, struct error *err)
{
	char *end;

	*value = strtol(text, &end, 10);
	if (end == text || *end != '\0' || *value < least || *value > most)
		return (error_set(err, "%s \"%.60s\", expected %ld to %ld",
		    what, text, least, most));
	return (0);
}

static int
take_number(struct port *port, const char *what, size_t field, const char *text,
    struct error *err)
{
	long *at = (long *)((char *)port + field), value;

	if (read_number(what, text, 1, MOST, &value, err) == -1)
		return (-1);
	if (*at != 0 && *at != value)
		return (error_set(err,
		    "%s %ld, expected %ld as before: a lab has one for OSPF "
		    "and OSPFv3",
		    what, value, *at));
	*at = value;
	return (0);
}

static int
take_address(struct port *port, const char *text, bool six, struct error *err)
{
	char address[INET6_ADDRSTRLEN];
	struct in6_addr found;
	unsigned length = 0;
	int used = 0;

	if (sscanf(text, "%45[0-9a-fA-F:.]/%3u%n", address, &length, &used) !=
		2 ||
	    text[used] != '\0' || length > (six ? 128 : 32) ||
	    inet_pton(six ? AF_INET6 : AF_INET, address, &found) != 1)
		return (error_set(err,
		    "address \"%.60s\", expected ADDRESS/LENGTH of IPv%d", text,
		    six ? 6 : 4));
	if (!six) {
		memcpy(&port->four, &found, sizeof(port->four));
		port->prefix = length;
	} else if (!IN6_IS_ADDR_LINKLOCAL(&found)) {
		port->six = found;
		port->prefix6 = length;
	}
	return (0);
}

static int
take_timers(struct router *router, const long found[3], struct error *err)
{
	if (found[1] > found[2])
		return (error_set(err,
		    "hold of %ld ms, expected at most the %ld ms behind it",
		    found[1], found[2]));
	if (router->timed &&
	    (router->delay != found[0] || router->hold != found[1] ||
		router->most != found[2]))
		return (error_set(err,
		    "spf %ld %ld %ld, expected %ld %ld %ld as before: a lab's "
		    "router has them for OSPF and OSPFv3",
		    found[0], found[1], found[2], router->delay, router->hold,
		    router->most));
	router->delay = found[0];
	router->hold = found[1];
	router->most = found[2];
	router->timed = true;
	return (0);
}

static int
take_throttle(struct router *router, char **words, struct error *err)
{
	long found[3];

	for (int i = 0; i < 3; i++) {
		if (read_number("timers throttle spf", text_of(words), 0,
			TIMER_MOST, &found[i], err) == -1)
			return (-1);
		words++;
	}
	return (take_timers(router, found, err));
}

/* BIRD calculates at ticks, if there is something new. */
static int
take_tick(struct router *router, const char *text, struct error *err)
{
	long tick;

	if (read_number("tick", text, 1, TICK_MOST, &tick, err) == -1)
		return (-1);
	return (take_timers(router,
	    (const long[]){tick * 1000, tick * 1000, tick * 1000}, err));
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

/* The name, in quotes if it is BIRD's. */
static int
take_interface(struct from_place *place, const char *word, struct error *err)
{
	struct from_config *from = place->from;
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
	place->port = find_port(from, from->routers[place->router].name, name) -
		      from->ports;
	return (0);
}

static int
take_at_port(struct port *port, char **words, struct error *err)
{
	char **rest;

	if ((rest = behind(words, "ip address")) != NULL)
		return (take_address(port, text_of(rest), false, err));
	if ((rest = behind(words, "ipv6 address")) != NULL)
		return (take_address(port, text_of(rest), true, err));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if ((rest = behind(words, numbers[i].words)) != NULL)
			return (take_number(port, last_word(numbers[i].words),
			    numbers[i].field, text_of(rest), err));
	return (0);
}

int
from_config_statement(struct from_place *place, char **words, struct error *err)
{
	struct from_config *from = place->from;
	struct router *router = &from->routers[place->router];
	char **rest;

	if ((rest = behind(words, "interface")) != NULL)
		return (take_interface(place, text_of(rest), err));
	if (behind(words, "router") != NULL || behind(words, "exit") != NULL)
		place->port = -1;
	if ((rest = behind(words, "timers throttle spf")) != NULL)
		return (take_throttle(router, rest, err));
	if (place->port != -1)
		return (take_at_port(&from->ports[place->port], words, err));
	if ((rest = behind(words, "tick")) != NULL)
		return (take_tick(router, text_of(rest), err));
	return (0);
}
