/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memory.h - memory or the end of the process; no caller checks for NULL.
 *
 * Everything returned is released with free().
 */
#ifndef PHAROS_COMMON_MEMORY_H
#define PHAROS_COMMON_MEMORY_H

#include <stddef.h>

/* count elements of size bytes each, zeroed. Overflow ends the process. */
void *memory_new(size_t count, size_t size) __attribute__((malloc));
/* Like realloc for count elements; what is new is not zeroed. */
void *memory_resize(void *old, size_t count, size_t size);
char *memory_text(const char *text) __attribute__((malloc));
char *memory_print(const char *fmt, ...)
    __attribute__((malloc, format(printf, 1, 2)));
/* For a process that is mostly at rest: what is freed goes back to the system,
 * but for a little. */
void memory_give_back(void);
/* For a process, and all that it starts, with large tables that are written to here
 * and there: where the kernel gives huge pages to all, each such place takes 2 MB. */
void memory_small_pages(void);

#endif
