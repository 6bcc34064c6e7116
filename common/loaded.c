/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/loaded.h"

#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* Its read-only parts hold addresses: they are not as in the file. */
static bool
is_written(const struct dl_phdr_info *library, const ElfW(Phdr) * part)
{
	const ElfW(Dyn) *entry =
	    (const ElfW(Dyn) *)(library->dlpi_addr + part->p_vaddr);

	for (; entry->d_tag != DT_NULL; entry++)
		if (entry->d_tag == DT_TEXTREL ||
		    (entry->d_tag == DT_FLAGS &&
			(entry->d_un.d_val & DF_TEXTREL) != 0))
			return (true);
	return (false);
}

static void
let_go(const struct dl_phdr_info *library, const ElfW(Phdr) * part)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t from = library->dlpi_addr + part->p_vaddr;
	uintptr_t to = from + part->p_filesz;

	from -= from % page;
	madvise((void *)from, to - from, MADV_DONTNEED);
}

static int
look_at(struct dl_phdr_info *library, size_t size, void *arg)
{
	const ElfW(Phdr) *parts = library->dlpi_phdr;

	if (library->dlpi_name[0] == '\0') /* the program */
		return (0);
	for (size_t i = 0; i < library->dlpi_phnum; i++)
		if (parts[i].p_type == PT_DYNAMIC &&
		    is_written(library, &parts[i]))
			return (0);
	for (size_t i = 0; i < library->dlpi_phnum; i++)
		if (parts[i].p_type == PT_LOAD &&
		    (parts[i].p_flags & PF_W) == 0)
			let_go(library, &parts[i]);
	return (0);
}

void
loaded_let_go(void)
{
	dl_iterate_phdr(look_at, NULL);
}
