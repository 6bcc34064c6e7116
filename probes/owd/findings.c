/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owd/findings.h"

#include <math.h>
#include <stdlib.h>

void
findings_begin(struct findings *findings)
{
	*findings = (struct findings){
	    .stated = true,
	    .totals = {.hops_least = -1, .hops_most = -1, .hops_last = -1},
	    .a2 = NAN,
	    .sent_by = STAMP_HARDWARE,
	    .received_by = STAMP_HARDWARE,
	};
}

void
findings_clear(struct findings *findings)
{
	distribution_clear(&findings->delay);
	distribution_clear(&findings->variation);
	distribution_clear(&findings->lateness);
	samples_clear(&findings->samples);
	for (unsigned i = 0; i < findings->lack_count; i++)
		numbers_clear(&findings->lacks[i].received);
	free(findings->lacks);
	findings_begin(findings);
}

static void
add_hops(struct account_totals *sum, const struct account_totals *part)
{
	if (part->hops_last == -1)
		return;
	if (sum->hops_last == -1 || part->hops_least < sum->hops_least)
		sum->hops_least = part->hops_least;
	if (part->hops_most > sum->hops_most)
		sum->hops_most = part->hops_most;
	sum->hops_last = part->hops_last;
}

/* Parts are sessions of their own: no loss period goes on in the next one. */
static void
add_pattern(struct pattern *sum, const struct pattern *part)
{
	sum->packets += part->packets;
	sum->losses += part->losses;
	sum->periods += part->periods;
	sum->noticeable += part->noticeable;
	if (part->longest > sum->longest) {
		sum->longest = part->longest;
		sum->longest_first = part->longest_first;
	}
}

void
findings_add(struct findings *findings, const struct account_totals *totals)
{
	struct account_totals *sum = &findings->totals;

	findings->parts++;
	findings->stated = findings->stated && totals->stated;
	sum->sent += totals->sent;
	sum->skipped += totals->skipped;
	sum->lost += totals->lost;
	sum->lost_locally += totals->lost_locally;
	sum->unsure += totals->unsure;
	sum->received += totals->received;
	sum->late += totals->late;
	sum->duplicates += totals->duplicates;
	sum->reordered += totals->reordered;
	sum->early += totals->early;
	findings->dropped += totals->stated ? 0 : totals->dropped;
	findings->dropped_surely += totals->stated ? 0 : totals->dropped_surely;
	sum->replicated += totals->replicated;
	sum->outside += totals->outside;
	for (unsigned i = 0; i <= REORDER_DEPTH; i++)
		sum->reordered_by[i] += totals->reordered_by[i];
	add_pattern(&sum->pattern, &totals->pattern);
	add_hops(sum, totals);
}

void
findings_add_last(struct findings *findings, nanoseconds delay)
{
	struct findings_last *last = &findings->last;

	if (last->count == 0 || delay < last->least)
		last->least = delay;
	last->count++;
}

static void
report_stated(const struct account_totals *t, struct probe_run *run)
{
	const struct probe_host *host = run->worker->host;

	host->count(run, "sent", t->sent);
	host->count(run, "lost", t->lost);
	host->count(run, "lost_locally", t->lost_locally);
	host->count(run, "lost_unsure", t->unsure);
	host->count(run, "skipped", t->skipped);
	host->count(run, "loss_periods", t->pattern.periods);
	host->count(run, "loss_near", t->pattern.noticeable);
	if (t->pattern.longest > 0)
		host->value(run, "loss_longest", t->pattern.longest);
}

static void
report_arrivals(const struct findings *findings, struct probe_run *run)
{
	const struct probe_host *host = run->worker->host;
	const struct account_totals *t = &findings->totals;

	host->count(run, "received", t->received);
	host->count(run, "late", t->late);
	host->count(run, "early", t->early);
	host->count(run, "duplicates", t->duplicates);
	host->count(run, "replicated", t->replicated);
	host->count(run, "reordered", t->reordered);
	host->count(run, "reordered_3", t->reordered_by[3]);
	host->count(run, "stray", findings->stray + t->outside);
	host->count(run, "unstamped", findings->unstamped);
	if (t->hops_last != -1) {
		host->value(run, "hops", t->hops_last);
		host->value(run, "hops_most", t->hops_most);
	}
}

/* The samples themselves, or beyond DISTRIBUTION_EXACT their histogram. */
static bool
report_distribution(struct distribution *d, const char *metric,
    struct probe_run *run, nanoseconds *pdv)
{
	const struct probe_host *host = run->worker->host;
	struct summary summary = {0};
	bool exact = d->merged.n == 0, held;

	for (size_t i = 0; exact && i < d->count; i++)
		host->sample(run, metric, d->samples[i]);
	held = distribution_finish(d, &summary, pdv);
	if (!exact)
		host->merged(run, metric, &summary);
	summary_clear(&summary);
	return (held);
}

static void
report_times(struct findings *findings, struct probe_run *run)
{
	const struct probe_host *host = run->worker->host;
	nanoseconds pdv;

	if (report_distribution(&findings->delay, "delay", run, &pdv))
		host->value(run, "pdv", clock_seconds(pdv));
	if (findings->last.count >= FINDINGS_LAST)
		host->value(
		    run, "delay_last", clock_seconds(findings->last.least));
	report_distribution(&findings->variation, "ipdv", run, &pdv);
	report_distribution(&findings->lateness, "lateness", run, &pdv);
	if (!isnan(findings->a2))
		host->value(run, "a2", findings->a2);
}

static void
report_clocks(const struct findings *findings, struct probe_run *run)
{
	const struct probe_host *host = run->worker->host;

	if (!findings->heard)
		return;
	host->stamps(run,
	    findings->sent_by == STAMP_HARDWARE ? STAMP_USER
						: findings->sent_by,
	    findings->received_by);
	host->far_clock(run, findings->far_synchronised, findings->far_error);
}

static enum probe_outcome
judge(const struct findings *findings)
{
	const struct account_totals *t = &findings->totals;

	if (findings->parts == 0)
		return (findings_trouble(findings) != NULL ? PROBE_NO_ANSWER
							   : PROBE_FAILED);
	if (t->received > 0)
		return (PROBE_MEASURED);
	if (!findings->stated || t->lost > 0)
		return (PROBE_NO_ANSWER);
	/* none was due: that is all right */
	return (t->sent + t->skipped == 0 ? PROBE_MEASURED : PROBE_FAILED);
}

enum probe_outcome
findings_report(struct findings *findings, struct probe_run *run)
{
	const struct probe_host *host = run->worker->host;
	enum probe_outcome outcome;
	struct error why = {{0}};

	if (findings->parts == 0)
		findings->stated = false;
	outcome = judge(findings);
	findings_explain(findings, &why);
	if (findings->stated && !findings_are_shifted(findings))
		report_stated(&findings->totals, run);
	findings_side(findings, run);
	if (findings->parts > 0) {
		report_arrivals(findings, run);
		report_times(findings, run);
		report_clocks(findings, run);
	}
	if (findings->samples_wanted)
		samples_give(&findings->samples, run);
	if (why.text[0] != '\0')
		host->text(run, "error", why.text);
	findings_clear(findings);
	return (outcome);
}
