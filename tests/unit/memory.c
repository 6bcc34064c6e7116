/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/memory.h"

#include <malloc.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void
memory_is_zeroed(void **state)
{
	unsigned char *bytes = memory_new(64, 4);

	for (size_t i = 0; i < 256; i++)
		assert_int_equal(bytes[i], 0);
	free(bytes);
}

static void
memory_of_nothing_is_not_null(void **state)
{
	void *nothing = memory_new(0, 8);

	assert_non_null(nothing);
	nothing = memory_resize(nothing, 0, 8);
	assert_non_null(nothing);
	free(nothing);
}

static void
memory_keeps_what_was_there(void **state)
{
	char *text = memory_text("abc");
	char *longer;

	text = memory_resize(text, 4000, 1);
	assert_string_equal(text, "abc");
	longer = memory_print("%s-%d", text, 7);
	assert_string_equal(longer, "abc-7");
	free(longer);
	free(text);
}

/* How a child that asks for too much ends. */
static int
status_of(void (*ask)(void))
{
	int status;
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		close(STDERR_FILENO);
		ask();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return (WEXITSTATUS(status));
}

static void
ask_for_an_overflow(void)
{
	free(memory_resize(NULL, SIZE_MAX / 2, 4));
}

static void
memory_that_cannot_be_had_ends_the_process(void **state)
{
	assert_int_not_equal(status_of(ask_for_an_overflow), 0);
}

/* A large block first: it is what makes glibc keep as much. A sanitizer's
 * allocator says nothing. */
static void
free_much(void)
{
	enum { BLOCKS = 100, SIZE = 100000 };
	void *blocks[BLOCKS];

	memory_give_back();
	free(memory_new(10 * SIZE, 10));
	for (int i = 0; i < BLOCKS; i++)
		blocks[i] = memory_new(1, SIZE);
	for (int i = 0; i < BLOCKS; i++)
		free(blocks[i]);
	if (mallinfo2().arena > 10 * SIZE)
		_exit(1);
}

static void
what_is_freed_goes_back(void **state)
{
	assert_int_equal(status_of(free_much), 0);
}

static void *
ask_in_a_thread(void *arg)
{
	free(memory_new(1, 1000));
	return (mallinfo2().arena > *(const size_t *)arg ? arg : NULL);
}

static void
use_a_thread(void)
{
	pthread_t thread;
	void *more;
	size_t most;

	memory_give_back();
	free(memory_new(1, 1000));
	most = mallinfo2().arena + 64 * 1024;
	if (pthread_create(&thread, NULL, ask_in_a_thread, &most) != 0 ||
	    pthread_join(thread, &more) != 0 || more != NULL)
		_exit(1);
}

static void
a_thread_has_no_heap_of_its_own(void **state)
{
	assert_int_equal(status_of(use_a_thread), 0);
}

/* One byte of much is written to, where huge pages are welcome. */
static void
write_a_byte(void)
{
	enum { SIZE = 8 * 1024 * 1024 };
	static unsigned char resident[SIZE / 4096];
	size_t count = 0;
	unsigned char *bytes;

	memory_small_pages();
	bytes = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (bytes == MAP_FAILED)
		_exit(1);
	madvise(bytes, SIZE, MADV_HUGEPAGE);
	bytes[SIZE / 2] = 1;
	if (mincore(bytes, SIZE, resident) == -1)
		_exit(2);
	for (size_t i = 0; i < sizeof(resident); i++)
		count += resident[i] & 1;
	if (count > 1)
		_exit(3);
}

static void
small_pages_are_taken_one_by_one(void **state)
{
	assert_int_equal(status_of(write_a_byte), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(memory_is_zeroed),
	    cmocka_unit_test(memory_of_nothing_is_not_null),
	    cmocka_unit_test(memory_keeps_what_was_there),
	    cmocka_unit_test(memory_that_cannot_be_had_ends_the_process),
	    cmocka_unit_test(what_is_freed_goes_back),
	    cmocka_unit_test(a_thread_has_no_heap_of_its_own),
	    cmocka_unit_test(small_pages_are_taken_one_by_one),
	};

	return (cmocka_run_group_tests_name("memory", tests, NULL, NULL));
}
