/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * court.h - whose clock contradicts the others'?
 *
 * The least delays between a and b, as their clocks have them, are
 *   there = d_ab + o_b - o_a,  back = d_ba + o_a - o_b,  d >= 0 unknown,
 * so y = (there - back) / 2 = o_b - o_a + (d_ab - d_ba) / 2. From all y at once
 * come the offsets of a group of boxes to each other, by least absolute
 * deviations and then Tukey's biweight, so that asymmetric routes do not count.
 * Where the group's zero is, is voted on by what boxes say of themselves: the
 * largest set of claims that can all be true (Marzullo 1984). And whatever the
 * routes are, o_b - o_a <= there: shortest paths from the boxes of that set
 * leave each box an interval, outside of which it cannot be.
 *
 * A box is named when its claim cannot be true beside the majority's (proof),
 * or when nearly all of its pairs show the same offset in opposite directions,
 * no other box shows it, too, and the asymmetry that it would take of all its
 * routes is larger than theirs usually is. Some of its pairs, few pairs, a
 * tie, boxes that are off alike: the mesh cannot tell, and that is the verdict.
 *
 * Minima of an interval in which a clock went wrong are of before it one way, and
 * of after it the other way; those of its last third may be of after it both ways.
 * What a clock does leaves the two of a pair together what they were, and what
 * routes and queues do does not: minima of the last third that differ, and are
 * together what all were before, are taken instead.
 *
 * A difference below what the stamps of the two hosts are off by is none.
 *
 * Pure: time is handed in.
 */
#ifndef PHAROS_COLLECTOR_COURT_H
#define PHAROS_COLLECTOR_COURT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/clock.h"

struct court;
struct json_object;

/* What a box says: its clock is off by at most `error` seconds, and each of its
 * stamps by `host` beside that (agent/calibration.h); 0: not known. */
struct court_claim {
	bool bounded; /* false: it says nothing of its clock */
	double error, host;
};

/* The same pair may be there several times, measured by several tests. */
struct court_pair {
	uint32_t a, b;
	double there, back; /* seconds; NAN: not measured that way */
	/* in the last third of it; NAN: not known, or not the same third */
	double last_there, last_back;
	nanoseconds at; /* middle of the time that the two are of */
	double span;    /* seconds: how long that is */
};

enum court_verdict {
	COURT_FINE,
	COURT_WRONG,       /* it contradicts what it says, or is far off and
	                      says nothing */
	COURT_OFF,         /* apart from the others, as it says it may be */
	COURT_CANNOT_TELL, /* clock or routes, this one or others */
	COURT_UNCHECKED,   /* no pair, or nobody else who says anything */
	COURT_RELATIVE,    /* nobody of its group says anything */
	COURT_VERDICTS
};
extern const char *const court_verdict_names[COURT_VERDICTS];

enum court_reason {
	COURT_AGREES,    /* its pairs and the others' claims */
	COURT_PROOF,     /* no routes whatever explain it */
	COURT_ALL_PAIRS, /* nearly all show the same */
	COURT_MOVES,     /* further than it says, while routes stay */
	COURT_FEW_PAIRS,
	COURT_SOME_PAIRS, /* only some of them show it */
	COURT_ALIKE,      /* another box is off alike: routes, or a server */
	COURT_ROUTES,     /* routes may well be as asymmetric as that */
	COURT_TIE,        /* as many boxes say otherwise */
	COURT_NO_PAIRS,
	COURT_ONLY_CLAIM,
	COURT_NO_CLAIMS,
	COURT_REASONS
};
extern const char *const court_reason_names[COURT_REASONS];

struct court_finding {
	enum court_verdict verdict;
	enum court_reason reason;
	nanoseconds since;  /* WRONG, OFF; 0 */
	uint32_t group;     /* boxes that are tied to each other by pairs */
	double offset;      /* seconds ahead of what the group takes for true;
	                      NAN: not known */
	double error;       /* +-, if routes are about as symmetric as those of
	                      the others */
	double least, most; /* whatever routes are; +-INFINITY */
	double rate, rate_error; /* s/s, +-; NAN: not known yet */
	/* the evidence */
	size_t pairs, peers;  /* measured in both directions; with whom */
	size_t agree;         /* of them show this offset */
	size_t against;       /* show none; the rest neither */
	size_t claims, trust; /* in the group; that can be true at once */
	double spread;        /* seconds: half of its pairs are no further
	                         from the joint estimate */
	double excess;    /* by so much its claim cannot be true, if routes are
	                     symmetric */
	double asymmetry; /* of all its routes, that would explain it */
	double proof;     /* by so much it cannot be, whatever the routes */
};

/* A time when a box was named, and is not any more. */
#define COURT_CASES 8
struct court_case {
	enum court_verdict verdict; /* the last one */
	nanoseconds since, until; /* until: when it was so for the last time */
	double offset;            /* seconds ahead, then */
};

struct court *court_new(size_t boxes);
void court_free(struct court *court); /* NULL is fine */
/* One sitting over what is known now; claims: one of each box. */
void court_sit(struct court *court, nanoseconds now,
    const struct court_claim *claims, const struct court_pair *pairs,
    size_t count);
/* Of the last sitting. */
const struct court_finding *court_finding(
    const struct court *court, size_t box);

/* Cases that are over, the oldest first; their number. */
size_t court_cases(const struct court *court, size_t box,
    struct court_case cases[static COURT_CASES]);

/* What a court remembers of a box, for the one after a restart; new reference.
 * What cannot be read is forgotten. */
struct json_object *court_memory(const struct court *court, size_t box);
void court_recall(struct court *court, size_t box, struct json_object *memory);

#endif
