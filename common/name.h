/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * name.h - the names of sites, boxes, meshes and tests.
 *
 * They become paths, certificate names and URL segments, so they match
 * [a-z0-9][a-z0-9.-]{0,62} and never hold "..".
 */
#ifndef PHAROS_COMMON_NAME_H
#define PHAROS_COMMON_NAME_H

#include <stdbool.h>

#define NAME_TEXT 64 /* with the final NUL */

bool name_valid(const char *name);
extern const char name_rule[]; /* the rule in words, for messages */
/* A target may also be a host name or an address (":" allowed then). */
bool name_valid_target(const char *name);

/* Whoever measures, as the name of whom it measures. */
#define NAME_ITSELF "localhost"

/* Lists of names end with NULL: which one is it, -1 for none of them; and all
 * of them for a message, "a, b, c", the caller's to free. */
int name_index(const char *const *names, const char *name);
char *name_join(const char *const *names);
/* The one that was probably meant: the fewest characters inserted, left out,
 * changed or swapped with the next, and not many; else NULL. */
const char *name_nearest(const char *const *names, const char *name);

#endif
