/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/probe.h"
#include "common/error.h"
#include "common/memory.h"

#define BLANK " \t\r\n"

void
probe_add_target(struct probe_order *order, const char *name)
{
	if (order->count == order->room) {
		order->room = order->room > 0 ? 2 * order->room : 16;
		order->targets = memory_resize(
		    order->targets, order->room, sizeof(*order->targets));
	}
	order->targets[order->count++] = memory_text(name);
}

static void
take_line(struct probe_order *order, char *line)
{
	line[strcspn(line, "#")] = '\0';
	line += strspn(line, BLANK);
	line[strcspn(line, BLANK)] = '\0';
	if (line[0] != '\0')
		probe_add_target(order, line);
}

int
probe_read_targets(
    struct probe_order *order, const char *path, struct error *err)
{
	FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	int result = 0;

	if (in == NULL)
		return (error_set(err, "%s: %s", path, strerror(errno)));
	while (getline(&line, &room, in) != -1)
		take_line(order, line);
	if (ferror(in) != 0)
		result = error_set(err, "%s: %s", path, strerror(errno));
	free(line);
	if (in != stdin)
		fclose(in);
	return (result);
}
