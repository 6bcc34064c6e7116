/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/worker.h"
#include "probes/cost.h"

#define NOON (INT64_C(1795262400) * NS_PER_S) /* 2026-11-21T12:00:00Z */
#define S NS_PER_S

static struct limits *
make(struct limits_rules *rules)
{
	assert_int_equal(limits_default(rules, NULL), 0);
	return (limits_new(rules));
}

/* With these rules instead of the defaults. */
static struct limits *
make_with(double bandwidth, double packets, int64_t runs)
{
	struct limits_rules rules;
	struct limits *limits = make(&rules);

	rules.bandwidth = bandwidth;
	rules.packets = packets;
	rules.runs = runs;
	limits_set(limits, &rules);
	return (limits);
}

static struct limits_pass *
admit(struct limits *limits, const struct cost *cost, nanoseconds start,
    struct limits_refusal *refusal)
{
	const struct limits_ask ask = {
	    .probe = "ping", .cost = cost, .family = 4, .start = start};

	return (limits_admit(limits, &ask, refusal));
}

static void
assert_refused(struct limits *limits, const struct cost *cost,
    nanoseconds start, enum limit limit, const char *why)
{
	struct limits_refusal refusal;

	assert_null(admit(limits, cost, start, &refusal));
	assert_int_equal(refusal.limit, limit);
	if (strstr(refusal.why, why) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", refusal.why, why);
	assert_int_equal(strncmp(refusal.why, "limit: ", 7), 0);
}

static struct limits_pass *
assert_admitted(
    struct limits *limits, const struct cost *cost, nanoseconds start)
{
	struct limits_refusal refusal;
	struct limits_pass *pass = admit(limits, cost, start, &refusal);

	if (pass == NULL)
		fail_msg("%s", refusal.why);
	return (pass);
}

static void
sums_never_exceed_their_limit(void **state)
{
	const struct cost cost = {.packets = 10, .bits = 4e3, .seconds = 5};
	struct limits *limits = make_with(1e4, 1000, 100);
	struct limits_pass *a, *b;

	a = assert_admitted(limits, &cost, NOON);
	b = assert_admitted(limits, &cost, NOON);
	assert_refused(limits, &cost, NOON, LIMIT_BANDWIDTH, "8 kbit/s in use");
	limits_release(limits, a);
	a = assert_admitted(limits, &cost, NOON);
	limits_release(limits, a);
	limits_release(limits, b);
	limits_free(limits);
	limits = make_with(1e9, 25, 100);
	a = assert_admitted(limits, &cost, NOON);
	b = assert_admitted(limits, &cost, NOON);
	assert_refused(limits, &cost, NOON, LIMIT_PACKETS, "at most 25");
	limits_release(limits, a);
	limits_release(limits, b);
	limits_free(limits);
}

static void
runs_are_counted(void **state)
{
	const struct cost cost = {.packets = 1, .seconds = 5};
	struct limits *limits = make_with(1e9, 1e9, 1);
	struct limits_pass *pass = assert_admitted(limits, &cost, NOON);

	assert_refused(limits, &cost, NOON, LIMIT_RUNS, "at most 1 at once");
	limits_release(limits, pass);
	limits_release(limits, assert_admitted(limits, &cost, NOON));
	limits_free(limits);
}

/* Starts are asked for ahead: what will be over by then is in nobody's way. */
static void
a_pass_counts_for_as_long_as_the_run_can_take(void **state)
{
	const struct cost cost = {.packets = 1, .seconds = 5};
	struct limits *limits = make_with(1e9, 1e9, 1);
	struct limits_pass *first = assert_admitted(limits, &cost, NOON);
	struct limits_pass *second;

	assert_refused(limits, &cost, NOON + 5 * S - 1, LIMIT_RUNS, "runs");
	second = assert_admitted(limits, &cost, NOON + 5 * S);
	limits_release(limits, first);
	assert_refused(limits, &cost, NOON + 5 * S, LIMIT_RUNS, "runs");
	limits_release(limits, second);
	limits_free(limits);
}

static void
a_stream_holds_its_pass_until_it_gives_it_back(void **state)
{
	const struct cost cost = {.packets = 1, .seconds = 1};
	struct limits *limits = make_with(1e9, 1e9, 1);
	const struct limits_ask ask = {
	    .probe = "owd", .cost = &cost, .start = NOON, .stream = true};
	struct limits_refusal refusal;
	struct limits_pass *pass = limits_admit(limits, &ask, &refusal);

	assert_non_null(pass);
	assert_refused(
	    limits, &cost, NOON + 86400 * S, LIMIT_RUNS, "at most 1");
	limits_release(limits, pass);
	limits_free(limits);
}

/* The year 2262 is the last that there is, and 292 years fit from 1970 on. */
static void
what_lasts_for_centuries_counts_all_the_same(void **state)
{
	static const double lasts[] = {7.4e9, 7.428e9, 7.5e9, 8.9e9, 1e300};

	for (size_t i = 0; i < sizeof(lasts) / sizeof(lasts[0]); i++) {
		const struct cost cost = {
		    .packets = 1, .seconds = lasts[i], .heavy = true};
		struct limits *limits = make_with(1e9, 1e9, 1);
		struct limits_pass *pass = assert_admitted(limits, &cost, NOON);

		assert_refused(limits, &cost, NOON + 1, LIMIT_HEAVY, "heavy");
		assert_refused(limits, &(struct cost){.seconds = 1}, NOON + 1,
		    LIMIT_RUNS, "runs");
		limits_release(limits, pass);
		limits_free(limits);
	}
}

static void
heavy_ones_are_never_two_at_once(void **state)
{
	const struct cost heavy = {.packets = 1, .seconds = 10, .heavy = true};
	const struct cost light = {.packets = 1, .seconds = 10};
	struct limits_rules rules;
	struct limits *limits = make(&rules);
	struct limits_pass *first = assert_admitted(limits, &heavy, NOON);
	struct limits_pass *other;

	limits_release(limits, assert_admitted(limits, &light, NOON));
	/* one that overruns is cut only WORKER_SLACK later */
	assert_refused(limits, &heavy, NOON + 10 * S + WORKER_SLACK - 1,
	    LIMIT_HEAVY, "heavy");
	other = assert_admitted(limits, &heavy, NOON + 10 * S + WORKER_SLACK);
	limits_release(limits, first);
	assert_refused(limits, &heavy, NOON + 20 * S, LIMIT_HEAVY, "heavy");
	limits_release(limits, other);
	limits_release(limits, assert_admitted(limits, &heavy, NOON + 20 * S));
	limits_free(limits);
}

static void
the_longer_header_counts(void **state)
{
	const struct cost cost = {.packets = 10, .bits = 1e3, .seconds = 5};
	struct limits *limits = make_with(2e3, 1e9, 100);
	struct limits_ask ask = {
	    .probe = "ping", .cost = &cost, .family = 6, .start = NOON};
	struct limits_refusal refusal;

	assert_null(limits_admit(limits, &ask, &refusal)); /* 2600 bit/s */
	ask.family = 4;
	limits_release(limits, limits_admit(limits, &ask, &refusal));
	limits_free(limits);
}

static void
a_forbidden_probe_is_refused_before_it_is_asked(void **state)
{
	struct limits_refusal refusal;
	struct limits_rules rules;
	struct limits *limits = make(&rules);

	assert_false(limits_forbid(limits, "ping", NOON, &refusal));
	strcpy(rules.forbidden[0], "trace");
	strcpy(rules.forbidden[1], "ping");
	rules.forbidden_count = 2;
	limits_set(limits, &rules);
	assert_true(limits_forbid(limits, "ping", NOON, &refusal));
	assert_int_equal(refusal.limit, LIMIT_FORBID);
	assert_string_equal(
	    refusal.why, "limit: ping is forbidden on this box");
	assert_false(limits_forbid(limits, "owd", NOON, &refusal));
	limits_free(limits);
}

static void
nothing_starts_in_quiet_hours(void **state)
{
	const struct cost cost = {.packets = 1, .seconds = 5};
	struct limits_rules rules;
	struct limits *limits = make(&rules);

	rules.quiet = (struct quiet){true, 12 * 60, 13 * 60, "UTC"};
	limits_set(limits, &rules);
	limits_release(limits, assert_admitted(limits, &cost, NOON - 1));
	assert_refused(limits, &cost, NOON, LIMIT_QUIET,
	    "quiet hours, 12:00 to 13:00 UTC");
	assert_int_equal(limits_change(limits, NOON), NOON + 3600 * S);
	limits_release(limits, assert_admitted(limits, &cost, NOON + 3600 * S));
	limits_free(limits);
}

/* Whatever comes and goes: what is held at one time fits the limits. */
static void
sums_hold_in_any_order(void **state)
{
	enum { MOST = 64, ROUNDS = 20000 };
	struct limits *limits = make_with(1e5, 300, 20);
	struct {
		struct limits_pass *pass;
		struct cost cost;
		nanoseconds end;
	} held[MOST] = {0};
	nanoseconds now = NOON;

	srand(1);
	for (int i = 0; i < ROUNDS; i++) {
		size_t slot = (size_t)rand() % MOST, runs = 0;
		struct limits_refusal refusal;
		double bits = 0, packets = 0;

		now += rand() % S;
		limits_release(limits, held[slot].pass);
		held[slot].cost = (struct cost){.packets = rand() % 50,
		    .bits = rand() % 20000,
		    .seconds = rand() % 30};
		held[slot].end =
		    now + clock_of_seconds(held[slot].cost.seconds);
		held[slot].pass =
		    admit(limits, &held[slot].cost, now, &refusal);
		for (size_t k = 0; k < MOST; k++) {
			if (held[k].pass == NULL || held[k].end <= now)
				continue;
			bits += held[k].cost.bits;
			packets += held[k].cost.packets;
			runs++;
		}
		assert_true(bits <= 1e5 && packets <= 300 && runs <= 20);
	}
	for (size_t k = 0; k < MOST; k++)
		limits_release(limits, held[k].pass);
	limits_free(limits);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sums_never_exceed_their_limit),
	    cmocka_unit_test(runs_are_counted),
	    cmocka_unit_test(a_pass_counts_for_as_long_as_the_run_can_take),
	    cmocka_unit_test(a_stream_holds_its_pass_until_it_gives_it_back),
	    cmocka_unit_test(what_lasts_for_centuries_counts_all_the_same),
	    cmocka_unit_test(heavy_ones_are_never_two_at_once),
	    cmocka_unit_test(the_longer_header_counts),
	    cmocka_unit_test(a_forbidden_probe_is_refused_before_it_is_asked),
	    cmocka_unit_test(nothing_starts_in_quiet_hours),
	    cmocka_unit_test(sums_hold_in_any_order),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
