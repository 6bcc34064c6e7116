/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the zero of a group is: by what most of its boxes say can be true.
 */
#include <math.h>
#include <stdlib.h>

#include "collector/court_private.h"
#include "common/memory.h"

/* Shifts that make a box's claim true. */
struct interval {
	uint32_t group, box;
	double least, most;
};

struct edge {
	uint32_t group;
	double at;
	int step; /* 1: one begins, -1: one ends */
};

static int
compare_edges(const void *x, const void *y)
{
	const struct edge *a = x, *b = y;

	if (a->group != b->group)
		return (a->group < b->group ? -1 : 1);
	if (a->at != b->at)
		return (a->at < b->at ? -1 : 1);
	return (b->step - a->step); /* what touches is together */
}

static struct interval
interval_of(const struct mesh *mesh, const struct court_claim *claims, size_t i)
{
	double half = claims[i].error + claims[i].host + mesh->doubt[i];

	return ((struct interval){mesh->group[i], (uint32_t)i,
	    -mesh->offset[i] - half, -mesh->offset[i] + half});
}

/* Edges of one group: where most intervals are at once. */
static void
count_edges(const struct edge *edges, size_t count, struct vote *vote)
{
	size_t open = 0, places = 0;

	for (size_t i = 0; i < count; i++) {
		open += (size_t)edges[i].step;
		if (edges[i].step < 0 || open < vote->trust)
			continue;
		places = open > vote->trust ? 1 : places + 1;
		if (open > vote->trust) {
			vote->trust = open;
			vote->least = edges[i].at;
			vote->most = edges[i + 1].at;
		}
	}
	vote->claims = count / 2;
	vote->solid = places == 1 && 2 * vote->trust > vote->claims;
}

struct ballot {
	double shift, weight;
};

static int
compare_ballots(const void *x, const void *y)
{
	const struct ballot *a = x, *b = y;

	return ((a->shift > b->shift) - (a->shift < b->shift));
}

/* The weighted median of what those in the set would have. */
static double
shift_of(struct ballot *ballots, size_t count)
{
	double all = 0, so_far = 0;

	qsort(ballots, count, sizeof(*ballots), compare_ballots);
	for (size_t i = 0; i < count; i++)
		all += ballots[i].weight;
	for (size_t i = 0; i < count; i++) {
		so_far += ballots[i].weight;
		if (so_far >= all / 2)
			return (ballots[i].shift);
	}
	return (0);
}

static void
settle(const struct mesh *mesh, const struct court_claim *claims,
    uint32_t group, struct vote *vote, bool *trusted, struct ballot *ballots)
{
	size_t n = 0;

	for (size_t i = group; i < mesh->boxes; i++) {
		struct interval own = interval_of(mesh, claims, i);
		double half = (own.most - own.least) / 2;

		if (own.group != group ||
		    (vote->claims > 0 && !claims[i].bounded))
			continue;
		if (vote->solid &&
		    (own.least > vote->least || own.most < vote->most))
			continue;
		trusted[i] = vote->solid;
		ballots[n++] = (struct ballot){
		    -mesh->offset[i], vote->claims > 0 ? 1 / (half * half) : 1};
	}
	vote->shift = shift_of(ballots, n);
	if (vote->solid)
		vote->shift = fmin(fmax(vote->shift, vote->least), vote->most);
}

static struct edge *
make_edges(
    const struct mesh *mesh, const struct court_claim *claims, size_t *count)
{
	struct edge *edges = memory_new(2 * mesh->boxes + 1, sizeof(*edges));

	*count = 0;
	for (size_t i = 0; i < mesh->boxes; i++) {
		struct interval own = interval_of(mesh, claims, i);

		/* who has no pair has no say */
		if (!claims[i].bounded || isinf(mesh->doubt[i]))
			continue;
		edges[(*count)++] = (struct edge){own.group, own.least, 1};
		edges[(*count)++] = (struct edge){own.group, own.most, -1};
	}
	qsort(edges, *count, sizeof(*edges), compare_edges);
	return (edges);
}

void
vote_all(const struct mesh *mesh, const struct court_claim *claims,
    struct vote *votes, bool *trusted)
{
	struct ballot *room = memory_new(mesh->boxes, sizeof(*room));
	size_t count;
	struct edge *edges = make_edges(mesh, claims, &count);

	for (size_t i = 0, end; i < count; i = end) {
		for (end = i; end < count && edges[end].group == edges[i].group;
		     end++)
			continue;
		count_edges(&edges[i], end - i, &votes[edges[i].group]);
	}
	for (size_t i = 0; i < mesh->boxes; i++)
		if (mesh->group[i] == i && !isinf(mesh->doubt[i]))
			settle(mesh, claims, (uint32_t)i, &votes[i], trusted,
			    room);
	free(edges);
	free(room);
}
