/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/record.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include "common/error.h"
#include "common/metric.h"
#include "common/name.h"
#include "common/tree.h"

#define EARLIEST 1577836800.0         /* 2020-01-01 */
#define AHEAD 86400.0                 /* seconds a clock may be fast */
#define LONG_AGO (30 * 86400.0)       /* no run takes so long */
#define COUNT_MOST (INT64_C(1) << 53) /* what every JSON reader keeps */

static int
check_name(const struct tree_node *record, const char *name,
    bool (*valid)(const char *), struct error *err)
{
	const char *text;

	if (tree_text(record, name, &text, err) != 0)
		return (-1);
	if (!valid(text))
		return (error_set(err, "member \"%s\": \"%.80s\", expected %s",
		    name, text, name_rule));
	return (0);
}

static int
check_identity(const struct tree_node *record, struct error *err)
{
	struct record_id id;
	const char *text;
	int64_t version;

	if (tree_whole(record, "v", &version, err) != 0)
		return (-1);
	if (version != 1)
		return (error_set(
		    err, "member \"v\": %" PRId64 ", expected 1", version));
	if (tree_text(record, "id", &text, err) != 0 ||
	    record_id_parse(text, &id, err) != 0 ||
	    check_name(record, "agent", name_valid, err) != 0)
		return (-1);
	if (strcmp(id.box, tree_text_or(record, "agent", "")) != 0)
		return (error_set(err,
		    "id \"%s\": record for another agent, expected one of %s",
		    text, tree_text_or(record, "agent", "")));
	return (0);
}

/* What was measured and between whom; a gap has none of it. */
static int
check_subject(const struct tree_node *record, struct error *err)
{
	const char *agent = tree_text_or(record, "agent", "");
	const char *probe;

	if (check_name(record, "test", name_valid, err) != 0 ||
	    check_name(record, "src", name_valid_target, err) != 0 ||
	    check_name(record, "dst", name_valid_target, err) != 0 ||
	    tree_text(record, "probe", &probe, err) != 0)
		return (-1);
	if (!metric_name_valid(probe))
		return (error_set(err,
		    "member \"probe\": \"%.80s\", expected a probe's name",
		    probe));
	if (strcmp(agent, tree_text_or(record, "src", "")) != 0 &&
	    strcmp(agent, tree_text_or(record, "dst", "")) != 0)
		return (error_set(err,
		    "member \"agent\": %s, expected the src or the dst",
		    agent));
	return (0);
}

static int
check_no_subject(const struct tree_node *record, struct error *err)
{
	static const char *const names[] = {"test", "src", "dst", "metrics"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (tree_get(record, names[i]) != NULL)
			return (error_set(err,
			    "member \"%s\": expected none in a gap", names[i]));
	return (0);
}

static int
check_time(const struct tree_node *record, const char *name, double least,
    double most, double *time, struct error *err)
{
	if (tree_number(record, name, time, err) != 0)
		return (-1);
	if (!(*time >= least && *time <= most))
		return (error_set(err,
		    "member \"%s\": %.3f, expected Unix seconds from %.3f to "
		    "%.3f",
		    name, *time, least, most));
	return (0);
}

static int
check_times(const struct tree_node *record, double least, double most,
    struct error *err)
{
	double start, end, lateness;

	if (check_time(record, "start", least, most, &start, err) != 0 ||
	    check_time(record, "end", start, most, &end, err) != 0)
		return (-1);
	if (tree_get(record, "lateness") != NULL)
		return (tree_number(record, "lateness", &lateness, err));
	return (0);
}

/* Both may be missing: a name may not resolve. */
static int
check_address(const struct tree_node *record, struct error *err)
{
	uint8_t address[sizeof(struct in6_addr)];
	int64_t family = tree_whole_or(record, "family", 0);
	const char *text;

	if (tree_get(record, "family") != NULL && family != 4 && family != 6)
		return (error_set(err, "member \"family\": expected 4 or 6"));
	if (tree_get(record, "address") == NULL)
		return (0);
	if (tree_text(record, "address", &text, err) != 0)
		return (-1);
	if (family == 0)
		return (error_set(
		    err, "member \"family\": missing, expected 4 or 6"));
	if (inet_pton(family == 4 ? AF_INET : AF_INET6, text, address) != 1)
		return (error_set(err,
		    "member \"address\": \"%.80s\", expected one of IPv%d",
		    text, (int)family));
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
check_clock(const struct tree_node *record, struct error *err)
{
	const struct tree_node *clock;
	const char *stamps;

	if (tree_get(record, "clock") == NULL)
		return (0);
	if (tree_object(record, "clock", &clock, err) != 0)
		return (-1);
	if (check_clock_end(clock, "src", err) != 0 ||
	    check_clock_end(clock, "dst", err) != 0)
		return (error_place(err, "member \"clock\""));
	if (tree_get(clock, "stamps") != NULL &&
	    tree_text(clock, "stamps", &stamps, err) != 0)
		return (error_place(err, "member \"clock\""));
	return (0);
}

/* The counts that mean the same in every probe. */
enum {
	SENT,
	RECEIVED,
	LOST,
	LOST_LOCALLY,
	LATE,
	CORRUPTED,
	DUPLICATES,
	REORDERED,
	COUNTS
};

static const char *const count_names[COUNTS] = {
    [SENT] = "sent",
    [RECEIVED] = "received",
    [LOST] = "lost",
    [LOST_LOCALLY] = "lost_locally",
    [LATE] = "late",
    [CORRUPTED] = "corrupted",
    [DUPLICATES] = "duplicates",
    [REORDERED] = "reordered",
};

/* -1 in count[] where none is given. */
static int
read_counts(const struct tree_node *metrics, int64_t count[static COUNTS],
    struct error *err)
{
	for (size_t i = 0; i < COUNTS; i++) {
		count[i] = -1;
		if (tree_get(metrics, count_names[i]) == NULL)
			continue;
		if (tree_whole(metrics, count_names[i], &count[i], err) != 0)
			return (-1);
		if (count[i] < 0 || count[i] > COUNT_MOST)
			return (error_set(err,
			    "member \"%s\": %" PRId64
			    ", expected a count from 0",
			    count_names[i], count[i]));
	}
	return (0);
}

static int
check_counts(const struct tree_node *metrics, struct error *err)
{
	int64_t c[COUNTS], parts = 0;

	if (read_counts(metrics, c, err) != 0)
		return (-1);
	if (c[SENT] >= 0 && c[RECEIVED] >= 0 && c[LOST] >= 0 &&
	    c[LOST_LOCALLY] >= 0 &&
	    c[SENT] != c[RECEIVED] + c[LOST] + c[LOST_LOCALLY])
		return (error_set(err,
		    "sent %" PRId64 ", received %" PRId64 ", lost %" PRId64
		    ", lost_locally %" PRId64
		    ": expected sent to be the sum of the others",
		    c[SENT], c[RECEIVED], c[LOST], c[LOST_LOCALLY]));
	parts += c[LATE] > 0 ? c[LATE] : 0;
	parts += c[CORRUPTED] > 0 ? c[CORRUPTED] : 0;
	if (c[LOST] >= 0 && parts > c[LOST])
		return (error_set(err,
		    "late and corrupted %" PRId64 ", lost %" PRId64
		    ": expected them to be parts of it",
		    parts, c[LOST]));
	return (0);
}

static int
check_metrics(const struct tree_node *record, struct error *err)
{
	const struct tree_node *metrics;

	if (tree_get(record, "metrics") == NULL)
		return (0);
	if (tree_object(record, "metrics", &metrics, err) != 0)
		return (-1);
	for (const struct tree_node *m = metrics->first; m != NULL; m = m->next)
		if (!metric_name_valid(m->name))
			return (error_set(err,
			    "member \"metrics\": \"%.80s\", expected a "
			    "metric's name",
			    m->name));
	if (check_counts(metrics, err) != 0)
		return (error_place(err, "member \"metrics\""));
	return (0);
}

static int
check_outcome(
    const struct tree_node *record, enum outcome *outcome, struct error *err)
{
	const char *text, *why;

	if (tree_text(record, "outcome", &text, err) != 0)
		return (-1);
	if (outcome_find(text, outcome) != 0)
		return (error_set(err,
		    "member \"outcome\": \"%.80s\", expected measured, "
		    "no-answer, failed, skipped, gap or stated",
		    text));
	if (tree_get(record, "why") != NULL)
		return (tree_text(record, "why", &why, err));
	return (0);
}

static int
check_plan(const struct tree_node *record, struct error *err)
{
	int64_t plan;

	if (tree_get(record, "plan") == NULL)
		return (0);
	if (tree_whole(record, "plan", &plan, err) != 0)
		return (-1);
	if (plan < 0)
		return (error_set(err,
		    "member \"plan\": %" PRId64 ", expected a revision", plan));
	return (0);
}

int
record_check_tree(const struct tree_node *record, double now, struct error *err)
{
	enum outcome outcome;

	if (record == NULL || record->kind != TREE_OBJECT)
		return (error_set(err, "record: expected an object"));
	if (check_identity(record, err) != 0 ||
	    check_outcome(record, &outcome, err) != 0 ||
	    check_times(record, EARLIEST, now + AHEAD, err) != 0 ||
	    check_plan(record, err) != 0)
		return (-1);
	if (outcome == OUTCOME_GAP)
		return (check_no_subject(record, err));
	if (check_subject(record, err) != 0 ||
	    check_address(record, err) != 0 || check_clock(record, err) != 0)
		return (-1);
	return (check_metrics(record, err));
}

int
record_check_finding_tree(
    const struct tree_node *finding, double now, struct error *err)
{
	enum outcome outcome;

	if (check_outcome(finding, &outcome, err) != 0)
		return (-1);
	if (outcome == OUTCOME_GAP || outcome == OUTCOME_STATED)
		return (error_set(err,
		    "member \"outcome\": %s, expected measured, no-answer, "
		    "failed or skipped",
		    outcome_names[outcome]));
	if ((tree_get(finding, "family") == NULL) !=
	    (tree_get(finding, "address") == NULL))
		return (error_set(err,
		    "member \"family\" or \"address\": missing, expected both "
		    "or none"));
	if (check_times(finding, now - LONG_AGO, now + AHEAD, err) != 0 ||
	    check_address(finding, err) != 0)
		return (-1);
	return (check_metrics(finding, err));
}

int
record_check(struct json_object *record, double now, struct error *err)
{
	struct tree *tree = tree_new();
	int result = record_check_tree(tree_of(tree, record, err), now, err);

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
