/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arguments.h - the long options of a subcommand, as rows of a table.
 */
#ifndef PHAROS_CLI_ARGUMENTS_H
#define PHAROS_CLI_ARGUMENTS_H

#include <stdbool.h>
#include <stdio.h>

/* "--name VALUE", or "--name" alone; the table ends with a row whose name is
 * NULL. */
struct argument {
	const char *name;
	const char **value; /* set to the text given, else left alone */
	bool *flag;         /* instead of value: set to true */
};

/* Reads the options and leaves the other arguments behind optind, of which
 * there must be `rest` (ARGUMENTS_ANY: as many as there are, ARGUMENTS_ONE: one or
 * none). -1: go on; otherwise the exit status, after the usage has been printed:
 * 0 for --help, 2 for what is wrong. */
#define ARGUMENTS_ANY (-1)
#define ARGUMENTS_ONE (-2)
int arguments_read(int argc, char **argv, const struct argument *table,
    int rest, void (*usage)(FILE *out));

#endif
