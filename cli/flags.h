/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * flags.h - a probe's settings as options of the command line.
 */
#ifndef PHAROS_CLI_FLAGS_H
#define PHAROS_CLI_FLAGS_H

#include <getopt.h>

#include "common/settings.h"

struct catalog;
struct error;
struct json_object;

#define FLAGS_FIRST 256 /* the value of the table's first setting */

/* The settings, and behind them others, with their end; free() it. */
struct option *flags_new(
    const struct setting *settings, const struct option *others);
/* Says on standard error that there is no such option, and which is meant. */
void flags_say_unknown(const struct option *flags, const char *given);
/* Says on standard error that there is no such probe here; the exit status. */
int flags_say_no_probe(const struct catalog *catalog, const char *name);
/* The setting of that value, which getopt_long has just found, into the object:
 * "--count 10", "--raw", "--raw no". */
int flags_take(struct json_object *values, const struct setting *settings,
    int value, int argc, char **argv, struct error *err);

#endif
