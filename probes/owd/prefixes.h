/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * prefixes.h - a list of Internet prefixes, and who is in one of them.
 *
 *   192.0.2.0/24, 2001:db8::/32, 198.51.100.7
 */
#ifndef PHAROS_PROBES_OWD_PREFIXES_H
#define PHAROS_PROBES_OWD_PREFIXES_H

#include <stdbool.h>

#include "common/address.h"

struct error;
struct prefixes;

/* By commas or spaces; an empty text is an empty list. NULL: which is wrong. */
struct prefixes *prefixes_new(const char *text, struct error *err);
void prefixes_free(struct prefixes *prefixes); /* NULL is fine */
bool prefixes_have(
    const struct prefixes *prefixes, const union address *address);

#endif
