/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "probes/ping.h"

/* Round trips, by the best stamps there are, and by which at the least. */
static void
report_trips(struct ping_run *run)
{
	const struct probe_host *host = run->probe->worker->host;
	enum probe_stamp weakest[2] = {STAMP_HARDWARE, STAMP_HARDWARE};
	enum probe_stamp classes[2];
	nanoseconds rtt;

	for (uint32_t i = run->tally.first; i < run->tally.count; i++) {
		if (!tally_round_trip(&run->tally, i, &rtt, classes))
			continue;
		host->sample(run->probe, "rtt", rtt);
		for (int k = 0; k < 2; k++)
			if (classes[k] < weakest[k])
				weakest[k] = classes[k];
	}
	if (run->tally.received > 0)
		host->stamps(run->probe, weakest[0], weakest[1]);
	else
		host->stamps(run->probe,
		    run->echo->stamps && !run->route.plain ? STAMP_KERNEL
							   : STAMP_USER,
		    STAMP_KERNEL);
}

static void
report_lateness(struct ping_run *run)
{
	const struct probe_host *host = run->probe->worker->host;
	nanoseconds due = run->origin, when;

	if (run->tally.count - run->tally.first < 2)
		return;
	for (uint32_t i = 0; i < run->tally.count; i++) {
		if (i >= run->tally.first && tally_when(&run->tally, i, &when))
			host->sample(run->probe, "send_late",
			    when > due ? when - due : 0);
		due += ping_settings(run)->spacing;
	}
}

/* The usual first hop limits. */
static int
hops_of(int ttl)
{
	return ((ttl <= 64 ? 64 : ttl <= 128 ? 128 : 255) - ttl);
}

static char *
describe_refusal(const struct ping_run *run, char text[static FAULT_TEXT])
{
	if (run->refused > 0)
		snprintf(text, FAULT_TEXT,
		    "%u packets refused by this host: %s", run->refused,
		    strerror(run->refusal));
	else
		snprintf(text, FAULT_TEXT,
		    "%u packets not sent: above the ceiling", run->crowded);
	return (text);
}

static void
report_faults(struct ping_run *run)
{
	const struct probe_host *host = run->probe->worker->host;
	char text[FAULT_TEXT], json[FAULT_JSON];

	if (run->refused + run->crowded > 0)
		host->text(run->probe, "error", describe_refusal(run, text));
	else if (run->faults != NULL)
		host->text(
		    run->probe, "error", fault_all_text(run->faults, text));
	if (run->faults != NULL)
		host->detail(
		    run->probe, "errors", fault_json(run->faults, json));
	if (run->ttl == 0)
		return;
	host->value(run->probe, "ttl", run->ttl);
	host->value(run->probe, "hops", hops_of(run->ttl));
}

static void
report_counts(struct ping_run *run, const struct tally_totals *totals)
{
	const struct probe_host *host = run->probe->worker->host;

	host->count(run->probe, "sent", totals->sent);
	host->count(run->probe, "received", totals->received);
	host->count(run->probe, "lost", totals->lost);
	host->count(run->probe, "late", totals->late);
	host->count(run->probe, "lost_locally", totals->lost_locally);
	host->count(run->probe, "lost_unsure", totals->unsure);
	host->count(run->probe, "duplicates", totals->duplicates);
	host->count(run->probe, "reordered", totals->reordered);
	host->count(run->probe, "corrupted", totals->corrupted);
}

/* Nothing is known about the path: why? */
static const char *
explain(struct ping_run *run, const struct tally_totals *totals,
    char text[static FAULT_TEXT])
{
	if (totals->sent > 0)
		return ("the packets or their answers were dropped by this "
			"host: its send queue or its receive buffer was full "
			"(net.core.rmem_max)");
	if (run->refused > 0)
		snprintf(text, FAULT_TEXT, "no packet could be sent: %s",
		    strerror(run->refusal));
	else if (run->crowded > 0)
		snprintf(text, FAULT_TEXT,
		    "no packet could be sent: too many others waited for the "
		    "ceiling");
	else if (run->last_sent > 0)
		return ("interrupted before the timeout of the first packet");
	else
		return ("interrupted before anything was sent");
	return (text);
}

void
ping_report(struct ping_run *run)
{
	const struct probe_host *host = run->probe->worker->host;
	const struct tally_drops drops = ping_drops(run);
	struct tally_totals totals;
	char text[FAULT_TEXT];

	tally_total(&run->tally, &drops, &totals);
	report_counts(run, &totals);
	report_trips(run);
	report_lateness(run);
	report_faults(run);
	if (totals.received > 0)
		host->done(run->probe, PROBE_MEASURED, NULL);
	else if (totals.lost > 0)
		host->done(run->probe, PROBE_NO_ANSWER, NULL);
	else
		host->done(
		    run->probe, PROBE_FAILED, explain(run, &totals, text));
}
