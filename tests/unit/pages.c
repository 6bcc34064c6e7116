/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/pages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define PAGES 64

static size_t
page_size(void)
{
	return ((size_t)sysconf(_SC_PAGESIZE));
}

/* Exactly what was asked for becomes zero, wherever it begins and ends. */
static void
all_of_it_is_zeroed_and_no_more(void **state)
{
	static const size_t edges[] = {0, 1, 8, 4095, 4096, 4097, 8192};
	const size_t size = 4 * page_size();
	unsigned char *bytes = malloc(size);

	for (size_t i = 0; i < 7; i++)
		for (size_t j = 0; j < 7 && edges[i] + edges[j] < size; j++) {
			size_t end = size - edges[j];

			memset(bytes, 0xa5, size);
			pages_clear(bytes + edges[i], end - edges[i]);
			for (size_t at = 0; at < size; at++)
				assert_int_equal(bytes[at],
				    at >= edges[i] && at < end ? 0 : 0xa5);
		}
	pages_clear(bytes, 0);
	free(bytes);
}

static size_t
resident(void *at, size_t size)
{
	unsigned char pages[PAGES];
	size_t count = 0;

	assert_int_equal(mincore(at, size, pages), 0);
	for (size_t i = 0; i < size / page_size(); i++)
		count += pages[i] & 1;
	return (count);
}

static void
memory_of_whole_pages_goes_back(void **state)
{
	const size_t size = PAGES * page_size();
	unsigned char *bytes = aligned_alloc(page_size(), size);

	memset(bytes, 1, size);
	assert_int_equal(resident(bytes, size), PAGES);
	pages_clear(bytes + 1, size - 1);
	assert_int_equal(resident(bytes, size), 1);
	bytes[size - 1] = 1;
	assert_int_equal(resident(bytes, size), 2);
	free(bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_of_it_is_zeroed_and_no_more),
	    cmocka_unit_test(memory_of_whole_pages_goes_back),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
