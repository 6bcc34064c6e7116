/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/pages.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void
pages_clear(void *at, size_t size)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t before = (page - (uintptr_t)at % page) % page, whole;
	char *from = (char *)at + before;

	if (size < before + page) {
		memset(at, 0, size);
		return;
	}
	whole = (size - before) / page * page;
	if (madvise(from, whole, MADV_DONTNEED) == -1) /* locked */
		memset(from, 0, whole);
	memset(at, 0, before);
	memset(from + whole, 0, size - before - whole);
}
