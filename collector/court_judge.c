/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The verdicts: what is said of each box, and what it rests on.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "collector/court_private.h"
#include "common/memory.h"

#define USUAL 5.2e-3   /* seconds: routes may well be as asymmetric */
#define COMMON 6.0     /* or so many times what three quarters of pairs show */
#define NEAR 0.3       /* of an offset: as good as the same */
#define NOWHERE 0.25   /* of it: as good as none */
#define PEERS 3        /* and so many who can be trusted make a pattern */
#define FEW 10         /* one pair in so many may be against it */
#define FAR 4.5        /* median distances: an asymmetric route */
#define FAR_LEAST 1e-3 /* seconds */
#define SHARE 3        /* one in so many: not a single route */
#define LOOSE 1e-3     /* seconds: who says nothing may be off */

static double
claim_of(const struct sitting *s, size_t box)
{
	return (s->claims[box].bounded ? s->claims[box].error : 0);
}

static const struct vote *
vote_of(const struct sitting *s, size_t box)
{
	return (&s->votes[s->mesh->group[box]]);
}

/* How far two intervals are apart; 0: they touch. */
static double
gap(double least, double most, double other_least, double other_most)
{
	return (fmax(0, fmax(other_least - most, least - other_most)));
}

static size_t
count_peers(const struct mesh *mesh, size_t box, uint32_t *seen)
{
	size_t peers = 0;

	for (uint32_t k = mesh->first[box]; k < mesh->first[box + 1]; k++) {
		uint32_t pair = mesh->of_box[k];
		uint32_t peer =
		    mesh->a[pair] == box ? mesh->b[pair] : mesh->a[pair];

		peers += seen[peer] != box + 1;
		seen[peer] = (uint32_t)box + 1;
	}
	return (peers);
}

static double
proof_of(const struct sitting *s, size_t box, const struct court_finding *f)
{
	const struct vote *vote = vote_of(s, box);
	double claim = s->claims[box].bounded ? s->claims[box].error : LOOSE;
	size_t least = s->claims[box].bounded ? 3 : 2;

	if (s->trusted[box] || vote->trust < 2 || vote->claims < least ||
	    f->least > f->most)
		return (0);
	return (gap(f->least, f->most, -claim, claim));
}

static double
excess_of(const struct sitting *s, size_t box)
{
	const struct vote *vote = vote_of(s, box);
	double half =
	    claim_of(s, box) + s->claims[box].host + s->mesh->doubt[box];
	double middle = -s->mesh->offset[box];

	if (!vote->solid || s->trusted[box])
		return (0);
	return (gap(middle - half, middle + half, vote->least, vote->most));
}

/* How far it is from the others at least, as pairs have it. */
static double
distance_of(const struct sitting *s, size_t box)
{
	return (fabs(s->findings[box].offset) - s->mesh->doubt[box]);
}

static double
usual_asymmetry(const struct mesh *mesh)
{
	return (fmax(USUAL, COMMON * mesh->upper));
}

/* What is known, before anything is said of it. */
static void
prepare(const struct sitting *s, size_t i, uint32_t *seen)
{
	const struct mesh *mesh = s->mesh;
	const struct vote *vote = vote_of(s, i);
	struct court_finding *f = &s->findings[i];

	*f = (struct court_finding){.verdict = COURT_UNCHECKED,
	    .reason = COURT_NO_PAIRS,
	    .group = mesh->group[i],
	    .pairs = mesh->first[i + 1] - mesh->first[i],
	    .peers = count_peers(mesh, i, seen),
	    .claims = vote->claims,
	    .trust = vote->trust,
	    .spread = mesh->spread[i],
	    .offset = NAN,
	    .error = NAN,
	    .rate = s->pasts[i].rate,
	    .rate_error = s->pasts[i].rate_error,
	    .least = s->bounds->least[i],
	    .most = s->bounds->most[i]};
	if (f->pairs == 0)
		return;
	f->offset = mesh->offset[i] + vote->shift;
	f->error = mesh->doubt[i];
	if (vote->solid)
		f->error += (vote->most - vote->least) / 2;
	f->excess = excess_of(s, i);
	f->proof = proof_of(s, i, f);
	f->asymmetry =
	    2 * (f->excess > 0 ? f->excess : fmax(distance_of(s, i), 0));
}

/* How far three quarters of its group are off at most, as they say they may be:
 * nobody is remarkable for as much. */
static double
usual_offset(const struct sitting *s, size_t box)
{
	double *off = memory_new(s->mesh->boxes, sizeof(*off)), most;
	size_t n = 0;

	for (size_t i = 0; i < s->mesh->boxes; i++)
		if (s->findings[i].pairs > 0 &&
		    s->findings[i].group == s->findings[box].group)
			off[n++] = fabs(s->findings[i].offset);
	most = mesh_rank(off, n, n * 3 / 4);
	free(off);
	return (most);
}

/* Would it take routes more asymmetric than there are? */
static bool
is_beyond_routes(const struct sitting *s, size_t box)
{
	const struct court_finding *f = &s->findings[box];
	double asymmetry = f->asymmetry;

	/* from a claim that is not true it is so far; from none, or from one
	 * that holds, a clock may be as far as others are */
	if (!s->claims[box].bounded || f->excess <= 0)
		asymmetry -= 2 * usual_offset(s, box);
	return (asymmetry > usual_asymmetry(s->mesh));
}

static bool
is_suspect(const struct sitting *s, size_t box)
{
	const struct court_finding *f = &s->findings[box];

	return (f->pairs > 0 && vote_of(s, box)->solid &&
		(f->excess > 0 || f->proof > 0 ||
		    f->asymmetry > usual_asymmetry(s->mesh)));
}

/* Each pair with somebody who is not suspected: what does it alone say? */
static void
ask_pairs(const struct sitting *s, size_t box, const bool *suspects)
{
	const struct mesh *mesh = s->mesh;
	struct court_finding *f = &s->findings[box];

	for (uint32_t k = mesh->first[box]; k < mesh->first[box + 1]; k++) {
		uint32_t pair = mesh->of_box[k];
		bool ahead = mesh->b[pair] == box;
		uint32_t peer = ahead ? mesh->a[pair] : mesh->b[pair];
		double says = s->findings[peer].offset +
			      (ahead ? mesh->y[pair] : -mesh->y[pair]);

		if (suspects[peer])
			continue;
		f->agree += fabs(says - f->offset) < NEAR * fabs(f->offset);
		f->against += fabs(says) < NOWHERE * fabs(f->offset);
	}
}

/* Pairs with others that are suspected say nothing of this one. */
static size_t
count_asked(const struct sitting *s, size_t box, const bool *suspects)
{
	const struct mesh *mesh = s->mesh;
	size_t asked = 0;

	for (uint32_t k = mesh->first[box]; k < mesh->first[box + 1]; k++) {
		uint32_t pair = mesh->of_box[k];

		asked += !suspects[mesh->a[pair] == box ? mesh->b[pair]
							: mesh->a[pair]];
	}
	return (asked);
}

static bool
is_alike(const struct sitting *s, size_t box, const bool *suspects)
{
	const struct court_finding *f = &s->findings[box];

	for (size_t i = 0; i < s->mesh->boxes; i++)
		if (i != box && suspects[i] &&
		    s->findings[i].group == f->group &&
		    fabs(s->findings[i].offset - f->offset) <=
			NEAR * fabs(f->offset))
			return (true);
	return (false);
}

/* Further than its bound then and now allow, while others stay. */
static bool
has_moved(const struct sitting *s, size_t box)
{
	const struct court_finding *f = &s->findings[box];

	return (s->claims[box].bounded && f->trust >= PEERS &&
		past_moved(&s->pasts[box]) >
		    2 * (s->claims[box].error + s->mesh->doubt[box]) + LOOSE);
}

static enum court_reason
reason_of(const struct sitting *s, size_t box, const bool *suspects)
{
	struct court_finding *f = &s->findings[box];
	size_t asked = count_asked(s, box, suspects);

	ask_pairs(s, box, suspects);
	if (f->proof > 0)
		return (COURT_PROOF);
	if (has_moved(s, box))
		return (COURT_MOVES);
	if (f->peers < PEERS || f->trust < PEERS || asked < PEERS)
		return (COURT_FEW_PAIRS);
	if (is_alike(s, box, suspects))
		return (COURT_ALIKE);
	if (2 * f->agree <= asked || FEW * f->against > asked)
		return (COURT_SOME_PAIRS);
	return (is_beyond_routes(s, box) ? COURT_ALL_PAIRS : COURT_ROUTES);
}

static void
judge_suspect(const struct sitting *s, size_t box, const bool *suspects)
{
	struct court_finding *f = &s->findings[box];
	enum court_reason reason = reason_of(s, box, suspects);
	bool sure = reason == COURT_PROOF || reason == COURT_MOVES ||
		    reason == COURT_ALL_PAIRS;

	f->reason = reason;
	if (sure && (reason != COURT_ALL_PAIRS || f->excess > 0))
		f->verdict = COURT_WRONG;
	else if (sure)
		f->verdict = COURT_OFF;
	else if (f->excess > 0)
		f->verdict = COURT_CANNOT_TELL;
	else {
		f->verdict = COURT_FINE;
		f->reason = COURT_AGREES;
	}
}

/* So many of its routes are asymmetric that it might as well be the clock. */
static bool
is_crooked(const struct mesh *mesh, size_t box)
{
	double far = fmax(FAR * mesh->middle, FAR_LEAST);
	size_t pairs = mesh->first[box + 1] - mesh->first[box], found = 0;

	for (uint32_t k = mesh->first[box]; k < mesh->first[box + 1]; k++)
		found += fabs(mesh->residual[mesh->of_box[k]]) > far;
	return (found >= 2 && SHARE * found >= pairs);
}

static void
judge_other(const struct sitting *s, size_t box)
{
	struct court_finding *f = &s->findings[box];
	const struct vote *vote = vote_of(s, box);

	if (f->pairs == 0)
		return;
	if (vote->claims == 0) {
		f->verdict = COURT_RELATIVE;
		f->reason = COURT_NO_CLAIMS;
	} else if (!vote->solid) {
		f->verdict = COURT_CANNOT_TELL;
		f->reason = COURT_TIE;
	} else if (vote->claims == 1 && s->claims[box].bounded) {
		f->reason = COURT_ONLY_CLAIM;
	} else if (is_crooked(s->mesh, box)) {
		f->verdict = COURT_CANNOT_TELL;
		f->reason = COURT_SOME_PAIRS;
	} else {
		f->verdict = COURT_FINE;
		f->reason = COURT_AGREES;
	}
}

void
judge_all(const struct sitting *s)
{
	size_t boxes = s->mesh->boxes;
	uint32_t *seen = memory_new(boxes, sizeof(*seen));
	bool *suspects = memory_new(boxes, sizeof(*suspects));

	for (size_t i = 0; i < boxes; i++)
		prepare(s, i, seen);
	for (size_t i = 0; i < boxes; i++)
		suspects[i] = is_suspect(s, i);
	for (size_t i = 0; i < boxes; i++)
		if (suspects[i])
			judge_suspect(s, i, suspects);
		else
			judge_other(s, i);
	free(seen);
	free(suspects);
}
