/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/probe.h"
#include "common/error.h"
#include "common/memory.h"
#include "common/name.h"

#define BLANK " \t\r\n"
#define MARK "\xef\xbb\xbf" /* some editors begin a file of UTF-8 with it */

void
probe_add_target(struct probe_order *order, const char *name)
{
	char *own = memory_text(name);

	for (char *c = own; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c += 'a' - 'A';
	if (order->count == order->room) {
		order->room = order->room > 0 ? 2 * order->room : 16;
		order->targets = memory_resize(
		    order->targets, order->room, sizeof(*order->targets));
	}
	order->targets[order->count++] = own;
}

int
probe_check_target(const char *name, struct error *err)
{
	if (name_valid_target(name))
		return (0);
	if (strchr(name, '%') != NULL)
		return (error_set(err,
		    "target \"%s\": expected no %%; --interface names the one "
		    "to send from",
		    name));
	return (error_set(
	    err, "target \"%s\": expected a host name or an address", name));
}

static int
take_line(struct probe_order *order, char *line, struct error *err)
{
	line[strcspn(line, "#")] = '\0';
	line += strspn(line, BLANK);
	line[strcspn(line, BLANK)] = '\0';
	if (line[0] == '\0')
		return (0);
	probe_add_target(order, line);
	return (probe_check_target(order->targets[order->count - 1], err));
}

static int
take_lines(
    struct probe_order *order, FILE *in, const char *path, struct error *err)
{
	struct error why;
	char *line = NULL;
	size_t room = 0, number = 0;
	int result = 0;

	while (result == 0 && getline(&line, &room, in) != -1) {
		size_t mark =
		    number++ == 0 && strncmp(line, MARK, 3) == 0 ? 3 : 0;

		if (take_line(order, line + mark, &why) == -1)
			result = error_set(
			    err, "%s: line %zu: %s", path, number, why.text);
	}
	free(line);
	return (result);
}

int
probe_read_targets(
    struct probe_order *order, const char *path, struct error *err)
{
	FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	int result;

	if (in == NULL)
		return (error_set(err, "%s: %s", path, strerror(errno)));
	result =
	    take_lines(order, in, in == stdin ? "standard input" : path, err);
	if (result == 0 && ferror(in) != 0)
		result = error_set(err, "%s: %s", path, strerror(errno));
	if (in != stdin)
		fclose(in);
	return (result);
}
