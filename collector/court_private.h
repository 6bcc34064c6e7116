/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * court_private.h - the parts of a sitting; for court*.c alone.
 */
#ifndef PHAROS_COLLECTOR_COURT_PRIVATE_H
#define PHAROS_COLLECTOR_COURT_PRIVATE_H

#include "collector/court.h"

/* Pairs that are measured in both directions, and what they say. */
struct mesh {
	size_t boxes, count;
	uint32_t *a, *b;
	double *y, *weight;       /* seconds, b ahead of a; what it counts */
	double *round;            /* seconds: the two minima together */
	double *residual;         /* of y, from the joint estimate */
	uint32_t *first, *of_box; /* pairs of box i: of_box[first[i]..] */
	uint32_t *group;          /* by box: the lowest one of it */
	double *offset;           /* by box, to each other within a group */
	double *spread;           /* by box: median distance of its pairs */
	double *doubt;            /* by box: +- of offset at 95 % */
	double middle, upper; /* of all distances: median, 75th percentile */
};

/* Pairs as they come, and a copy of them that is of clocks as they are now. */
struct pairs_past {
	size_t boxes;
	float *round; /* the two minima of a pair together, seconds; 0: none */
};
void pairs_remember(struct pairs_past *past, size_t boxes);
void pairs_forget(struct pairs_past *past);
/* free() it. */
struct court_pair *pairs_now(
    struct pairs_past *past, const struct court_pair *pairs, size_t count);

/* By how much clocks are known to part, for pairs of other times than most. */
struct mesh_rates {
	const double *rate; /* by box, s/s; 0: not known */
	nanoseconds at;     /* what offsets are of */
};
/* The median of the pairs' times; now when there are none. */
nanoseconds mesh_time(
    const struct court_pair *pairs, size_t count, nanoseconds now);
void mesh_make(struct mesh *mesh, size_t boxes, const struct court_pair *pairs,
    size_t count, const struct mesh_rates *rates);
void mesh_clear(struct mesh *mesh);
/* Fills offset and residual, then what follows from them. */
void mesh_solve(struct mesh *mesh);
void mesh_weigh(struct mesh *mesh);
/* Value of this rank, from 0; changes the order. */
double mesh_rank(double *values, size_t count, size_t rank);

/* Where a group's zero is. */
struct vote {
	size_t claims, trust; /* boxes that say something; the largest set */
	bool solid;           /* that is most of them, and there is one such */
	double shift;         /* to add to the mesh's offsets */
	double least, most;   /* shifts that all of them allow */
};
/* By group (its lowest box); trusted: by box. */
void vote_all(const struct mesh *mesh, const struct court_claim *claims,
    struct vote *votes, bool *trusted);

/* Intervals by shortest paths from trusted boxes. Clocks that nobody bounds may
 * have moved since. */
struct bounds {
	double *least, *most;
};
void bounds_find(struct bounds *bounds, size_t boxes,
    const struct court_claim *claims, const bool *trusted,
    const struct court_pair *pairs, size_t count,
    const struct mesh_rates *rates);

/* What is remembered of a box. */
#define PAST_ROWS 32
struct past_row {
	nanoseconds at;
	double offset, error;
	bool bad; /* named, or would have been but for more evidence */
};
struct past {
	struct past_row rows[PAST_ROWS]; /* the oldest first */
	size_t count, stretch;           /* the first since it stepped */
	enum court_verdict named;        /* WRONG, OFF; else FINE */
	nanoseconds since, seen;         /* of that; when it was last so */
	double offset;                   /* then */
	double rate, rate_error;
	struct court_case cases[COURT_CASES]; /* that are over */
	size_t case_count;
};
void past_add(struct past *past, const struct past_row *row);
struct json_object *past_json(const struct past *past);
void past_recall(struct past *past, struct json_object *json);
/* By how much it has moved in one stretch; 0. */
double past_moved(const struct past *past);
/* The oldest one makes room. */
void past_close(struct past *past, const struct court_case *over);
/* Since when is it named so? And what was named and is not, is a case. */
void past_judge(
    struct past *past, struct court_finding *finding, nanoseconds now);

/* The verdict on all boxes of a sitting. */
struct sitting {
	const struct mesh *mesh;
	const struct court_claim *claims;
	const struct vote *votes;
	const bool *trusted;
	const struct bounds *bounds;
	const struct past *pasts;
	struct court_finding *findings;
};
void judge_all(const struct sitting *sitting);

#endif
