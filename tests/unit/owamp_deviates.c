/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owamp/deviates.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common/hash.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define MANY 1000000

static struct deviates *
make(const char *name)
{
	uint8_t sid[KEYS_SID];

	assert_int_equal(hash_unhex(name, sid, sizeof(sid)), 0);
	return (deviates_new(sid));
}

static uint64_t
sum_up(struct deviates *d, unsigned n)
{
	uint64_t sum = 0;

	while (n-- > 0)
		sum += deviates_next(d);
	return (sum);
}

/* RFC 4656, appendix B */
static void
the_published_numbers_come_out(void **state)
{
	static const struct {
		const char *sid;
		uint64_t first, sum;
	} known[] = {
	    {"2872979303ab47eeac028dab3829dab2", UINT64_C(0x6d27e540),
		UINT64_C(0x000f4479bd317381)},
	    {"0102030405060708090a0b0c0d0e0f00", UINT64_C(0xc2127448),
		UINT64_C(0x000f433686466a62)},
	    {"deadbeefdeadbeefdeadbeefdeadbeef", UINT64_C(0x17ef33648),
		UINT64_C(0x000f416c8884d2d3)},
	    {"feed0feed1feed2feed3feed4feed5ab", UINT64_C(0x300d1c98),
		UINT64_C(0x000f3f0b4b416ec8)},
	};

	for (size_t i = 0; i < COUNT(known); i++) {
		struct deviates *d = make(known[i].sid);
		uint64_t first = deviates_next(d);

		assert_true(first == known[i].first);
		assert_true(first + sum_up(d, MANY - 1) == known[i].sum);
		deviates_free(d);
	}
}

static void
the_tenth_is_the_published_one(void **state)
{
	struct deviates *d = make("2872979303ab47eeac028dab3829dab2");

	sum_up(d, 9);
	assert_true(deviates_next(d) == UINT64_C(0x4f9d85ec8));
	deviates_free(d);
}

static void
mean_and_variance_are_one(void **state)
{
	struct deviates *d = make("00000000000000000000000000000001");
	double sum = 0, squares = 0;

	for (int i = 0; i < MANY; i++) {
		double x = ldexp((double)deviates_next(d), -32);

		sum += x;
		squares += x * x;
	}
	/* 4 standard errors: 1/sqrt(n) of the mean, sqrt(8/n) */
	assert_float_equal(sum / MANY, 1, 0.004);
	assert_float_equal(
	    squares / MANY - (sum / MANY) * (sum / MANY), 1, 0.0114);
	deviates_free(d);
}

static void
any_place_is_found_again(void **state)
{
	struct deviates *d = make("feed0feed1feed2feed3feed4feed5ab");

	for (int i = 0; i < 1000; i++) {
		uint64_t used = deviates_tell(d), next = deviates_next(d);
		uint64_t after = deviates_next(d);

		sum_up(d, (unsigned)i % 7);
		deviates_seek(d, used);
		assert_true(deviates_next(d) == next);
		assert_true(deviates_next(d) == after);
	}
	deviates_free(d);
}

static void
products_are_of_fixed_point(void **state)
{
	uint64_t one = UINT64_C(1) << 32;

	assert_true(deviates_times(one, 12345) == 12345);
	assert_true(deviates_times(one / 2, 3 * one) == 3 * one / 2);
	assert_true(deviates_times(1, one - 1) == 0);
	assert_true(deviates_times(UINT64_MAX, one) == UINT64_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_published_numbers_come_out),
	    cmocka_unit_test(the_tenth_is_the_published_one),
	    cmocka_unit_test(mean_and_variance_are_one),
	    cmocka_unit_test(any_place_is_found_again),
	    cmocka_unit_test(products_are_of_fixed_point),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
