/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/tls_buffers.h"

#include <openssl/crypto.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define BUFFER 17000
#define MANY 5000 /* more than have memory of their own */

static unsigned char *buffers[MANY];
static int late; /* how the process ended that asked too late */

static void
fill(size_t count)
{
	for (size_t i = 0; i < count; i++) {
		buffers[i] = OPENSSL_malloc(BUFFER);
		assert_non_null(buffers[i]);
		memset(buffers[i], (int)(i % 251), BUFFER);
	}
}

static void
assert_whole(size_t i)
{
	assert_int_equal(buffers[i][0], i % 251);
	assert_memory_equal(buffers[i], buffers[i] + 1, BUFFER - 1);
}

/* Of what was allocated here: its first page has memory. */
static bool
is_resident(const unsigned char *buffer)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	unsigned char in = 0;

	return (
	    mincore((void *)((uintptr_t)buffer & ~(page - 1)), 1, &in) == 0 &&
	    (in & 1) != 0);
}

static size_t
count_resident(size_t count)
{
	size_t resident = 0;

	for (size_t i = 0; i < count; i++)
		resident += is_resident(buffers[i]);
	return (resident);
}

static void
buffers_do_not_share_memory(void **state)
{
	fill(MANY);
	for (size_t i = 0; i < MANY; i++)
		assert_whole(i);
	for (size_t i = 0; i < MANY; i++)
		OPENSSL_free(buffers[i]);
}

static void
what_is_free_goes_back_to_the_system(void **state)
{
	fill(1000);
	assert_int_equal(count_resident(1000), 1000);
	for (size_t i = 0; i < 1000; i++)
		OPENSSL_free(buffers[i]);
	assert_true(count_resident(1000) <= 16);
	fill(1000); /* and comes again */
	for (size_t i = 0; i < 1000; i++) {
		assert_whole(i);
		OPENSSL_free(buffers[i]);
	}
}

static void
a_buffer_grows_out_of_its_place(void **state)
{
	static const size_t sizes[] = {100, BUFFER, 20000, 30000, 60000};
	unsigned char *text = NULL;
	size_t before = 0;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		text = OPENSSL_realloc(text, sizes[i]);
		for (size_t at = 0; at < before; at++)
			assert_int_equal(text[at], i - 1);
		memset(text, (int)i, sizes[i]);
		before = sizes[i];
	}
	assert_null(OPENSSL_realloc(text, 0));
	text = OPENSSL_malloc(BUFFER);
	memset(text, 7, BUFFER);
	text = OPENSSL_realloc(text, 30000); /* from there to the heap */
	assert_int_equal(text[BUFFER - 1], 7);
	OPENSSL_free(text);
	OPENSSL_free(NULL);
	assert_null(OPENSSL_malloc(0));
}

/* The status of a process that asks when it has memory of OpenSSL's. */
static int
too_late(void)
{
	int status = -1;
	pid_t child = fork();

	if (child == 0) {
		OPENSSL_free(OPENSSL_malloc(BUFFER));
		_exit(tls_buffers_apart() ? 1 : 0);
	}
	waitpid(child, &status, 0);
	return (status);
}

static void
too_late_it_changes_nothing(void **state)
{
	assert_true(WIFEXITED(late));
	assert_int_equal(WEXITSTATUS(late), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(buffers_do_not_share_memory),
	    cmocka_unit_test(what_is_free_goes_back_to_the_system),
	    cmocka_unit_test(a_buffer_grows_out_of_its_place),
	    cmocka_unit_test(too_late_it_changes_nothing),
	};

	late = too_late();
	if (!tls_buffers_apart())
		return (1);
	return (cmocka_run_group_tests_name("tls_buffers", tests, NULL, NULL));
}
