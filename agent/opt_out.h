/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * opt_out.h - addresses whose owners do not want to be measured.
 *
 * A file, one address or prefix a line, "#" begins a remark:
 *
 *   198.51.100.7          # asked by mail, 2026-11-02
 *   2001:db8:1::/48
 *
 * It is looked at again when it has changed, once a second at most. Where it
 * cannot be read, or a line not be understood, nothing is measured: somebody's
 * wish would be overlooked. Without the file nobody has opted out.
 */
#ifndef PHAROS_AGENT_OPT_OUT_H
#define PHAROS_AGENT_OPT_OUT_H

#include <stdbool.h>

#include "common/address.h"

struct error;
struct opt_out;

struct opt_out *opt_out_new(char *path); /* takes path over */
void opt_out_free(struct opt_out *list); /* NULL is fine */
/* May it be measured? False: err says why not. */
bool opt_out_allows(
    struct opt_out *list, const union address *address, struct error *err);

#endif
