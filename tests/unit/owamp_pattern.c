/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "probes/owamp/reorder.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* RFC 3357, section 6: packets 2, 5, 7, 9 and 10 of 10 are lost. */
static void
distances_and_periods_of_the_rfc(void **state)
{
	static const uint32_t distances[] = {0, 3, 2, 2, 1};
	static const uint32_t periods[] = {1, 2, 3, 4, 4};
	static const uint32_t lengths[] = {1, 1, 1, 1, 2}; /* so far */
	struct pattern p = {.delta = 2};
	size_t loss = 0;

	for (uint32_t i = 1; i <= 10; i++) {
		bool lost = strchr("\2\5\7\11\12", (int)i) != NULL;

		pattern_add(&p, i, lost);
		if (!lost)
			continue;
		assert_int_equal(p.distance, distances[loss]);
		assert_int_equal(p.periods, periods[loss]);
		assert_int_equal(p.run, lengths[loss++]);
	}
	assert_int_equal(p.packets, 10);
	assert_int_equal(p.losses, 5);
	assert_int_equal(p.noticeable, 3); /* the first loss's 0 is not */
	assert_int_equal(p.longest, 2);
	assert_int_equal(p.longest_first, 9);
}

static void
periods_begin_where_the_rfc_says(void **state)
{
	static const uint32_t first[] = {3, 6, 10, 13};
	static const char seen[] = "rrrxrrxxxrxrrxxx";
	struct pattern p = {.delta = 99};

	for (uint32_t i = 0; seen[i] != '\0'; i++) {
		pattern_add(&p, i, seen[i] == 'x');
		if (seen[i] == 'x')
			assert_int_equal(p.run_first, first[p.periods - 1]);
	}
	assert_int_equal(p.periods, 4);
	assert_int_equal(p.longest, 3);
	assert_int_equal(p.longest_first, 6); /* the first of two */
}

static void
a_run_is_as_many_single_ones(void **state)
{
	static const char seen[] = "rrrxrrxxxrxrrxxxx";

	for (uint32_t delta = 0; delta < 5; delta++) {
		struct pattern p = {.delta = delta}, runs = p;
		size_t at = 0, n;

		for (; seen[at] != '\0'; at += n) {
			n = strspn(seen + at, seen[at] == 'x' ? "x" : "r");
			pattern_add_run(
			    &runs, (uint32_t)at, (uint32_t)n, seen[at] == 'x');
			pattern_add_run(&runs, 0, 0, true);
			for (size_t i = at; i < at + n; i++)
				pattern_add(&p, (uint32_t)i, seen[at] == 'x');
			assert_memory_equal(&p, &runs, sizeof(p));
		}
	}
}

static void
what_was_not_sent_does_not_count(void **state)
{
	struct pattern p = {.delta = 99};

	pattern_add(&p, 10, true);
	pattern_add(&p, 1000, true); /* those between were skipped */
	assert_int_equal(p.distance, 1);
	assert_int_equal(p.periods, 1);
	assert_int_equal(p.run, 2);
}

static unsigned
add_all(const uint32_t *sequences, size_t count, int *degrees)
{
	struct reorder order = {0};
	unsigned reordered = 0, n;

	for (size_t i = 0; i < count; i++) {
		degrees[i] = -1;
		if (reorder_add(&order, sequences[i], &n)) {
			degrees[i] = (int)n;
			reordered++;
		}
	}
	return (reordered);
}

/* RFC 4737, section 7: a packet that is late, and one that is early. */
static void
reordering_of_the_rfc(void **state)
{
	static const uint32_t late[] = {1, 2, 3, 5, 6, 7, 8, 4, 9, 10};
	static const uint32_t early[] = {1, 2, 3, 7, 4, 5, 6, 8};
	static const int late_degrees[] = {
	    -1, -1, -1, -1, -1, -1, -1, 4, -1, -1};
	static const int early_degrees[] = {-1, -1, -1, -1, 1, 0, 0, -1};
	int got[10];

	assert_int_equal(add_all(late, COUNT(late), got), 1);
	assert_memory_equal(got, late_degrees, sizeof(late_degrees));
	assert_int_equal(add_all(early, COUNT(early), got), 3);
	assert_memory_equal(got, early_degrees, sizeof(early_degrees));
}

static void
the_last_number_of_all_can_be_overtaken(void **state)
{
	static const uint32_t all[] = {UINT32_MAX, UINT32_MAX - 1, UINT32_MAX};
	int got[3];

	assert_int_equal(add_all(all, 3, got), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(distances_and_periods_of_the_rfc),
	    cmocka_unit_test(periods_begin_where_the_rfc_says),
	    cmocka_unit_test(a_run_is_as_many_single_ones),
	    cmocka_unit_test(what_was_not_sent_does_not_count),
	    cmocka_unit_test(reordering_of_the_rfc),
	    cmocka_unit_test(the_last_number_of_all_can_be_overtaken),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
