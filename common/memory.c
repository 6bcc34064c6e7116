/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/memory.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "common/log.h"

#define SPARE (64 * 1024) /* bytes */

static void *
must(void *pointer)
{
	if (pointer == NULL)
		log_fatal("out of memory");
	return (pointer);
}

void *
memory_new(size_t count, size_t size)
{
	/* one byte for nothing, so that NULL always means failure */
	return (must(calloc(count > 0 ? count : 1, size > 0 ? size : 1)));
}

void *
memory_resize(void *old, size_t count, size_t size)
{
	return (must(reallocarray(old, count > 0 ? count : 1, size)));
}

char *
memory_text(const char *text)
{
	return (must(strdup(text)));
}

char *
memory_print(const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	return (must(text));
}

/* Left to itself, glibc keeps twice as much as the largest block ever freed, and
 * has a heap more for each thread, such as those in which libcurl looks names
 * up. */
void
memory_give_back(void)
{
	mallopt(M_TRIM_THRESHOLD, SPARE);
	mallopt(M_TOP_PAD, SPARE / 4);
	mallopt(M_ARENA_MAX, 1);
}

void
memory_small_pages(void)
{
	/* a kernel without huge pages refuses */
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
}
