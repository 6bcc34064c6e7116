/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/emulator/fate.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define PACKETS 50000

/* Losses of so many packets, and how many runs of losses they came in. */
static int
lose(const struct way *way, uint64_t seed, int packets, int *runs)
{
	struct fate fate;
	bool before = false, lost;
	int count = 0;

	fate_start(&fate, seed);
	*runs = 0;
	for (int i = 0; i < packets; i++) {
		lost = fate_lost(&fate, way);
		count += lost;
		*runs += lost && !before;
		before = lost;
	}
	return (count);
}

static void
a_tenth_is_lost_when_asked_for(void **state)
{
	const struct way way = {.loss = 0.1, .to_good = 1};
	int runs;

	for (uint64_t seed = 1; seed <= 20; seed++) {
		double ratio =
		    (double)lose(&way, seed, PACKETS, &runs) / PACKETS;

		assert_true(fabs(ratio - 0.1) < 0.005);
		/* independent: a run of losses is 1 / (1 - 0.1) long */
		assert_true(fabs(ratio * PACKETS / runs - 1 / 0.9) < 0.05);
	}
}

static void
bursts_are_as_long_and_as_many_as_computed(void **state)
{
	const struct way way = {.bad_loss = 1, .to_bad = 0.01, .to_good = 0.25};
	int runs, lost = lose(&way, 7, 1000000, &runs);

	/* 0.01 / (0.01 + 0.25) of all, in bursts of 1 / 0.25 */
	assert_true(fabs(lost / 1e6 - 0.01 / 0.26) < 0.001);
	assert_true(fabs((double)lost / runs - 4) < 0.1);
}

static void
the_bad_state_has_a_ratio_of_its_own(void **state)
{
	const struct way way = {
	    .loss = 0.02, .bad_loss = 0.5, .to_bad = 0.1, .to_good = 0.3};
	int runs, lost = lose(&way, 3, 1000000, &runs);

	assert_true(fabs(lost / 1e6 - (0.75 * 0.02 + 0.25 * 0.5)) < 0.002);
}

static void
the_same_seed_gives_the_same_fate(void **state)
{
	const struct way way = {
	    .delay = NS_PER_S, .loss = 0.3, .to_good = 1, .jitter = NS_PER_MS};
	struct fate a, b, c;
	int differs = 0;

	fate_start(&a, 5);
	fate_start(&b, 5);
	fate_start(&c, 6);
	for (int i = 0; i < 1000; i++) {
		bool lost = fate_lost(&a, &way);
		nanoseconds delay = fate_delay(&a, &way);

		assert_true(lost == fate_lost(&b, &way));
		assert_true(delay == fate_delay(&b, &way));
		differs += lost != fate_lost(&c, &way) ||
			   delay != fate_delay(&c, &way);
	}
	assert_true(differs > 900);
}

static int
bits_in(const uint8_t *bytes, size_t length)
{
	int count = 0;

	for (size_t i = 0; i < length; i++)
		count += __builtin_popcount(bytes[i]);
	return (count);
}

static void
corruption_inverts_one_bit_behind_the_ethernet_header(void **state)
{
	const struct way way = {.corrupt = 0.2};
	uint8_t seen[64] = {0};
	struct fate fate;
	int count = 0;

	fate_start(&fate, 1);
	for (int i = 0; i < PACKETS; i++) {
		uint8_t frame[64] = {0};
		bool did = fate_corrupt(&fate, &way, frame, sizeof(frame));

		assert_int_equal(bits_in(frame, sizeof(frame)), did);
		assert_int_equal(bits_in(frame, FATE_SPARED), 0);
		for (size_t b = 0; b < sizeof(frame); b++)
			seen[b] |= frame[b];
		count += did;
	}
	assert_true(fabs((double)count / PACKETS - 0.2) < 0.01);
	for (size_t b = FATE_SPARED; b < sizeof(seen); b++)
		assert_int_equal(seen[b], 0xff);
}

static void
a_frame_without_payload_is_not_corrupted(void **state)
{
	const struct way way = {.corrupt = 1};
	uint8_t frame[FATE_SPARED] = {0};
	struct fate fate;

	fate_start(&fate, 1);
	assert_false(fate_corrupt(&fate, &way, frame, sizeof(frame)));
	assert_int_equal(bits_in(frame, sizeof(frame)), 0);
}

static void
jitter_is_uniform_around_the_delay(void **state)
{
	const struct way way = {
	    .delay = 10 * NS_PER_MS, .jitter = 2 * NS_PER_MS};
	double sum = 0, squares = 0;
	struct fate fate;

	fate_start(&fate, 1);
	for (int i = 0; i < PACKETS; i++) {
		double off = (double)(fate_delay(&fate, &way) - way.delay);

		assert_true(fabs(off) <= (double)way.jitter);
		sum += off;
		squares += off * off;
	}
	assert_true(fabs(sum / PACKETS) < 0.02 * (double)way.jitter);
	/* the variance of a uniform one: jitter^2 / 3 */
	assert_true(fabs(squares / PACKETS / 4e12 - 1 / 3.) < 0.01);
}

static void
a_delay_is_never_below_zero(void **state)
{
	const struct way way = {.delay = NS_PER_US, .jitter = NS_PER_MS};
	struct fate fate;

	fate_start(&fate, 1);
	for (int i = 0; i < 1000; i++)
		assert_true(fate_delay(&fate, &way) >= 0);
}

static void
duplication_has_its_ratio(void **state)
{
	const struct way way = {.duplicate = 0.05};
	struct fate fate;
	int count = 0;

	fate_start(&fate, 1);
	for (int i = 0; i < PACKETS; i++)
		count += fate_duplicated(&fate, &way);
	assert_true(fabs((double)count / PACKETS - 0.05) < 0.004);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_tenth_is_lost_when_asked_for),
	    cmocka_unit_test(bursts_are_as_long_and_as_many_as_computed),
	    cmocka_unit_test(the_bad_state_has_a_ratio_of_its_own),
	    cmocka_unit_test(the_same_seed_gives_the_same_fate),
	    cmocka_unit_test(
		corruption_inverts_one_bit_behind_the_ethernet_header),
	    cmocka_unit_test(a_frame_without_payload_is_not_corrupted),
	    cmocka_unit_test(jitter_is_uniform_around_the_delay),
	    cmocka_unit_test(a_delay_is_never_below_zero),
	    cmocka_unit_test(duplication_has_its_ratio),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
