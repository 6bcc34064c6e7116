/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/discipline.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/timex.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/host.h"
#include "common/member.h"

#define NOW (5000 * NS_PER_S)

static const struct discipline chrony = {
    .source = "chrony",
    .reference = "192.0.2.1",
    .stratum = 2,
    .leap = LEAP_INSERT,
    .held = true,
    .bounded = true,
    .error = 0.001,
    .growth = 2e-6,
    .at = NOW - 10 * NS_PER_S,
    .formula = "|offset| + dispersion + delay/2",
    .parts = {-0.0001, 0.0004, 0.001},
    .tuned = true,
    .frequency = -12.5,
    .skew = 0.25,
    .fix = 3,
    .satellites = 9,
    .steps = {2, -1.5, INT64_C(1795300000) * NS_PER_S},
    .card = {"ptp0", 37.000001, 0.0000005},
    .clocksource = "tsc",
    .guest = true,
    .steal = 0.125,
    .trouble = "none at all",
};

static void
expect_json(const struct discipline *state, const char *text)
{
	json_object *o = discipline_json(state, NOW);

	assert_string_equal(
	    json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN), text);
	json_object_put(o);
}

static void
discipline_without_a_bound_shows_none(void **state)
{
	const struct discipline none = {.source = "none", .steal = -1};
	const struct discipline kernel = {
	    .source = "kernel",
	    .bounded = true,
	    .error = 0.000012,
	    .growth = 0.0005,
	    .at = NOW,
	    .clocksource = "tsc",
	    .steal = -1,
	};

	expect_json(&none, "{\"source\":\"none\"}");
	expect_json(&kernel,
	    "{\"source\":\"kernel\",\"error\":0.000012,"
	    "\"clocksource\":\"tsc\",\"leap\":\"none\",\"age\":0,"
	    "\"growth\":0.0005,\"offset\":0,\"dispersion\":0,\"delay\":0}");
}

static void
bound_grows_and_is_given_up(void **state)
{
	struct discipline clock = chrony;

	assert_float_equal(discipline_error_at(&clock, clock.at), 0.001, 0);
	assert_float_equal(
	    discipline_error_at(&clock, clock.at + 1000 * NS_PER_S), 0.003,
	    1e-12);
	/* of what came before it is no surer */
	assert_float_equal(
	    discipline_error_at(&clock, clock.at - 1000 * NS_PER_S), 0.003,
	    1e-12);
	clock.growth = 0.0005;
	assert_true(discipline_bounded_at(&clock, clock.at + 31000 * NS_PER_S));
	assert_false(
	    discipline_bounded_at(&clock, clock.at + 32000 * NS_PER_S));
	assert_true(
	    isinf(discipline_error_at(&clock, clock.at + 32000 * NS_PER_S)));
	clock.bounded = false;
	assert_true(isinf(discipline_error_at(&clock, clock.at)));
}

static void
json_reads_back_as_it_was(void **state)
{
	json_object *o = discipline_json(&chrony, NOW);
	struct discipline back;

	assert_int_equal(discipline_from_json(&back, o, NOW, NULL), 0);
	assert_string_equal(back.source, "chrony");
	assert_string_equal(back.reference, "192.0.2.1");
	assert_int_equal(back.stratum, 2);
	assert_int_equal(back.leap, LEAP_INSERT);
	assert_true(back.held && back.bounded && back.tuned && back.guest);
	assert_int_equal(back.at, chrony.at);
	assert_float_equal(back.error, 0.001, 1e-15);
	assert_float_equal(back.growth, 2e-6, 0);
	assert_string_equal(back.formula, chrony.formula);
	assert_float_equal(back.parts.offset, -0.0001, 0);
	assert_float_equal(back.parts.dispersion, 0.0004, 0);
	assert_float_equal(back.parts.delay, 0.001, 0);
	assert_float_equal(back.frequency, -12.5, 1e-9);
	assert_float_equal(back.skew, 0.25, 1e-9);
	assert_int_equal(back.fix, 3);
	assert_int_equal(back.satellites, 9);
	assert_int_equal(back.steps.count, 2);
	assert_float_equal(back.steps.size, -1.5, 0);
	assert_int_equal(back.steps.last, chrony.steps.last);
	assert_string_equal(back.card.name, "ptp0");
	assert_float_equal(back.card.offset, 37.000001, 0);
	assert_float_equal(back.card.error, 0.0000005, 0);
	assert_string_equal(back.clocksource, "tsc");
	assert_float_equal(back.steal, 0.125, 0);
	assert_string_equal(back.trouble, "none at all");
	json_object_put(o);
}

static void
json_of_an_older_box_is_read(void **state)
{
	static const char text[] =
	    "{\"source\":\"kernel\",\"error\":0.25,\"clocksource\":\"xen\","
	    "\"ahead\":-0.2,\"doubt\":\"it is 1970\"}";
	json_object *o = member_parse(text, strlen(text), NULL);
	struct discipline clock;

	assert_int_equal(discipline_from_json(&clock, o, NOW, NULL), 0);
	assert_true(clock.bounded);
	assert_false(clock.tuned);
	assert_int_equal(clock.at, NOW);
	assert_float_equal(clock.error, 0.25, 0);
	assert_true(clock.steal < 0);
	json_object_put(o);
}

static void
wrong_json_is_refused_with_the_member(void **state)
{
	static const struct {
		const char *text, *why;
	} wrong[] = {
	    {"[]", "expected an object"},
	    {"{}", "\"source\""},
	    {"{\"source\":7}", "\"source\""},
	    {"{\"source\":\"\"}", "\"source\""},
	    {"{\"source\":\"a b\"}", "small letters"},
	    {"{\"source\":\"abcdefghijklmnop\"}", "less than 16"},
	    {"{\"source\":\"none\",\"error\":\"1\"}", "\"error\""},
	    {"{\"source\":\"none\",\"error\":-1}", "\"error\""},
	    {"{\"source\":\"none\",\"error\":17}", "\"error\""},
	    {"{\"source\":\"none\",\"growth\":-1}", "\"growth\""},
	    {"{\"source\":\"none\",\"age\":1e300}", "\"age\""},
	    {"{\"source\":\"none\",\"leap\":\"second\"}", "\"leap\""},
	    {"{\"source\":\"none\",\"stratum\":1.5}", "\"stratum\""},
	    {"{\"source\":\"none\",\"stratum\":256}", "\"stratum\""},
	    {"{\"source\":\"none\",\"steal\":2}", "\"steal\""},
	    {"{\"source\":\"none\",\"skew\":-1}", "\"skew\""},
	    {"{\"source\":\"none\",\"held\":1}", "\"held\""},
	    {"{\"source\":\"none\",\"steps\":1}", "\"steps\""},
	    {"{\"source\":\"none\",\"steps\":{\"count\":-1}}", "\"count\""},
	    {"{\"source\":\"none\",\"card\":[]}", "\"card\""},
	    {"{\"source\":\"none\",\"card\":{\"error\":-1}}", "card: "},
	    {"{\"source\":\"none\",\"trouble\":\"\\u001b[2J\"}", "control"},
	};
	struct discipline clock;
	struct error err;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		json_object *o =
		    member_parse(wrong[i].text, strlen(wrong[i].text), NULL);

		assert_int_equal(
		    discipline_from_json(&clock, o, NOW, &err), -1);
		if (strstr(err.text, wrong[i].why) == NULL)
			fail_msg("%s: %s", wrong[i].text, err.text);
		json_object_put(o);
	}
}

/*
 * The kernel's word.
 */

static struct discipline
of_kernel(int verdict, int status, long maxerror)
{
	const struct timex kernel = {.status = status,
	    .maxerror = maxerror,
	    .freq = 3 * 65536,
	    .stabil = 65536 / 2,
	    .tick = 10001};
	struct discipline clock = {.steal = -1};

	discipline_of_kernel(&clock, &kernel, verdict, NOW);
	return (clock);
}

static void
kernel_is_believed_only_in_sync(void **state)
{
	struct discipline clock = of_kernel(TIME_OK, STA_PLL, 250000);

	assert_string_equal(clock.source, "kernel");
	assert_true(clock.bounded);
	assert_int_equal(clock.at, NOW);
	assert_float_equal(clock.error, 0.25, 0);
	assert_float_equal(clock.growth, 500e-6, 0);
	/* it is made faster by 103 ppm, for it runs slow by as much */
	assert_float_equal(clock.frequency, -103, 1e-9);
	assert_float_equal(clock.skew, 0.5, 0);
	assert_int_equal(clock.leap, LEAP_NONE);
	assert_int_equal(
	    of_kernel(TIME_INS, STA_PLL | STA_INS, 9).leap, LEAP_INSERT);
	assert_int_equal(
	    of_kernel(TIME_DEL, STA_PLL | STA_DEL, 9).leap, LEAP_DELETE);
	assert_false(of_kernel(TIME_ERROR, STA_PLL, 250000).bounded);
	assert_false(of_kernel(-1, STA_PLL, 250000).bounded);
	assert_false(of_kernel(TIME_OK, STA_PLL | STA_UNSYNC, 9).bounded);
	assert_false(of_kernel(TIME_OK, STA_PLL, 16000000).bounded);
	assert_false(of_kernel(TIME_OK, STA_PLL, 0).bounded);
	clock = of_kernel(TIME_ERROR, STA_UNSYNC, 16000000);
	assert_string_equal(clock.source, "none");
	assert_non_null(strstr(clock.trouble, "install chrony"));
}

static void
this_host_is_read(void **state)
{
	struct timex kernel = {.modes = 0};
	int verdict = ntp_adjtime(&kernel);
	struct discipline now;

	discipline_read(&now);
	assert_true(now.clocksource[0] != '\0');
	if (verdict == -1 || verdict == TIME_ERROR ||
	    kernel.maxerror >= 16000000) {
		assert_string_equal(now.source, "none");
		assert_false(now.bounded);
		return;
	}
	assert_string_equal(now.source, "kernel");
	assert_true(now.bounded);
	assert_true(now.error > 0 && now.error < 16);
}

static void
stolen_time_is_a_share_of_all(void **state)
{
	struct host_ticks ticks;
	double steal;

	assert_true(host_read_ticks("cpu  10 20 30 40 5 6 7 8 9 10", &ticks));
	assert_int_equal(ticks.all, 126);
	assert_int_equal(ticks.stolen, 8);
	assert_false(host_read_ticks("cpu  10 20 30 40", &ticks));
	assert_false(host_read_ticks("cpu0 1 2 3 4 5 6 7 8", &ticks));
	assert_false(host_read_ticks("", &ticks));
	ticks = (struct host_ticks){0}; /* since the boot */
	steal = host_steal(&ticks);
	assert_true(steal >= 0 && steal < 1);
	assert_true(ticks.all > 0);
	ticks.all = UINT64_MAX; /* they do not run back */
	assert_true(host_steal(&ticks) < 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(discipline_without_a_bound_shows_none),
	    cmocka_unit_test(bound_grows_and_is_given_up),
	    cmocka_unit_test(json_reads_back_as_it_was),
	    cmocka_unit_test(json_of_an_older_box_is_read),
	    cmocka_unit_test(wrong_json_is_refused_with_the_member),
	    cmocka_unit_test(kernel_is_believed_only_in_sync),
	    cmocka_unit_test(this_host_is_read),
	    cmocka_unit_test(stolen_time_is_a_share_of_all),
	};

	return (cmocka_run_group_tests_name("discipline", tests, NULL, NULL));
}
