/* SPDX-License-Identifier: BSD-2-Clause */
#include "scheduler/schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/memory.h"
#include "tests/unit/starts.h"

#define LEAD (NS_PER_S / 5)

/* One job as the test sees it. */
struct watch {
	char dst[24];
	struct timing timing;
	struct timing_seed seed;
	nanoseconds last; /* up to here all is accounted for */
	uint64_t due, missed;
	int misses; /* calls */
};

/* What one simulation knows; arg of the calls. */
struct simulation {
	int seed;
	struct schedule *schedule;
	struct watch *watches;
	size_t count;
	nanoseconds now, latest; /* the start that came last */
	nanoseconds high;        /* no job is ahead of this */
	nanoseconds lateness;    /* the most */
};

static void
account(struct simulation *simulation, struct watch *watch, nanoseconds until)
{
	watch->last = until;
	if (until > simulation->high)
		simulation->high = until;
}

/* Jobs without an owner are only there to be in the way. */
static void
on_due(void *arg, void *owner, nanoseconds start)
{
	struct simulation *simulation = arg;
	struct watch *watch = owner;
	nanoseconds late = simulation->now - start;

	if (watch == NULL)
		return;
	if (start != timing_next(&watch->timing, &watch->seed, watch->last))
		fail_msg("seed %d: %s: start %jd is not the next after %jd",
		    simulation->seed, watch->dst, (intmax_t)start,
		    (intmax_t)watch->last);
	assert_true(late >= -LEAD && late < SCHEDULE_GRACE);
	if (late > simulation->lateness)
		simulation->lateness = late;
	simulation->latest = start;
	account(simulation, watch, start);
	watch->due++;
}

static void
on_missed(
    void *arg, void *owner, uint64_t count, nanoseconds from, nanoseconds until)
{
	struct simulation *simulation = arg;
	struct watch *watch = owner;

	if (watch == NULL)
		return;
	assert_int_equal(from, watch->last);
	assert_true(count > 0);
	assert_int_equal(
	    count, timing_count(&watch->timing, &watch->seed, from, until));
	assert_int_equal(until, simulation->now - SCHEDULE_GRACE);
	account(simulation, watch, until);
	watch->missed += count;
	watch->misses++;
}

static const struct schedule_calls calls = {on_due, on_missed};

/* Every job is one of three kinds with some interval up to `longest`. */
static struct simulation *
simulation_new(int seed, size_t count, nanoseconds longest)
{
	struct simulation *simulation = memory_new(1, sizeof(*simulation));

	srand((unsigned)seed);
	simulation->seed = seed;
	simulation->count = count;
	simulation->now = NOW;
	simulation->schedule = schedule_new("key", 3, LEAD, &calls, simulation);
	simulation->watches = memory_new(count, sizeof(struct watch));
	for (size_t i = 0; i < count; i++) {
		struct watch *watch = &simulation->watches[i];

		snprintf(watch->dst, sizeof(watch->dst), "box%zu", i);
		starts_seed(&watch->seed, (int)i);
		watch->timing.kind = (enum timing_kind)(i % 3);
		watch->timing.every = longest / (rand() % 4 + 1);
		watch->last = NOW;
	}
	return (simulation);
}

static void
simulation_free(struct simulation *simulation)
{
	schedule_free(simulation->schedule);
	free(simulation->watches);
	free(simulation);
}

/* A plan: all the jobs, from the back, and others that it does not watch. */
static void
simulation_set(struct simulation *simulation, size_t others)
{
	size_t count = simulation->count;
	struct schedule_job *jobs = memory_new(count + others, sizeof(*jobs));
	char(*names)[24] = memory_new(others + 1, sizeof(*names));

	for (size_t i = 0; i < count; i++) {
		struct watch *watch = &simulation->watches[count - 1 - i];

		jobs[others + i] = (struct schedule_job){
		    "core-ping", "nyc", watch->dst, watch->timing, watch};
	}
	for (size_t i = 0; i < others; i++) {
		snprintf(names[i], sizeof(names[i]), "box%zu", i);
		jobs[i] = (struct schedule_job){
		    "other", "nyc", names[i], {TIMING_POISSON, NS_PER_S}, NULL};
	}
	schedule_set(
	    simulation->schedule, jobs, count + others, simulation->now);
	assert_int_equal(schedule_size(simulation->schedule), count + others);
	free(names);
	free(jobs);
}

static nanoseconds
simulation_run(struct simulation *simulation, nanoseconds now)
{
	simulation->now = now;
	return (schedule_run(simulation->schedule, now));
}

/* Due and missed together are all there is, no more and no less. */
static void
assert_all_accounted(const struct simulation *simulation)
{
	for (size_t i = 0; i < simulation->count; i++) {
		const struct watch *watch = &simulation->watches[i];
		uint64_t all = timing_count(
		    &watch->timing, &watch->seed, NOW, watch->last);

		if (watch->due + watch->missed != all)
			fail_msg("seed %d: %s: %ju due, %ju missed, %ju in all",
			    simulation->seed, watch->dst, (uintmax_t)watch->due,
			    (uintmax_t)watch->missed, (uintmax_t)all);
	}
}

static void
schedule_makes_every_start_of_a_fleet_in_a_week_once(void **state)
{
	struct simulation *s = simulation_new(1, 2000, 7200 * NS_PER_S);
	nanoseconds end = NOW + 7 * DAY, next = NOW, latest;

	simulation_set(s, 0);
	while (next <= end) {
		latest = s->latest;
		next = simulation_run(s, next);
		assert_true(s->latest >= latest); /* starts come in order */
		assert_true(next > s->now);
	}
	for (size_t i = 0; i < s->count; i++) {
		struct watch *watch = &s->watches[i];

		assert_int_equal(watch->missed, 0);
		assert_int_equal(
		    watch->due, timing_count(&watch->timing, &watch->seed, NOW,
				    s->now + LEAD));
	}
	assert_true(s->lateness <= 0);
	simulation_free(s);
}

static void
schedule_announces_a_start_its_lead_ahead(void **state)
{
	struct simulation *s = simulation_new(2, 1, 60 * NS_PER_S);
	nanoseconds start, next;

	simulation_set(s, 0);
	start = timing_next(&s->watches[0].timing, &s->watches[0].seed, NOW);
	next = simulation_run(s, NOW);
	assert_int_equal(next, start - LEAD);
	assert_int_equal(simulation_run(s, next - 1), next);
	assert_int_equal(s->watches[0].due, 0);
	assert_true(simulation_run(s, next) > next);
	assert_int_equal(s->watches[0].due, 1);
	simulation_free(s);
}

static void
schedule_called_late_gives_the_planned_start(void **state)
{
	struct simulation *s = simulation_new(3, 1, 60 * NS_PER_S);
	nanoseconds start, next;

	simulation_set(s, 0);
	start = timing_next(&s->watches[0].timing, &s->watches[0].seed, NOW);
	simulation_run(s, start + SCHEDULE_GRACE - 1);
	assert_int_equal(s->latest, start);
	assert_int_equal(s->lateness, SCHEDULE_GRACE - 1);
	assert_int_equal(s->watches[0].missed, 0);
	/* a nanosecond more is too late */
	next = timing_next(&s->watches[0].timing, &s->watches[0].seed, start);
	simulation_run(s, next + SCHEDULE_GRACE);
	assert_int_equal(s->latest, start);
	assert_int_equal(s->watches[0].missed, 1);
	simulation_free(s);
}

static void
schedule_counts_what_a_forward_step_skips_in_one_call(void **state)
{
	struct simulation *s = simulation_new(4, 100, 60 * NS_PER_S);
	nanoseconds next = NOW;

	simulation_set(s, 0);
	while (next < NOW + 600 * NS_PER_S)
		next = simulation_run(s, next);
	simulation_run(s, NOW + 30 * DAY);
	for (size_t i = 0; i < s->count; i++) {
		assert_int_equal(s->watches[i].misses, 1);
		assert_true(s->watches[i].missed >= 30 * 1440 * 0.95);
	}
	assert_all_accounted(s);
	simulation_free(s);
}

static void
schedule_repeats_nothing_when_the_clock_steps_back(void **state)
{
	struct simulation *s = simulation_new(5, 100, 10 * NS_PER_S);
	nanoseconds next = NOW, now;

	simulation_set(s, 0);
	while (next < NOW + 1000 * NS_PER_S)
		next = simulation_run(s, next);
	/* on_due fails should one come again */
	now = s->now - 500 * NS_PER_S;
	assert_int_equal(simulation_run(s, now), next);
	for (; now < next; now += NS_PER_S)
		assert_int_equal(simulation_run(s, now), next);
	while (next < NOW + 2000 * NS_PER_S)
		next = simulation_run(s, next);
	for (size_t i = 0; i < s->count; i++)
		assert_int_equal(s->watches[i].misses, 0);
	assert_all_accounted(s);
	simulation_free(s);
}

/* Any clock that is not far off at once: all is accounted for, nothing twice. */
static void
schedule_accounts_for_every_start_under_a_restless_clock(void **state)
{
	for (int seed = 0; seed < 50; seed++) {
		struct simulation *s = simulation_new(seed, 20, 30 * NS_PER_S);

		simulation_set(s, 0);
		for (int i = 0; i < 2000; i++) {
			nanoseconds step = rand() % 3000 * NS_PER_MS;

			if (rand() % 50 == 0)
				step = (rand() % 900 - 300) * NS_PER_S;
			if (s->now + step < s->high - SCHEDULE_BACK)
				continue;
			simulation_run(s, s->now + step);
		}
		assert_all_accounted(s);
		simulation_free(s);
	}
}

/* Booted in 2036, corrected after a minute. */
static void
schedule_goes_on_when_the_clock_was_plain_wrong(void **state)
{
	struct simulation *s = simulation_new(6, 100, 10 * NS_PER_S);
	nanoseconds wrong = NOW + 3650 * DAY, next = wrong;
	uint64_t before[100];

	s->now = wrong;
	simulation_set(s, 0);
	for (size_t i = 0; i < s->count; i++)
		s->watches[i].last = wrong;
	while (next < wrong + 60 * NS_PER_S)
		next = simulation_run(s, next);
	for (size_t i = 0; i < s->count; i++) {
		before[i] = s->watches[i].due;
		s->watches[i].last = NOW;
	}
	next = simulation_run(s, NOW);
	while (next <= NOW + 60 * NS_PER_S)
		next = simulation_run(s, next);
	for (size_t i = 0; i < s->count; i++)
		assert_int_equal(s->watches[i].due - before[i],
		    timing_count(&s->watches[i].timing, &s->watches[i].seed,
			NOW, s->now + LEAD));
	simulation_free(s);
}

/* Another plan every second: on_due fails if a job that stays is moved. */
static void
schedule_keeps_places_through_new_plans(void **state)
{
	struct simulation *s = simulation_new(7, 50, 20 * NS_PER_S);

	for (int i = 0; i < 10000; i++) {
		if (i % 10 == 0)
			simulation_set(s, (size_t)(rand() % 20));
		if (i % 1000 == 0) /* what is missed is known, too */
			s->now += 60 * NS_PER_S;
		simulation_run(s, s->now + NS_PER_S / 10);
	}
	for (size_t i = 0; i < s->count; i++)
		assert_true(s->watches[i].due > 1000 / 20 / 2);
	assert_all_accounted(s);
	simulation_free(s);
}

static void
schedule_starts_a_changed_job_after_now(void **state)
{
	struct simulation *s = simulation_new(8, 2, 60 * NS_PER_S);
	struct watch *changed = &s->watches[1];

	simulation_set(s, 0);
	simulation_run(s, NOW + 45 * NS_PER_S);
	changed->timing.every = 7 * NS_PER_S;
	simulation_set(s, 0);
	changed->last = s->now;
	changed->due = changed->missed = 0;
	for (nanoseconds next = s->now; next < NOW + 1000 * NS_PER_S;)
		next = simulation_run(s, next);
	assert_int_equal(
	    changed->due, timing_count(&changed->timing, &changed->seed,
			      NOW + 45 * NS_PER_S, s->now + LEAD));
	simulation_free(s);
}

static void
schedule_keeps_the_first_of_two_with_one_name(void **state)
{
	struct simulation *s = simulation_new(9, 2, 60 * NS_PER_S);
	const struct schedule_job jobs[] = {
	    {"core-ping", "nyc", "box0", s->watches[0].timing, &s->watches[0]},
	    {"core-ping", "nyc", "box0", s->watches[0].timing, &s->watches[1]},
	};

	schedule_set(s->schedule, jobs, 2, NOW);
	assert_int_equal(schedule_size(s->schedule), 1);
	for (nanoseconds next = NOW; next < NOW + 600 * NS_PER_S;)
		next = simulation_run(s, next);
	assert_true(s->watches[0].due > 0);
	assert_int_equal(s->watches[1].due, 0);
	simulation_free(s);
}

static void
schedule_ends_with_its_last_start(void **state)
{
	struct simulation *s = simulation_new(10, 1, 0);

	assert_int_equal(simulation_run(s, NOW), INT64_MAX);
	s->watches[0].timing =
	    (struct timing){TIMING_ONCE, 0, NOW + 9 * NS_PER_S};
	simulation_set(s, 0);
	assert_int_equal(simulation_run(s, NOW), NOW + 9 * NS_PER_S - LEAD);
	assert_int_equal(simulation_run(s, NOW + 9 * NS_PER_S), INT64_MAX);
	assert_int_equal(s->watches[0].due, 1);
	simulation_free(s);
}

/* A job that is to start once, which first appears `late` after that. */
static struct simulation *
appear_late(nanoseconds late)
{
	struct simulation *s = simulation_new(11, 1, 0);

	s->watches[0].timing = (struct timing){TIMING_ONCE, 0, NOW - late};
	s->watches[0].last = NOW - late - 1;
	simulation_set(s, 0);
	return (s);
}

static void
schedule_starts_what_is_to_be_once_though_it_comes_late(void **state)
{
	static const nanoseconds late[] = {
	    -LEAD / 2, 0, SCHEDULE_GRACE - 1 - LEAD};

	for (size_t i = 0; i < COUNT(late); i++) {
		struct simulation *s = appear_late(late[i]);

		assert_int_equal(simulation_run(s, NOW), INT64_MAX);
		assert_int_equal(s->watches[0].due, 1);
		assert_int_equal(s->watches[0].missed, 0);
		simulation_free(s);
	}
}

static void
schedule_counts_what_was_to_be_once_as_missed(void **state)
{
	struct simulation *s = appear_late(86400 * NS_PER_S);

	assert_int_equal(simulation_run(s, NOW), INT64_MAX);
	assert_int_equal(s->watches[0].due, 0);
	assert_int_equal(s->watches[0].missed, 1);
	assert_int_equal(s->watches[0].misses, 1);
	simulation_free(s);
}

static void
schedule_repeats_what_was_once_at_no_step_of_the_clock(void **state)
{
	struct simulation *s = appear_late(0);

	simulation_run(s, NOW);
	simulation_run(s, NOW - 2 * SCHEDULE_BACK);
	simulation_run(s, NOW + 2 * SCHEDULE_BACK);
	assert_int_equal(s->watches[0].due, 1);
	assert_int_equal(s->watches[0].missed, 0);
	simulation_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		schedule_makes_every_start_of_a_fleet_in_a_week_once),
	    cmocka_unit_test(schedule_announces_a_start_its_lead_ahead),
	    cmocka_unit_test(schedule_called_late_gives_the_planned_start),
	    cmocka_unit_test(
		schedule_counts_what_a_forward_step_skips_in_one_call),
	    cmocka_unit_test(
		schedule_repeats_nothing_when_the_clock_steps_back),
	    cmocka_unit_test(
		schedule_accounts_for_every_start_under_a_restless_clock),
	    cmocka_unit_test(schedule_goes_on_when_the_clock_was_plain_wrong),
	    cmocka_unit_test(schedule_keeps_places_through_new_plans),
	    cmocka_unit_test(schedule_starts_a_changed_job_after_now),
	    cmocka_unit_test(schedule_keeps_the_first_of_two_with_one_name),
	    cmocka_unit_test(schedule_ends_with_its_last_start),
	    cmocka_unit_test(
		schedule_starts_what_is_to_be_once_though_it_comes_late),
	    cmocka_unit_test(schedule_counts_what_was_to_be_once_as_missed),
	    cmocka_unit_test(
		schedule_repeats_what_was_once_at_no_step_of_the_clock),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
