/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pages.h - large tables that are written to here and there.
 */
#ifndef PHAROS_PROBES_PAGES_H
#define PHAROS_PROBES_PAGES_H

#include <stddef.h>

/* Zeroes size bytes of the heap. Of whole pages the memory goes back to the
 * system, until they are written to again. */
void pages_clear(void *at, size_t size);

#endif
