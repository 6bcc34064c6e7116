/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/ledger.h"

#include <string.h>

#include "agent/calibration.h"
#include "agent/finding.h"
#include "agent/spool.h"
#include "common/error.h"
#include "common/member.h"
#include "common/name.h"

nanoseconds
ledger_now(const struct ledger *ledger)
{
	return (ledger->calls->now(ledger->arg));
}

/* Takes the record over. */
static void
add(struct ledger *ledger, const struct job *job, nanoseconds start,
    json_object *record)
{
	struct error err;

	if (spool_add(ledger->spool, record, &err) < 0) {
		json_object_put(record);
		record = finding_none(
		    job, start, ledger_now(ledger), OUTCOME_FAILED, err.text);
		spool_add(ledger->spool, record, NULL);
	}
	ledger->calls->record(ledger->arg, record);
	ledger->calls->waiting(ledger->arg);
	json_object_put(record);
}

uint64_t
ledger_note(struct ledger *ledger, const struct job *job, nanoseconds start)
{
	json_object *note = finding_note(job, start);

	spool_note(ledger->spool, ++ledger->last, note);
	json_object_put(note);
	ledger->calls->waiting(ledger->arg);
	return (ledger->last);
}

void
ledger_ended(struct ledger *ledger, uint64_t note)
{
	spool_ended(ledger->spool, note);
	ledger->calls->waiting(ledger->arg);
}

/* Delays between this box and itself. */
static void
calibrate(struct ledger *ledger, const struct job *job, json_object *found)
{
	const char *metric = job->test->calibrates;
	json_object *delays =
	    metric == NULL || strcmp(job->target->name, NAME_ITSELF) != 0
		? NULL
		: member_get(member_get(found, "metrics"), metric);

	if (delays != NULL)
		calibration_take(
		    ledger->calibration, delays, clock_monotonic());
}

void
ledger_found(struct ledger *ledger, const struct job *job, nanoseconds start,
    struct json_object *found)
{
	calibrate(ledger, job, found);
	add(ledger, job, start,
	    finding_complete(job, start, found, ledger->clock));
}

int
ledger_stated(struct ledger *ledger, const struct plan *plan, const char *probe,
    struct json_object *statement, struct error *err)
{
	json_object *record = finding_stated(plan, probe, statement, err);

	if (record == NULL)
		return (-1);
	if (spool_add(ledger->spool, record, err) < 0) {
		json_object_put(record);
		return (-1);
	}
	ledger->calls->record(ledger->arg, record);
	ledger->calls->waiting(ledger->arg);
	json_object_put(record);
	return (0);
}

void
ledger_nothing(struct ledger *ledger, const struct job *job,
    const struct ledger_nothing *nothing)
{
	json_object *record = finding_none(
	    job, nothing->start, nothing->end, nothing->outcome, nothing->why);

	if (nothing->missed > 0)
		member_add_whole(record, "missed", (int64_t)nothing->missed);
	add(ledger, job, nothing->start, record);
}
