/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * packing.h - zstd, with a limit on what comes out.
 */
#ifndef PHAROS_COMMON_PACKING_H
#define PHAROS_COMMON_PACKING_H

#include <stddef.h>

struct error;

/* free() what both return. */
void *packing_pack(const void *data, size_t length, size_t *packed);
/* NUL-terminated behind length. Over most bytes, truncated or damaged: NULL;
 * *too_large tells the first from the others. */
char *packing_unpack(const void *data, size_t length, size_t most,
    size_t *unpacked, int *too_large, struct error *err);

#endif
