/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a run, or an interval of a stream, has come to: the members of its record.
 */
#include <math.h>
#include <string.h>

#include "agent/budget.h"
#include "agent/harvest.h"
#include "agent/hosted_run.h"
#include "agent/told_clock.h"
#include "common/name.h"

static const char *const stamp_names[] = {
    [STAMP_USER] = "user",
    [STAMP_KERNEL] = "kernel",
    [STAMP_HARDWARE] = "hardware",
};

static void
add_address(const struct order *order, struct draft *record)
{
	char text[ADDRESS_TEXT];

	draft_member(record, "address");
	draft_quoted(record, address_format(&order->address, text));
	draft_member(record, "family");
	draft_whole(record, address_family(&order->address));
}

void
hosted_record(struct hosted *run, struct draft *record, nanoseconds start,
    nanoseconds end, enum outcome outcome, const char *why)
{
	draft_add(record, "{");
	if (address_family(&run->order.address) != 0)
		add_address(&run->order, record);
	draft_member(record, "start");
	draft_duration(record, start);
	draft_member(record, "end");
	draft_duration(record, end > start ? end : start);
	if (run->begun && run->order.timed && !hosted_is_stream(run)) {
		draft_member(record, "lateness");
		draft_duration(record, run->lateness);
	}
	draft_member(record, "outcome");
	draft_quoted(record, outcome_names[outcome]);
	if (why == NULL)
		return;
	draft_member(record, "why");
	draft_quoted(record, why);
}

static void
add_stamps(struct hosted *run, struct draft *record)
{
	draft_member(record, "stamps");
	draft_add(record, "\"");
	draft_add(record, stamp_names[run->stamps[0]]);
	draft_add(record, "/");
	draft_add(record, stamp_names[run->stamps[1]]);
	draft_add(record, "\"");
}

static void
add_bound(
    struct draft *record, const char *name, bool bounded, nanoseconds error)
{
	if (!bounded)
		return;
	draft_member(record, name);
	draft_duration(record, error);
}

/* What is known of both clocks; no bound, no member. */
static void
add_clocks(const struct budget *budget, struct draft *record)
{
	nanoseconds sum;
	bool bounded = budget_sum(budget, &sum);

	draft_member(record, "clocks");
	draft_add(record, "{");
	add_bound(record, "near", budget->near_bounded, budget->near);
	add_bound(record, "far", budget->far_bounded, budget->far);
	add_bound(record, "both", bounded, sum);
	draft_add(record, "}");
}

/* When that was by the monotonic clock, or before it. A stream ends when its clock
 * is set by INTERVALS_GRACE and more, and what ends it is of a clock that was. */
static nanoseconds
monotonic_before(const struct hosted *run, nanoseconds start)
{
	nanoseconds ago = clock_wall() - start + INTERVALS_GRACE;
	nanoseconds when = clock_monotonic() - ago;

	return (!hosted_is_stream(run) || run->broken != 0 || when < run->began
		    ? run->began
		    : when);
}

/* Of times between two clocks; unknown stamps are the weakest. */
static void
find_budget(const struct hosted *run, nanoseconds start, struct budget *budget)
{
	*budget = (struct budget){
	    .far_bounded = run->far_bounded,
	    .far = run->far_error,
	    .stamps = {budget_stamp(run->stamps[0]),
		budget_stamp(run->stamps[1])},
	};
	budget->near_bounded =
	    told_clock_worst(monotonic_before(run, start), &budget->near);
}

/* Both ends have one clock: what is found is what bounds are made of. */
static bool
is_itself(const struct hosted *run)
{
	return (strcmp(run->probe.name, NAME_ITSELF) == 0);
}

void
hosted_add_metrics(struct hosted *run, struct draft *record, nanoseconds start)
{
	struct budget budget;
	nanoseconds sum;

	find_budget(run, start, &budget);
	if (run->far_known && !is_itself(run))
		harvest_bound(run->harvest,
		    budget_sum(&budget, &sum) ? clock_seconds(sum) : NAN);
	draft_member(record, "metrics");
	harvest_take(run->harvest, record);
	if (run->stamped)
		add_stamps(run, record);
	if (run->far_known && !is_itself(run))
		add_clocks(&budget, record);
}
