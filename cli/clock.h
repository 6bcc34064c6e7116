/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * clock.h - the state of a clock, for people.
 */
#ifndef PHAROS_CLI_CLOCK_H
#define PHAROS_CLI_CLOCK_H

#include <stdio.h>

#include "common/discipline.h"

/* Just read from json, which may have an agent's "ahead" and "doubt" in it,
 * too. */
void clock_print(
    const struct discipline *clock, struct json_object *json, FILE *out);

#endif
