/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * envelope.h - two clocks' skew and offset, from the least delays between them.
 *
 * Queues only add to a delay, so its lower envelope is what the clocks do. The
 * line below all points with the least sum of distances to them (Moon, Skelly,
 * Towsley 1999) is the edge of their convex hull over their mean time; where
 * delays seldom come near their minimum, least-squares lines through minima of
 * blocks (after Paxson 1998) are surer. Each counts by the error that it shows.
 * A step of a clock, or another path, parts the points; what lies far below all
 * others is left out.
 */
#ifndef PHAROS_COLLECTOR_ENVELOPE_H
#define PHAROS_COLLECTOR_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>

struct envelope_point {
	double at;    /* seconds, since whenever; rising */
	double delay; /* seconds, as the two clocks have it; may be negative */
};

#define ENVELOPE_STEPS 8
#define ENVELOPE_LEAST 8 /* points that say anything */
struct envelope_step {
	double at; /* between which points it was is not known better */
	double by; /* seconds: so much longer is the delay since */
};

struct envelope {
	const char *why;    /* there is nothing to say; NULL: there is */
	double skew, error; /* s/s: the destination's clock gains on the
	                       source's; +- at 95 % */
	double at, least;   /* the line at the middle of the last stretch */
	double from, to;    /* that stretch */
	double span;        /* as it was given */
	size_t points, outliers, step_count;
	struct envelope_step steps[ENVELOPE_STEPS]; /* the first of them */
};
/* span: each point is the least of so many seconds around it; 0: a packet. */
void envelope_fit(const struct envelope_point *points, size_t count,
    double span, struct envelope *envelope);
/* The least delay then, by the line of the last stretch. */
double envelope_least(const struct envelope *envelope, double at);

/* Both directions between two boxes. */
struct envelope_both {
	const char *why;    /* NULL: there is something to say */
	double skew, error; /* of the destination's clock on the source's */
	double at;
	double offset;   /* seconds, destination ahead of source: if the two
	                  minima were equal */
	double bound;    /* whatever they are, it is no further off: half their
	                  sum */
	bool impossible; /* that is negative: a clock was set meanwhile */
	bool crooked;    /* the directions do not mirror each other, so it is
	                    not the clocks alone; error has it in */
};
void envelope_join(const struct envelope *there, const struct envelope *back,
    struct envelope_both *both);

/* For envelope*.c: the fit of points without steps; false: too few. Outliers
 * are moved out of the way, so count falls. */
struct envelope_line {
	double slope, error, at, level;
};
bool envelope_line(
    const struct envelope_point *points, size_t count, struct envelope_line *l);
/* Minima of blocks of about as many points each; how many, at most `most`. */
size_t envelope_blocks(const struct envelope_point *points, size_t count,
    struct envelope_point *blocks, size_t most);
/* Robust line: the median of all slopes. Spread: of points around it. */
double envelope_slope(const struct envelope_point *points, size_t count);
double envelope_median(double *values, size_t count); /* sorts them */

#endif
