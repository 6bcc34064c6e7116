/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/arrival.h"

#include "common/bundle.h"
#include "common/error.h"
#include "common/tree.h"

int
arrival_read(struct arrival *a, const struct tree_node *json, struct error *err)
{
	const char *outcome;
	double start, end;

	if (tree_number(json, "start", &start, err) == -1 ||
	    tree_number(json, "end", &end, err) == -1 ||
	    tree_text(json, "outcome", &outcome, err) == -1)
		return (-1);
	if (outcome_find(outcome, &a->outcome) == -1)
		return (error_set(err, "member \"outcome\": \"%s\"", outcome));
	a->id = tree_text_or(json, "id", "");
	a->test = tree_text_or(json, "test", "");
	a->src = tree_text_or(json, "src", "");
	a->dst = tree_text_or(json, "dst", "");
	a->agent = tree_text_or(json, "agent", "");
	a->plan = tree_whole_or(json, "plan", 0);
	a->family = (int)tree_whole_or(json, "family", 0);
	a->start = clock_of_seconds(start);
	a->end = clock_of_seconds(end);
	a->metrics = tree_get(json, "metrics");
	return (0);
}

void
arrival_bound_end(struct arrival *a, nanoseconds latest)
{
	if (a->end > latest)
		a->end = latest;
}

bool
arrival_is_finding(enum outcome outcome)
{
	return (outcome == OUTCOME_MEASURED || outcome == OUTCOME_NO_ANSWER);
}

struct bundle *
arrival_bundle(const struct arrival *a, const struct manifest *manifest)
{
	struct bundle *bundle = bundle_new(manifest);

	bundle_add_tree(bundle, a->outcome,
	    arrival_is_finding(a->outcome) || a->outcome == OUTCOME_STATED
		? a->metrics
		: NULL);
	return (bundle);
}
