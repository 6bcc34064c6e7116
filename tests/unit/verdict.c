/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/emulator/verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lab/emulator/hello.h"
#include "lab/emulator/late.h"

static void
verdicts_are_in_the_file_as_they_came(void **state)
{
	FILE *file = tmpfile();
	struct verdict_log *log = verdict_open(dup(fileno(file)));
	char magic[8];

	for (uint32_t i = 0; i < 5000; i++)
		verdict_add(log, &(struct verdict){.number = i});
	assert_int_equal(verdict_close(log), 0);
	rewind(file);
	assert_int_equal(fread(magic, 1, 8, file), 8);
	assert_memory_equal(magic, VERDICT_MAGIC, 8);
	for (uint32_t i = 0; i < 5000; i++) {
		struct verdict verdict;

		assert_int_equal(fread(&verdict, sizeof(verdict), 1, file), 1);
		assert_int_equal(verdict.number, i);
	}
	assert_int_equal(fgetc(file), EOF);
	fclose(file);
}

static void
a_full_disk_is_told(void **state)
{
	FILE *full = fopen("/dev/full", "we");
	struct verdict_log *log = verdict_open(dup(fileno(full)));

	verdict_add(log, &(struct verdict){0});
	assert_int_not_equal(verdict_close(log), 0);
	fclose(full);
}

static void
one_bit_makes_another_hash(void **state)
{
	uint8_t frame[61] = {0};
	uint64_t hash = verdict_hash(frame, sizeof(frame));

	for (size_t bit = 0; bit < sizeof(frame) * 8; bit++) {
		frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_true(verdict_hash(frame, sizeof(frame)) != hash);
		frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_true(verdict_hash(frame, sizeof(frame)) == hash);
	assert_true(verdict_hash(frame, sizeof(frame) - 1) != hash);
}

static void
hellos_are_told_from_other_packets(void **state)
{
	uint8_t four[60] = {[12] = 0x08, [14] = 0x45, [23] = 89, [35] = 1};
	uint8_t six[80] = {[12] = 0x86, [13] = 0xdd, [20] = 89, [55] = 1};

	assert_true(hello_is(four, sizeof(four)));
	assert_true(hello_is(six, sizeof(six)));
	assert_false(hello_is(four, 35));
	assert_false(hello_is(six, 55));
	assert_false(hello_is(four, 0));
	four[35] = 4; /* a link state update */
	assert_false(hello_is(four, sizeof(four)));
	six[20] = 17;
	assert_false(hello_is(six, sizeof(six)));
}

static void
quantiles_are_within_a_sixteenth(void **state)
{
	static struct late late;

	assert_int_equal(late_quantile(&late, 0.5), 0);
	for (nanoseconds i = 1; i <= 100000; i++)
		late_add(&late, i);
	assert_in_range(late_quantile(&late, 0.5), 46875, 50000);
	assert_in_range(late_quantile(&late, 0.99), 92800, 99000);
	assert_int_equal(late.most, 100000);
	late_add(&late, -5);
	late_add(&late, INT64_MAX);
	assert_int_equal(late_quantile(&late, 0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(verdicts_are_in_the_file_as_they_came),
	    cmocka_unit_test(a_full_disk_is_told),
	    cmocka_unit_test(one_bit_makes_another_hash),
	    cmocka_unit_test(hellos_are_told_from_other_packets),
	    cmocka_unit_test(quantiles_are_within_a_sixteenth),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
