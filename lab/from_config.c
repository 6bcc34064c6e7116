/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/from_config.h"

#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/memory.h"
#include "common/name.h"
#include "lab/from_config_parts.h"

#define WORDS 8

/* A file, and in BIRD's how deep in braces. */
struct reader {
	struct from_place place;
	bool bird;
	size_t depth, port_depth; /* 0: the port's have not been opened */
};

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
	free(from->routers);
	free(from);
}

static size_t
find_router(struct from_config *from, const char *name)
{
	struct router *router;

	for (size_t i = 0; i < from->router_count; i++)
		if (strcmp(from->routers[i].name, name) == 0)
			return (i);
	from->routers = memory_resize(
	    from->routers, from->router_count + 1, sizeof(*from->routers));
	router = &from->routers[from->router_count];
	memset(router, 0, sizeof(*router));
	strcpy(router->name, name);
	return (from->router_count++);
}

static int
take_statement(struct reader *reader, char *text, struct error *err)
{
	char *words[WORDS + 1] = {NULL}, *rest = text;
	size_t count = 0;

	while (count < WORDS &&
	       (words[count] = strtok_r(rest, " \t\r", &rest)) != NULL)
		count++;
	words[count] = NULL;
	if (count == 0)
		return (0);
	if (strcmp(words[0], "interface") == 0)
		reader->port_depth = 0;
	return (from_config_statement(&reader->place, words, err));
}

/* What a statement of BIRD's ends with. */
static void
take_mark(struct reader *reader, char mark)
{
	long *port = &reader->place.port;

	if (mark == '{') {
		reader->depth++;
		if (*port != -1 && reader->port_depth == 0)
			reader->port_depth = reader->depth;
	} else if (mark == ';' && reader->port_depth == 0) {
		*port = -1; /* an interface without braces */
	} else if (mark == '}' && reader->depth > 0) {
		if (reader->depth == reader->port_depth)
			*port = -1;
		reader->depth--;
	}
}

static int
take_bird_line(struct reader *reader, char *line, struct error *err)
{
	line[strcspn(line, "#")] = '\0';
	while (*line != '\0') {
		size_t length = strcspn(line, "{};");
		char mark = line[length];

		line[length] = '\0';
		if (take_statement(reader, line, err) == -1)
			return (-1);
		take_mark(reader, mark);
		line += length + (mark != '\0');
	}
	return (0);
}

static int
take_line(struct reader *reader, char *line, struct error *err)
{
	static const char begin[] = "protocol ";

	if (strncmp(line, begin, strlen(begin)) == 0) {
		reader->bird = true;
		reader->place.port = -1;
		reader->depth = 0;
	}
	return (reader->bird ? take_bird_line(reader, line, err)
			     : take_statement(reader, line, err));
}

int
from_config_take(struct from_config *from, const char *router, const char *file,
    const char *text, size_t length, struct error *err)
{
	const char *end = text + length;
	struct reader reader = {.place = {.from = from, .port = -1}};

	if (!name_valid(router) || strlen(router) >= PORT_NAME)
		return (error_set(err, "%s: router \"%.60s\", expected %s",
		    file, router, name_rule));
	reader.place.router = find_router(from, router);
	for (int number = 1; text < end; number++) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		size_t used = (size_t)((stop != NULL ? stop : end) - text);
		char *line = memory_print("%.*s", (int)used, text);
		int status = take_line(&reader, line, err);

		free(line);
		if (status == -1)
			return (error_place(err, "%s:%d", file, number));
		text += used + 1;
	}
	return (0);
}
