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

#endif
