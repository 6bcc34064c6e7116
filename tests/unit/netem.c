/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/netem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"

static void
expect(const struct way *way, unsigned n, const char *expected)
{
	char **argv = netem_command(way, "to-b", n);
	char line[512] = "";

	for (char **word = argv; *word != NULL; word++) {
		strcat(line, word == argv ? "" : " ");
		strcat(line, *word);
	}
	assert_string_equal(line, expected);
	netem_free(argv);
}

#define FIRST "tc qdisc replace dev to-b root handle 1: netem limit 1000000"
#define SECOND "tc qdisc replace dev to-b parent 1:1"

static void
a_perfect_way_asks_for_nothing(void **state)
{
	const struct way way = {.to_good = 1, .bad_loss = 1, .queue = 100};

	expect(&way, 0, FIRST);
	expect(&way, 1, SECOND " handle 3: pfifo limit 1000000");
}

static void
delay_and_jitter_are_exact(void **state)
{
	const struct way way = {.delay = 10 * NS_PER_MS + 1,
	    .jitter = 2500 * NS_PER_US,
	    .reorder = true};

	expect(&way, 0, FIRST " delay 10000.001us 2500.000us");
}

static void
loss_is_random_or_in_bursts(void **state)
{
	struct way way = {.loss = 0.1, .bad_loss = 0.75, .to_good = 0.25};

	expect(&way, 0, FIRST " loss random 10%");
	way.to_bad = 0.005;
	way.loss = 0.001;
	expect(&way, 0, FIRST " loss gemodel 0.5% 25% 75% 0.1%");
}

static void
packets_are_changed_and_doubled(void **state)
{
	const struct way way = {.duplicate = 0.02, .corrupt = 1e-6};

	expect(&way, 0, FIRST " duplicate 2% corrupt 0.0001%");
}

static void
a_rate_has_its_queue_to_itself(void **state)
{
	const struct way way = {.delay = NS_PER_S, .rate = 1e7, .queue = 100};

	expect(&way, 0, FIRST " delay 1000000.000us");
	expect(&way, 1, SECOND " handle 2: netem rate 10000000bit limit 100");
}

static void
what_it_cannot_do_is_told(void **state)
{
	static const struct way bad[] = {{.jitter = 1},
	    {.duplicate = 0.1, .rate = 1e6}, {.duplicate = 0.1, .loss = 0.1}};
	static const struct way good[] = {{.jitter = 1, .reorder = true},
	    {.loss = 0.1, .rate = 1e6, .corrupt = 0.1},
	    {.duplicate = 0.1, .delay = 1}};
	struct error err = {""};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(netem_check(&bad[i], &err), -1);
		assert_non_null(strstr(err.text, "netem cannot"));
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(netem_check(&good[i], &err), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_perfect_way_asks_for_nothing),
	    cmocka_unit_test(delay_and_jitter_are_exact),
	    cmocka_unit_test(loss_is_random_or_in_bursts),
	    cmocka_unit_test(packets_are_changed_and_doubled),
	    cmocka_unit_test(a_rate_has_its_queue_to_itself),
	    cmocka_unit_test(what_it_cannot_do_is_told),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
