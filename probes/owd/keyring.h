/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * keyring.h - names and their secrets, from a file.
 *
 * A line each, "NAME SECRET"; "#" begins a remark. The secret is the rest of the
 * line, as it is typed at the other end; in a file NAME.pfs, which is perfSONAR's,
 * it is written as hexadecimal digits. It is read once.
 */
#ifndef PHAROS_PROBES_OWD_KEYRING_H
#define PHAROS_PROBES_OWD_KEYRING_H

#include <stddef.h>

struct error;
struct keyring;

/* path "": an empty one. NULL: it cannot be read, others than its owner can read
 * it, or which line is wrong. */
struct keyring *keyring_new(const char *path, struct error *err);
void keyring_free(struct keyring *keyring); /* NULL is fine */
/* NULL: there is none of that name. Valid until keyring_free. */
const void *keyring_find(
    const struct keyring *keyring, const char *name, size_t *length);

#endif
