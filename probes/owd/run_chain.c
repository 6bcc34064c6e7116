/* SPDX-License-Identifier: BSD-2-Clause */
/* Which legs there are: the next one when the one before ends or breaks off. */
#include <stdlib.h>

#include "common/hash.h"
#include "common/memory.h"
#include "probes/owd/run.h"

void
run_drop_leg(struct run *run, struct run_leg *it)
{
	TAILQ_REMOVE(&run->legs, it, next);
	leg_free(it->leg);
	free(it);
}

/* Not all of those that lost the same far end come back at the same moment. */
static void
put_off(struct run *run)
{
	uint16_t chance;

	hash_random(&chance, sizeof(chance));
	run->pause = run->pause == 0 ? RUN_RETRY : 2 * run->pause;
	if (run->pause > RUN_RETRY_MOST)
		run->pause = RUN_RETRY_MOST;
	run->retry = run->host->monotonic() + run->pause +
		     run->pause / 4 * chance / UINT16_MAX;
}

/* The fleet may have given the pair a secret meanwhile, another one, or none. */
static int
renew_key(struct run *run)
{
	if (run->probe->worker->box == NULL ||
	    run->course.settings->key_id[0] != '\0' ||
	    run_take_key(run, &run->trouble) == 0)
		return (0);
	run->our_fault = true;
	put_off(run);
	return (-1);
}

static void
add_leg(struct run *run, const struct leg *before)
{
	struct run_leg *it, *last;

	if (renew_key(run) == -1)
		return;
	it = last = memory_new(1, sizeof(*it));
	TAILQ_INSERT_TAIL(&run->legs, it, next);
	it->leg = leg_new(&run->course, before);
	/* one that has failed meanwhile has one still, too */
	do
		last = TAILQ_PREV(last, run_legs, next);
	while (last != NULL && !leg_share(it->leg, last->leg));
}

static void
note_trouble(struct run *run, const struct leg *leg)
{
	if (leg_trouble(leg) == NULL)
		return;
	error_set(&run->trouble, "%s", leg_trouble(leg));
	run->our_fault = leg_is_our_fault(leg);
}

/* Each leg's end is noticed once. */
static void
notice(struct run *run, nanoseconds now)
{
	struct run_leg *it;

	TAILQ_FOREACH (it, &run->legs, next) {
		enum leg_state state = leg_state(it->leg);

		if (state == LEG_RUNNING && now >= leg_from(it->leg))
			run->pause = 0;
		if (it->ended != 0 ||
		    (state != LEG_OVER && state != LEG_FAILED))
			continue;
		it->ended = now;
		note_trouble(run, it->leg);
		if (now < leg_until(it->leg))
			put_off(run);
	}
}

/* What goes on without its connection goes on to where the next one begins. */
static void
yield_legs(struct run *run)
{
	nanoseconds next = INT64_MAX;
	struct run_leg *it;

	TAILQ_FOREACH_REVERSE(it, &run->legs, run_legs, next)
	{
		if (leg_goes_on(it->leg))
			leg_yield(it->leg, next);
		if (leg_first(it->leg) < next)
			next = leg_first(it->leg);
	}
}

static void
end_legs(struct run *run, nanoseconds now)
{
	struct run_leg *it;

	TAILQ_FOREACH (it, &run->legs, next)
		if (leg_state(it->leg) == LEG_RUNNING &&
		    now >= leg_until(it->leg))
			leg_stop(it->leg);
}

/* When the next leg is to be made, wall-clock, and behind which: the last one that
 * runs, or none. */
static nanoseconds
next_leg(const struct run *run, nanoseconds now, const struct leg **before)
{
	nanoseconds wait = run->retry - run->host->monotonic(), when;
	const struct run_leg *it;

	*before = NULL;
	if (run->finished != 0 ||
	    (!TAILQ_EMPTY(&run->legs) && !run_streams(run)))
		return (INT64_MAX);
	TAILQ_FOREACH (it, &run->legs, next) {
		if (leg_state(it->leg) == LEG_RISING)
			return (INT64_MAX);
		if (leg_state(it->leg) == LEG_RUNNING &&
		    (*before == NULL ||
			leg_until(it->leg) > leg_until(*before)))
			*before = it->leg;
	}
	when = *before != NULL ? leg_until(*before) - RUN_AHEAD : now;
	return (wait > 0 && when < now + wait ? now + wait : when);
}

void
run_chain(struct run *run, nanoseconds now)
{
	const struct leg *before;

	notice(run, now);
	yield_legs(run);
	end_legs(run, now);
	if (next_leg(run, now, &before) > now)
		return;
	add_leg(run, before);
	notice(run, now); /* it may have failed at once */
}

nanoseconds
run_chain_next(const struct run *run, nanoseconds now)
{
	const struct run_leg *it;
	const struct leg *before;
	nanoseconds next = next_leg(run, now, &before);

	TAILQ_FOREACH (it, &run->legs, next)
		if (leg_state(it->leg) == LEG_RUNNING &&
		    leg_until(it->leg) < next)
			next = leg_until(it->leg);
	return (next);
}

static bool
is_old(const struct run_leg *it, nanoseconds before)
{
	return (it->ended != 0 &&
		(leg_ledger(it->leg) == NULL || leg_until(it->leg) <= before ||
		    (it->ended <= before && !leg_goes_on(it->leg))));
}

/* What has ended, and can have nothing of any interval that is still to be
 * reported: they begin at `before`. */
void
run_drop_old(struct run *run, nanoseconds before)
{
	struct run_leg *it = TAILQ_FIRST(&run->legs), *next;

	for (; it != NULL; it = next) {
		next = TAILQ_NEXT(it, next);
		if (is_old(it, before))
			run_drop_leg(run, it);
	}
}
