/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/way.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/option.h"
#include "common/settings.h"
#include "common/yaml.h"

static struct way
read_way(const char *text)
{
	struct yml *tree = yml_parse("f", text, strlen(text), NULL);
	struct error err = {""};
	struct way way;

	if (yml_load(tree, way_options, &way, &err) == -1)
		fail_msg("%s", err.text);
	yml_free(tree);
	return (way);
}

static void
assert_near(double value, double expected)
{
	if (value < expected - 1e-9 || value > expected + 1e-9)
		fail_msg("%.12g, expected %.12g", value, expected);
}

static void
way_options_are_a_good_table(void **state)
{
	struct error err = {""};

	if (settings_check(way_options, &err) == -1)
		fail_msg("%s", err.text);
}

static void
way_is_perfect_unless_told(void **state)
{
	struct way way = read_way("");

	assert_true(way.delay == 0 && way.jitter == 0 && way.rate == 0);
	assert_true(way.duplicate == 0 && way.corrupt == 0 && !way.reorder);
	assert_near(way_loss(&way), 0);
}

static void
way_reads_what_people_write(void **state)
{
	struct way way = read_way("{delay: 10ms, jitter: 2ms, reorder: yes, "
				  "loss: 1%, rate: 10Mbit/s, queue: 50}");

	assert_true(way.delay == 10 * NS_PER_MS);
	assert_true(way.jitter == 2 * NS_PER_MS && way.reorder);
	assert_near(way.loss, 0.01);
	assert_near(way.rate, 1e7);
	assert_int_equal(way.queue, 50);
}

static void
way_loss_is_the_mean_of_both_states(void **state)
{
	struct way way = read_way("{loss: 1%}");

	assert_near(way_loss(&way), 0.01);
	/* all bad packets lost, a fifth of the time, bursts of 4 */
	way = read_way("{to_bad: 0.0625, to_good: 0.25}");
	assert_near(way_loss(&way), 0.2);
	way =
	    read_way("{loss: 0.1, bad_loss: 0.5, to_bad: 0.25, to_good: 0.75}");
	assert_near(way_loss(&way), 0.2);
	way = read_way("{bad_loss: 0.5, to_bad: 0.01, to_good: 0}");
	assert_near(way_loss(&way), 0.5); /* never good again */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(way_options_are_a_good_table),
	    cmocka_unit_test(way_is_perfect_unless_told),
	    cmocka_unit_test(way_reads_what_people_write),
	    cmocka_unit_test(way_loss_is_the_mean_of_both_states),
	};

	return (cmocka_run_group_tests_name("way", tests, NULL, NULL));
}
