/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/packing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/memory.h"

static void
assert_round_trip(const char *text, size_t length)
{
	size_t packed, unpacked;
	void *data = packing_pack(text, length, &packed);
	struct error err;
	int too_large;
	char *back =
	    packing_unpack(data, packed, length, &unpacked, &too_large, &err);

	assert_non_null(back);
	assert_int_equal(unpacked, length);
	assert_memory_equal(back, text, length);
	assert_int_equal(back[length], '\0');
	free(back);
	free(data);
}

static void
what_was_packed_comes_back(void **state)
{
	const size_t large = 300000;
	char *text = memory_new(large, 1);
	uint32_t noise = 1;

	for (size_t i = 0; i < large; i++)
		text[i] = (char)((noise = noise * 1664525 + 1013904223) >> 24);
	assert_round_trip("", 0);
	assert_round_trip("a record\n", 9);
	assert_round_trip(text, large);
	free(text);
}

static void
several_frames_are_one_text(void **state)
{
	size_t first, second, unpacked;
	char *a = packing_pack("one\n", 4, &first);
	char *b = packing_pack("two\n", 4, &second), *back;
	struct error err;
	int too_large;

	a = memory_resize(a, first + second, 1);
	memcpy(a + first, b, second);
	back =
	    packing_unpack(a, first + second, 100, &unpacked, &too_large, &err);
	assert_string_equal(back, "one\ntwo\n");
	free(back);
	free(b);
	free(a);
}

static void
a_bomb_is_stopped_at_the_limit(void **state)
{
	const size_t large = 64 * 1024 * 1024;
	char *zeros = memory_new(large, 1);
	size_t packed, unpacked;
	void *data = packing_pack(zeros, large, &packed);
	struct error err;
	int too_large = 0;

	assert_true(packed < 16384);
	assert_null(
	    packing_unpack(data, packed, 1000, &unpacked, &too_large, &err));
	assert_int_equal(too_large, 1);
	assert_string_equal(err.text, "zstd data unpacks to over 1000 bytes");
	free(data);
	free(zeros);
}

static void
one_byte_over_the_limit_is_too_large(void **state)
{
	size_t packed, unpacked;
	void *data = packing_pack("0123456789", 10, &packed);
	struct error err;
	int too_large = 0;
	char *back;

	assert_null(
	    packing_unpack(data, packed, 9, &unpacked, &too_large, &err));
	assert_int_equal(too_large, 1);
	back = packing_unpack(data, packed, 10, &unpacked, &too_large, &err);
	assert_string_equal(back, "0123456789");
	assert_int_equal(too_large, 0);
	free(back);
	free(data);
}

static void
truncated_data_are_refused_wherever_they_end(void **state)
{
	size_t packed, unpacked;
	void *data = packing_pack("a record of some length\n", 24, &packed);
	struct error err;
	int too_large;

	for (size_t length = 0; length < packed; length++) {
		assert_null(packing_unpack(
		    data, length, 1000, &unpacked, &too_large, &err));
		assert_int_equal(too_large, 0);
		assert_non_null(strstr(err.text, "truncated"));
	}
	free(data);
}

static void
damaged_data_are_refused(void **state)
{
	struct error err;
	size_t unpacked;
	int too_large;

	assert_null(packing_unpack(
	    "{\"v\":1}\n", 8, 1000, &unpacked, &too_large, &err));
	assert_int_equal(too_large, 0);
	assert_non_null(strstr(err.text, "damaged"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_packed_comes_back),
	    cmocka_unit_test(several_frames_are_one_text),
	    cmocka_unit_test(a_bomb_is_stopped_at_the_limit),
	    cmocka_unit_test(one_byte_over_the_limit_is_too_large),
	    cmocka_unit_test(truncated_data_are_refused_wherever_they_end),
	    cmocka_unit_test(damaged_data_are_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
