/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/court.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "collector/court_private.h"
#include "common/memory.h"

const char *const court_verdict_names[COURT_VERDICTS] = {
    [COURT_FINE] = "fine",
    [COURT_WRONG] = "wrong",
    [COURT_OFF] = "off",
    [COURT_CANNOT_TELL] = "cannot-tell",
    [COURT_UNCHECKED] = "unchecked",
    [COURT_RELATIVE] = "relative",
};
const char *const court_reason_names[COURT_REASONS] = {
    [COURT_AGREES] = "agrees",
    [COURT_PROOF] = "proof",
    [COURT_ALL_PAIRS] = "all-pairs",
    [COURT_MOVES] = "moves",
    [COURT_FEW_PAIRS] = "few-pairs",
    [COURT_SOME_PAIRS] = "some-pairs",
    [COURT_ALIKE] = "alike",
    [COURT_ROUTES] = "routes",
    [COURT_TIE] = "tie",
    [COURT_NO_PAIRS] = "no-pairs",
    [COURT_ONLY_CLAIM] = "only-claim",
    [COURT_NO_CLAIMS] = "no-claims",
};

struct court {
	size_t boxes;
	struct past *pasts;
	struct pairs_past pairs;
	struct court_finding *findings;
};

struct court *
court_new(size_t boxes)
{
	struct court *court = memory_new(1, sizeof(*court));

	court->boxes = boxes;
	court->pasts = memory_new(boxes, sizeof(*court->pasts));
	court->findings = memory_new(boxes, sizeof(*court->findings));
	pairs_remember(&court->pairs, boxes);
	for (size_t i = 0; i < boxes; i++) {
		court->pasts[i].rate = court->pasts[i].rate_error = NAN;
		court->findings[i] =
		    (struct court_finding){.verdict = COURT_UNCHECKED,
			.reason = COURT_NO_PAIRS,
			.offset = NAN,
			.error = NAN,
			.rate = NAN,
			.rate_error = NAN,
			.least = -INFINITY,
			.most = INFINITY};
	}
	return (court);
}

void
court_free(struct court *court)
{
	if (court == NULL)
		return;
	free(court->pasts);
	pairs_forget(&court->pairs);
	free(court->findings);
	free(court);
}

const struct court_finding *
court_finding(const struct court *court, size_t box)
{
	return (&court->findings[box]);
}

size_t
court_cases(const struct court *court, size_t box,
    struct court_case cases[static COURT_CASES])
{
	const struct past *past = &court->pasts[box];

	memcpy(cases, past->cases, past->case_count * sizeof(*cases));
	return (past->case_count);
}

struct json_object *
court_memory(const struct court *court, size_t box)
{
	return (past_json(&court->pasts[box]));
}

void
court_recall(struct court *court, size_t box, struct json_object *memory)
{
	past_recall(&court->pasts[box], memory);
}

static double *
rates_of(const struct court *court)
{
	double *rates = memory_new(court->boxes, sizeof(*rates));

	for (size_t i = 0; i < court->boxes; i++) {
		const struct past *past = &court->pasts[i];

		if (!isnan(past->rate) && fabs(past->rate) > past->rate_error)
			rates[i] = past->rate;
	}
	return (rates);
}

/* Where nobody knows whose clock is right, offsets are of no zero. */
static void
remember(struct court *court, const struct sitting *s, nanoseconds at)
{
	for (size_t i = 0; i < court->boxes; i++) {
		const struct vote *vote = &s->votes[s->mesh->group[i]];

		if (isinf(s->mesh->doubt[i]) ||
		    (vote->claims > 0 && !vote->solid))
			continue;
		past_add(&court->pasts[i],
		    &(struct past_row){.at = at,
			.offset = s->mesh->offset[i] + vote->shift,
			.error = s->mesh->doubt[i]});
	}
}

static void
date_verdicts(struct court *court, nanoseconds at, nanoseconds now)
{
	for (size_t i = 0; i < court->boxes; i++) {
		struct past *past = &court->pasts[i];
		struct court_finding *f = &court->findings[i];

		if (past->count > 0 && past->rows[past->count - 1].at == at)
			past->rows[past->count - 1].bad =
			    f->verdict == COURT_WRONG ||
			    f->verdict == COURT_OFF || f->excess > 0;
		past_judge(past, f, now);
	}
}

/* Mesh, vote and bounds are of the sitting; what they leave is in the court. */
static void
hear(struct court *court, const struct court_claim *claims,
    const struct court_pair *pairs, size_t count, const struct mesh *mesh,
    const struct mesh_rates *rates)
{
	struct vote *votes = memory_new(court->boxes, sizeof(*votes));
	bool *trusted = memory_new(court->boxes, sizeof(*trusted));
	struct bounds bounds;
	const struct sitting sitting = {.mesh = mesh,
	    .claims = claims,
	    .votes = votes,
	    .trusted = trusted,
	    .bounds = &bounds,
	    .pasts = court->pasts,
	    .findings = court->findings};

	vote_all(mesh, claims, votes, trusted);
	bounds_find(
	    &bounds, court->boxes, claims, trusted, pairs, count, rates);
	remember(court, &sitting, rates->at);
	judge_all(&sitting);
	free(bounds.least);
	free(bounds.most);
	free(trusted);
	free(votes);
}

void
court_sit(struct court *court, nanoseconds now,
    const struct court_claim *claims, const struct court_pair *heard,
    size_t count)
{
	struct court_pair *pairs = pairs_now(&court->pairs, heard, count);
	double *rate = rates_of(court);
	const struct mesh_rates rates = {rate, mesh_time(pairs, count, now)};
	struct mesh mesh;

	mesh_make(&mesh, court->boxes, pairs, count, &rates);
	mesh_solve(&mesh);
	mesh_weigh(&mesh);
	hear(court, claims, pairs, count, &mesh, &rates);
	date_verdicts(court, rates.at, now);
	mesh_clear(&mesh);
	free(rate);
	free(pairs);
}
