/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/record.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include "common/error.h"
#include "common/metric.h"
#include "common/name.h"
#include "common/record_parts.h"
#include "common/tree.h"

#define AHEAD 86400.0           /* seconds a clock may be fast */
#define LONG_AGO (30 * 86400.0) /* no run takes so long */

enum field {
	V,
	ID,
	PLAN,
	TEST,
	PROBE,
	SRC,
	DST,
	AGENT,
	ADDRESS,
	FAMILY,
	START,
	END,
	OUTCOME,
	WHY,
	LATENESS,
	CLOCK,
	METRICS,
	FIELDS
};

static const char *const field_names[FIELDS] = {
    [V] = "v",
    [ID] = "id",
    [PLAN] = "plan",
    [TEST] = "test",
    [PROBE] = "probe",
    [SRC] = "src",
    [DST] = "dst",
    [AGENT] = "agent",
    [ADDRESS] = "address",
    [FAMILY] = "family",
    [START] = "start",
    [END] = "end",
    [OUTCOME] = "outcome",
    [WHY] = "why",
    [LATENESS] = "lateness",
    [CLOCK] = "clock",
    [METRICS] = "metrics",
};

/* The members of a record or a finding, looked up once; NULL where there is
 * none. */
struct fields {
	const struct tree_node *at[FIELDS];
};

static int
text(const struct fields *fields, enum field field, const char **value,
    struct error *err)
{
	return (
	    tree_as_text(fields->at[field], field_names[field], value, err));
}

static int
number(const struct fields *fields, enum field field, double *value,
    struct error *err)
{
	return (
	    tree_as_number(fields->at[field], field_names[field], value, err));
}

static int
whole(const struct fields *fields, enum field field, int64_t *value,
    struct error *err)
{
	return (
	    tree_as_whole(fields->at[field], field_names[field], value, err));
}

static int
check_name(const struct fields *fields, enum field field,
    bool (*valid)(const char *), const char **name, struct error *err)
{
	if (text(fields, field, name, err) != 0)
		return (-1);
	if (!valid(*name))
		return (error_set(err, "member \"%s\": \"%.80s\", expected %s",
		    field_names[field], *name, name_rule));
	return (0);
}

static int
check_identity(
    const struct fields *fields, struct record_id *id, struct error *err)
{
	const char *said, *agent;
	int64_t version;

	if (whole(fields, V, &version, err) != 0)
		return (-1);
	if (version != 1)
		return (error_set(
		    err, "member \"v\": %" PRId64 ", expected 1", version));
	if (text(fields, ID, &said, err) != 0 ||
	    record_id_parse(said, id, err) != 0 ||
	    check_name(fields, AGENT, name_valid, &agent, err) != 0)
		return (-1);
	if (strcmp(id->box, agent) != 0)
		return (error_set(err,
		    "id \"%s\": record for another agent, expected one of %s",
		    said, agent));
	return (0);
}

/* What was measured and between whom; a gap has none of it. */
static int
check_subject(const struct fields *fields, struct error *err)
{
	const char *agent = fields->at[AGENT]->text;
	const char *test, *src, *dst, *probe;

	if (check_name(fields, TEST, name_valid, &test, err) != 0 ||
	    check_name(fields, SRC, name_valid_target, &src, err) != 0 ||
	    check_name(fields, DST, name_valid_target, &dst, err) != 0 ||
	    text(fields, PROBE, &probe, err) != 0)
		return (-1);
	if (!metric_name_valid(probe))
		return (error_set(err,
		    "member \"probe\": \"%.80s\", expected a probe's name",
		    probe));
	if (strcmp(agent, src) != 0 && strcmp(agent, dst) != 0)
		return (error_set(err,
		    "member \"agent\": %s, expected the src or the dst",
		    agent));
	return (0);
}

static int
check_no_subject(const struct fields *fields, struct error *err)
{
	static const enum field none[] = {TEST, SRC, DST, METRICS};

	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		if (fields->at[none[i]] != NULL)
			return (error_set(err,
			    "member \"%s\": expected none in a gap",
			    field_names[none[i]]));
	return (0);
}

static int
check_time(const struct fields *fields, enum field field, double least,
    double most, double *time, struct error *err)
{
	if (number(fields, field, time, err) != 0)
		return (-1);
	if (!(*time >= least && *time <= most))
		return (error_set(err,
		    "member \"%s\": %.3f, expected Unix seconds from %.3f to "
		    "%.3f",
		    field_names[field], *time, least, most));
	return (0);
}

static int
check_times(const struct fields *fields, double least, double most, double *end,
    struct error *err)
{
	double start, lateness;

	if (check_time(fields, START, least, most, &start, err) != 0 ||
	    check_time(fields, END, start, most, end, err) != 0)
		return (-1);
	if (fields->at[LATENESS] != NULL)
		return (number(fields, LATENESS, &lateness, err));
	return (0);
}

/* Both may be missing: a name may not resolve. */
static int
check_address(const struct fields *fields, struct error *err)
{
	uint8_t address[sizeof(struct in6_addr)];
	int64_t family = 0;
	const char *said;

	if (fields->at[FAMILY] != NULL &&
	    (whole(fields, FAMILY, &family, NULL) != 0 ||
		(family != 4 && family != 6)))
		return (error_set(err, "member \"family\": expected 4 or 6"));
	if (fields->at[ADDRESS] == NULL)
		return (0);
	if (text(fields, ADDRESS, &said, err) != 0)
		return (-1);
	if (family == 0)
		return (error_set(
		    err, "member \"family\": missing, expected 4 or 6"));
	if (inet_pton(family == 4 ? AF_INET : AF_INET6, said, address) != 1)
		return (error_set(err,
		    "member \"address\": \"%.80s\", expected one of IPv%d",
		    said, (int)family));
	return (0);
}

static int
check_clock_end(
    const struct tree_node *clock, const char *end, struct error *err)
{
	const struct tree_node *state;
	const char *source;
	double error;

	if (tree_get(clock, end) == NULL)
		return (0);
	if (tree_object(clock, end, &state, err) != 0 ||
	    tree_text(state, "source", &source, err) != 0)
		return (-1);
	if (tree_get(state, "error") == NULL)
		return (0);
	if (tree_number(state, "error", &error, err) != 0)
		return (-1);
	if (!(error >= 0))
		return (error_set(err,
		    "member \"error\": %g, expected seconds from 0", error));
	return (0);
}

static int
check_clock(const struct fields *fields, struct error *err)
{
	const struct tree_node *clock = fields->at[CLOCK];
	const char *stamps;

	if (clock == NULL)
		return (0);
	if (tree_as_object(clock, "clock", err) != 0)
		return (-1);
	if (check_clock_end(clock, "src", err) != 0 ||
	    check_clock_end(clock, "dst", err) != 0)
		return (error_place(err, "member \"clock\""));
	if (tree_get(clock, "stamps") != NULL &&
	    tree_text(clock, "stamps", &stamps, err) != 0)
		return (error_place(err, "member \"clock\""));
	return (0);
}

static int
check_outcome(
    const struct fields *fields, enum outcome *outcome, struct error *err)
{
	const char *said, *why;

	if (text(fields, OUTCOME, &said, err) != 0)
		return (-1);
	if (outcome_find(said, outcome) != 0)
		return (error_set(err,
		    "member \"outcome\": \"%.80s\", expected measured, "
		    "no-answer, failed, skipped, gap or stated",
		    said));
	if (fields->at[WHY] != NULL)
		return (text(fields, WHY, &why, err));
	return (0);
}

static int
check_plan(const struct fields *fields, struct error *err)
{
	int64_t plan;

	if (fields->at[PLAN] == NULL)
		return (0);
	if (whole(fields, PLAN, &plan, err) != 0)
		return (-1);
	if (plan < 0)
		return (error_set(err,
		    "member \"plan\": %" PRId64 ", expected a revision", plan));
	return (0);
}

int
record_check_tree(const struct tree_node *record, double now,
    struct record_id *id, double *end, struct error *err)
{
	enum outcome outcome;
	struct fields fields;

	if (record == NULL || record->kind != TREE_OBJECT)
		return (error_set(err, "record: expected an object"));
	tree_pick(record, field_names, FIELDS, fields.at);
	if (check_identity(&fields, id, err) != 0 ||
	    check_outcome(&fields, &outcome, err) != 0 ||
	    check_times(
		&fields, (double)RECORD_EARLIEST, now + AHEAD, end, err) != 0 ||
	    check_plan(&fields, err) != 0)
		return (-1);
	if (outcome == OUTCOME_GAP)
		return (check_no_subject(&fields, err));
	if (check_subject(&fields, err) != 0 ||
	    check_address(&fields, err) != 0 || check_clock(&fields, err) != 0)
		return (-1);
	return (record_check_metrics(fields.at[METRICS], err));
}

int
record_check_finding_tree(
    const struct tree_node *finding, double now, struct error *err)
{
	enum outcome outcome;
	struct fields fields;
	double end;

	tree_pick(finding, field_names, FIELDS, fields.at);
	if (check_outcome(&fields, &outcome, err) != 0)
		return (-1);
	if (outcome == OUTCOME_GAP || outcome == OUTCOME_STATED)
		return (error_set(err,
		    "member \"outcome\": %s, expected measured, no-answer, "
		    "failed or skipped",
		    outcome_names[outcome]));
	if ((fields.at[FAMILY] == NULL) != (fields.at[ADDRESS] == NULL))
		return (error_set(err,
		    "member \"family\" or \"address\": missing, expected both "
		    "or none"));
	if (check_times(&fields, now - LONG_AGO, now + AHEAD, &end, err) != 0 ||
	    check_address(&fields, err) != 0)
		return (-1);
	return (record_check_metrics(fields.at[METRICS], err));
}

int
record_check(struct json_object *record, double now, struct error *err)
{
	struct tree *tree = tree_new();
	struct record_id id;
	double end;
	int result =
	    record_check_tree(tree_of(tree, record, err), now, &id, &end, err);

	tree_free(tree);
	return (result);
}

int
record_check_finding(struct json_object *finding, double now, struct error *err)
{
	struct tree *tree = tree_new();
	int result =
	    record_check_finding_tree(tree_of(tree, finding, err), now, err);

	tree_free(tree);
	return (result);
}
