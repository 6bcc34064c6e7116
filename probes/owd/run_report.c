/* SPDX-License-Identifier: BSD-2-Clause */
/* What all legs have of an interval that is over, or of the run. */
#include <stdlib.h>

#include "probes/owd/catch.h"
#include "probes/owd/run.h"

static bool
is_ended(const struct leg *leg)
{
	return (leg_state(leg) == LEG_OVER || leg_state(leg) == LEG_FAILED);
}

/* Does the ledger have anything of an interval that ends there? */
static bool
has_of(const struct leg *leg, nanoseconds to)
{
	const struct ledger *ledger = leg_ledger(leg);

	return (ledger != NULL && ledger_cuts(ledger) > 0 &&
		ledger_end(ledger) <= to);
}

static bool
is_settled(const struct run *run, nanoseconds to)
{
	const struct run_leg *it;

	TAILQ_FOREACH (it, &run->legs, next)
		if (has_of(it->leg, to) && !is_ended(it->leg) &&
		    (run->course.sends || !ledger_settled(leg_ledger(it->leg))))
			return (false);
	return (true);
}

/* Nothing was received of it, as it seems, but nobody has said so. */
static void
drop_interval(struct run *run, const struct leg *leg)
{
	struct findings gone;

	findings_begin(&gone);
	while (!ledger_close(leg_ledger(leg), &gone))
		continue;
	findings_clear(&gone);
	run->findings.stated = false;
	if (run->trouble.text[0] == '\0')
		error_set(&run->trouble, "%s",
		    leg_trouble(leg) != NULL
			? leg_trouble(leg)
			: "the far end has not said yet what arrived");
}

/* False: there is more to do. Where we sent, and could not fetch what arrived,
 * nothing is known of that; of what was fetched, but is not all of it, no loss is.
 * Who was not told to stop sends on, and states it. */
static bool
close_leg(struct run *run, const struct leg *leg)
{
	bool doubtful = run->course.sends && leg_state(leg) != LEG_OVER;

	if (doubtful && !leg_gave(leg)) {
		drop_interval(run, leg);
		return (true);
	}
	if (!ledger_close(leg_ledger(leg), &run->findings))
		return (false);
	if (doubtful)
		run->findings.stated = false;
	if (run->finished != 0 && leg_state(leg) == LEG_FAILED)
		run->findings.lost_touch = true;
	return (true);
}

static bool
close_legs(struct run *run, nanoseconds to)
{
	struct run_leg *it;

	TAILQ_FOREACH (it, &run->legs, next)
		while (has_of(it->leg, to))
			if (!close_leg(run, it->leg))
				return (false);
	return (true);
}

static void
count_refused(struct run *run)
{
	struct catch_refused sum = {0};
	struct run_leg *it;

	TAILQ_FOREACH (it, &run->legs, next)
		leg_refused(it->leg, &sum);
	run->findings.stray += sum.beyond;
	run->host->count(run->probe, "malformed", sum.malformed);
	run->host->count(run->probe, "forged", sum.forged);
}

static void
find_objection(struct run *run)
{
	struct run_leg *it;

	if (run->findings.totals.received > 0 || run->trouble.text[0] != '\0')
		return;
	TAILQ_FOREACH (it, &run->legs, next)
		if (leg_objection(it->leg) != NULL)
			error_set(&run->trouble,
			    "the packets were sent back: %s",
			    leg_objection(it->leg));
}

static bool
is_running(const struct run *run)
{
	const struct run_leg *it;

	TAILQ_FOREACH (it, &run->legs, next)
		if (leg_state(it->leg) == LEG_RUNNING)
			return (true);
	return (false);
}

/* Without a leg, the reason is that for what comes next, too. */
static enum probe_outcome
give_findings(struct run *run)
{
	struct findings *findings = &run->findings;
	enum probe_outcome outcome;

	find_objection(run);
	findings->trouble = &run->trouble;
	if (findings->parts > 0)
		count_refused(run);
	outcome = findings_report(findings, run->probe);
	if (is_running(run))
		run->trouble.text[0] = '\0';
	run->closing = false;
	return (outcome);
}

/* The oldest interval that is owed: when can it be reported? */
static nanoseconds
ready_at(const struct run *run, nanoseconds to)
{
	nanoseconds timeout = run->course.settings->timeout;

	return (
	    is_settled(run, to) ? to + timeout : to + timeout + RUN_PATIENCE);
}

/* A session that was to begin before a report's end, and began behind it, has a
 * piece of an interval that has gone. */
static void
forget_before(struct run *run, nanoseconds from)
{
	struct findings gone;
	struct run_leg *it;

	findings_begin(&gone);
	TAILQ_FOREACH (it, &run->legs, next)
		while (has_of(it->leg, from))
			ledger_close(leg_ledger(it->leg), &gone);
	findings_clear(&gone);
}

/* Behind the timeout what our sockets lose is of the next one alone. */
static void
look(struct run *run, struct run_owed *owed, nanoseconds now)
{
	struct run_leg *it;

	if (owed->looked || now < owed->to + run->course.settings->timeout)
		return;
	owed->looked = true;
	TAILQ_FOREACH (it, &run->legs, next)
		leg_look(it->leg, now);
}

static void
report_owed(struct run *run, nanoseconds now)
{
	struct run_owed *owed;

	while ((owed = STAILQ_FIRST(&run->owed)) != NULL) {
		look(run, owed, now);
		if (!run->closing && now < ready_at(run, owed->to))
			return;
		if (!run->closing)
			forget_before(run, owed->from);
		run->closing = true;
		if (!close_legs(run, owed->to))
			return;
		run->host->report(
		    run->probe, give_findings(run), owed->from, owed->to);
		run_drop_old(run, owed->to);
		STAILQ_REMOVE_HEAD(&run->owed, next);
		free(owed);
	}
}

/* The last packet that was sent is due when? */
static nanoseconds
last_of(const struct run *run, const struct run_leg *it)
{
	nanoseconds last = leg_last(it->leg);

	if (it->ended != 0 && it->ended < last && !leg_goes_on(it->leg))
		last = it->ended;
	if (run->finished != 0 && run->finished < last)
		last = run->finished;
	return (last);
}

/* When can it end: all is there, or will not come any more. What we sent is known
 * when it has been fetched. */
static nanoseconds
end_at(const struct run *run, nanoseconds now)
{
	nanoseconds timeout = run->course.settings->timeout, at = now, own;
	const struct run_leg *it;

	TAILQ_FOREACH (it, &run->legs, next) {
		enum leg_state state = leg_state(it->leg);

		if (!is_ended(it->leg) && state != LEG_RUNNING)
			return (INT64_MAX); /* it will have news */
		own = last_of(run, it);
		if (run->course.sends || run->course.fetches ||
		    leg_ledger(it->leg) == NULL)
			own = is_ended(it->leg) ? now : INT64_MAX;
		else if (state == LEG_FAILED && !leg_goes_on(it->leg))
			own = it->ended != 0 ? it->ended : now;
		else
			own = own != INT64_MAX ? own + timeout : own;
		if (own > at)
			at = own;
	}
	return (at);
}

/* Ends what still runs: then it is over soon. */
static bool
stop_legs(struct run *run)
{
	struct run_leg *it;
	bool stopped = true;

	TAILQ_FOREACH (it, &run->legs, next) {
		if (leg_state(it->leg) == LEG_RUNNING)
			leg_stop(it->leg);
		stopped = stopped && is_ended(it->leg);
	}
	return (stopped);
}

static void
show_sessions(struct run *run)
{
	struct run_leg *it;

	TAILQ_FOREACH (it, &run->legs, next) {
		if (run->course.sends && leg_ledger(it->leg) != NULL)
			run_name_session(run, leg_sid(it->leg));
		if (leg_trace(it->leg) == NULL)
			continue;
		if (run->course.settings->raw && run->probe->watched)
			run_show_lost(run, leg_trace(it->leg));
		if (run->course.settings->samples)
			run_samples(run, leg_trace(it->leg));
	}
}

/* It was to send, and says that nothing was due yet. */
static void
find_delay(struct run *run)
{
	struct findings *findings = &run->findings;
	const struct account_totals *t = &findings->totals;

	if (run_streams(run) || run->finished != 0 || findings->parts == 0 ||
	    !findings->stated || t->sent + t->skipped + t->received > 0 ||
	    run->trouble.text[0] != '\0')
		return;
	error_set(&run->trouble,
	    "the far end had sent nothing when its last packet was due here: "
	    "its clock is far behind ours");
	findings->stated = false;
}

static void
end_run(struct run *run)
{
	struct error why;
	enum probe_outcome outcome;
	bool nothing = run->findings.parts == 0;

	if (!run_streams(run))
		show_sessions(run);
	find_delay(run);
	run->findings.trouble = &run->trouble;
	findings_explain(&run->findings, &why);
	outcome = give_findings(run);
	if (nothing && run->trouble.text[0] == '\0')
		error_set(&why, "interrupted before anything was due");
	if (nothing && (run->our_fault || run->trouble.text[0] == '\0'))
		outcome = PROBE_FAILED;
	run->done = true;
	run->host->done(run->probe, outcome,
	    outcome == PROBE_FAILED && why.text[0] != '\0' ? why.text : NULL);
}

static void
report_end(struct run *run, nanoseconds now)
{
	struct run_leg *it;

	if (TAILQ_EMPTY(&run->legs) && run->finished == 0)
		return;
	if (!run->closing && (end_at(run, now) > now || !stop_legs(run)))
		return;
	TAILQ_FOREACH (it, &run->legs, next) {
		leg_look(it->leg, now);
		if (leg_ledger(it->leg) != NULL)
			ledger_cut(leg_ledger(it->leg),
			    run_streams(run) ? run->finished : INT64_MAX);
	}
	run->closing = true;
	if (close_legs(run, INT64_MAX))
		end_run(run);
}

void
run_report(struct run *run, nanoseconds now)
{
	report_owed(run, now);
	if (STAILQ_EMPTY(&run->owed) &&
	    (!run_streams(run) || run->finished != 0))
		report_end(run, now);
}

nanoseconds
run_report_next(const struct run *run, nanoseconds now)
{
	const struct run_owed *owed = STAILQ_FIRST(&run->owed);

	if (run->closing)
		return (now);
	if (owed != NULL && !owed->looked)
		return (owed->to + run->course.settings->timeout);
	if (owed != NULL)
		return (ready_at(run, owed->to));
	if (run_streams(run) && run->finished == 0)
		return (INT64_MAX);
	return (TAILQ_EMPTY(&run->legs) ? INT64_MAX : end_at(run, now));
}
