/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/finding.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "common/discipline.h"
#include "common/error.h"
#include "common/member.h"

/* Members that are not the worker's to set. */
static const char *const ours[] = {"v", "id", "plan", "test", "probe", "src",
    "dst", "agent", "clock", "stamps", "clocks", NULL};

static bool
is_ours(const char *name)
{
	size_t i;

	for (i = 0; ours[i] != NULL; i++)
		if (strcmp(ours[i], name) == 0)
			return (true);
	return (false);
}

/* Whose run it was. */
static json_object *
begin(const struct job *job)
{
	json_object *record = json_object_new_object();

	member_add_whole(record, "v", 1);
	member_add_whole(record, "plan", job->list->plan->revision);
	member_add_text(record, "test", job->test->name);
	member_add_text(record, "probe", job->test->probe);
	member_add_text(record, "src", job->src);
	member_add_text(record, "dst", job->dst);
	member_add_text(record, "address", job->target->address);
	if (job->target->family != 0)
		member_add_whole(record, "family", job->target->family);
	return (record);
}

struct json_object *
finding_note(const struct job *job, nanoseconds start)
{
	json_object *record = begin(job);

	member_add_text(record, "agent", job->list->plan->box);
	member_add_duration(record, "start", start);
	return (record);
}

/* No bound, no member. */
static json_object *
end_of(const char *source, bool bounded, double error)
{
	json_object *json = json_object_new_object();

	member_add_text(json, "source", source);
	if (bounded)
		member_add_number(json, "error", error);
	return (json);
}

/* Of the box that reports. */
static json_object *
own_end(const struct discipline *clock, bool bounded, double error)
{
	json_object *json = end_of(clock->source, bounded, error);

	if (discipline_is_vouched(clock))
		member_add_text(json, "because", clock->reference);
	return (json);
}

/* As they were when it was measured; clocks are the worker's. */
static void
add_both(json_object *both, enum manifest_end end,
    const struct discipline *clock, json_object *clocks)
{
	enum manifest_end other =
	    end == RUNS_AT_SRC ? RUNS_AT_DST : RUNS_AT_SRC;
	double near = member_number_or(clocks, "near", -1);
	double far = member_number_or(clocks, "far", -1);
	double sum = member_number_or(clocks, "both", -1);

	json_object_object_add(both, manifest_ends[end],
	    near >= 0 ? own_end(clock, true, near) : end_of("none", false, 0));
	json_object_object_add(both, manifest_ends[other],
	    end_of(far >= 0 ? "far" : "none", far >= 0, far));
	if (sum >= 0)
		member_add_number(both, "error", sum);
}

struct json_object *
finding_clock(enum manifest_end end, const struct discipline *clock,
    struct json_object *found)
{
	json_object *both = json_object_new_object();
	json_object *clocks = member_get(found, "clocks");
	double error = discipline_error_at(clock, clock_monotonic());

	if (clocks != NULL)
		add_both(both, end, clock, clocks);
	else
		json_object_object_add(both, manifest_ends[end],
		    own_end(clock, isfinite(error), error));
	member_add_text(both, "stamps", member_text_or(found, "stamps", NULL));
	return (both);
}

struct json_object *
finding_complete(const struct job *job, nanoseconds start,
    struct json_object *found, const struct discipline *clock)
{
	json_object *record = finding_note(job, start);

	json_object_object_foreach (found, name, value) {
		if (!is_ours(name))
			json_object_object_add(
			    record, name, json_object_get(value));
	}
	if (member_get(record, "end") == NULL)
		json_object_object_add(record, "end",
		    json_object_get(member_get(record, "start")));
	json_object_object_add(
	    record, "clock", finding_clock(job->target->end, clock, found));
	return (record);
}

struct json_object *
finding_none(const struct job *job, nanoseconds start, nanoseconds end,
    enum outcome outcome, const char *why)
{
	json_object *record = finding_note(job, start);

	member_add_duration(record, "end", end > start ? end : start);
	member_add_text(record, "outcome", outcome_names[outcome]);
	member_add_text(record, "why", why);
	return (record);
}

/* Its times and metrics are to be such as a finding may have. */
static int
check_statement(json_object *statement, struct error *err)
{
	json_object *finding = json_object_new_object();
	int result;

	member_add_text(finding, "outcome", outcome_names[OUTCOME_MEASURED]);
	member_add_number(
	    finding, "start", member_number_or(statement, "start", -1));
	member_add_number(
	    finding, "end", member_number_or(statement, "finish", -1));
	json_object_object_add(finding, "metrics",
	    json_object_get(member_get(statement, "metrics")));
	result =
	    record_check_finding(finding, clock_seconds(clock_wall()), err);
	json_object_put(finding);
	return (result);
}

static int
check_names(json_object *statement, int *end, struct error *err)
{
	int64_t family = member_whole_or(statement, "family", 0);

	if (member_choice(statement, "end", manifest_ends, end, err) == -1)
		return (-1);
	if (!name_valid(member_text_or(statement, "test", "")) ||
	    !name_valid(member_text_or(statement, "peer", "")) ||
	    (family != 4 && family != 6))
		return (error_set(err, "expected test, peer and family"));
	return (0);
}

struct json_object *
finding_stated(const struct plan *plan, const char *probe,
    struct json_object *statement, struct error *err)
{
	const char *peer = member_text_or(statement, "peer", "");
	json_object *record;
	int end;

	if (check_names(statement, &end, err) == -1 ||
	    check_statement(statement, err) == -1)
		return (NULL);
	record = json_object_new_object();
	member_add_whole(record, "v", 1);
	member_add_whole(record, "plan", plan->revision);
	member_add_text(record, "test", member_text_or(statement, "test", ""));
	member_add_text(record, "probe", probe);
	member_add_text(record, "src", end == RUNS_AT_SRC ? plan->box : peer);
	member_add_text(record, "dst", end == RUNS_AT_SRC ? peer : plan->box);
	member_add_whole(
	    record, "family", member_whole_or(statement, "family", 0));
	member_add_text(record, "agent", plan->box);
	member_add_number(
	    record, "start", member_number_or(statement, "start", 0));
	member_add_number(
	    record, "end", member_number_or(statement, "finish", 0));
	member_add_text(record, "outcome", outcome_names[OUTCOME_STATED]);
	json_object_object_add(record, "metrics",
	    json_object_get(member_get(statement, "metrics")));
	return (record);
}
