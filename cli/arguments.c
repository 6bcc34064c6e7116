/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/arguments.h"

#include <getopt.h>
#include <stdlib.h>

#include "common/memory.h"

#define HELP 'h'

/* The table as getopt wants it; free() it. */
static struct option *
long_options(const struct argument *table)
{
	struct option *options;
	size_t count = 0;

	while (table[count].name != NULL)
		count++;
	options = memory_new(count + 2, sizeof(*options));
	for (size_t i = 0; i < count; i++) {
		options[i].name = table[i].name;
		options[i].has_arg =
		    table[i].flag == NULL ? required_argument : no_argument;
	}
	options[count].name = "help";
	options[count].val = HELP;
	return (options);
}

static bool
is_right(int count, int rest)
{
	if (rest == ARGUMENTS_ONE)
		return (count <= 1);
	return (rest == ARGUMENTS_ANY || count == rest);
}

int
arguments_read(int argc, char **argv, const struct argument *table, int rest,
    void (*usage)(FILE *out))
{
	struct option *options = long_options(table);
	int c, at;

	while ((c = getopt_long(argc, argv, "h", options, &at)) == 0)
		if (table[at].flag == NULL)
			*table[at].value = optarg;
		else
			*table[at].flag = true;
	free(options);
	if (c == HELP) {
		usage(stdout);
		return (0);
	}
	if (c != -1 || !is_right(argc - optind, rest)) {
		usage(stderr);
		return (2);
	}
	return (-1);
}
