/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * court_fleet.h - a fleet with a truth, in virtual time, for the court.
 *
 * Each direction of each pair has its own base delay, two packets a second with
 * jitter and loss, and reports the least delay of each minute, and of the last third
 * of it, as the clocks of its ends have it.
 */
#ifndef PHAROS_TESTS_UNIT_COURT_FLEET_H
#define PHAROS_TESTS_UNIT_COURT_FLEET_H

#include "collector/court.h"
#include "tests/unit/chance.h"

#define COURT_MINUTE (60 * NS_PER_S)
#define MS 1e-3
/* Of most fleets: how many boxes, and the claim in seconds. */
#define BOXES 8
#define CLAIM MS

/* A clock at t seconds is off by offset + rate * t, and from step_at on by step
 * more. */
struct court_clock {
	double offset, rate, step, step_at;
};

struct court_fleet {
	size_t boxes;
	uint64_t seed;
	struct chance chance;
	struct court_clock *clocks;
	struct court_claim *claims;
	double *base; /* by source and destination; NAN: not measured */
	double jitter, loss;
	double queue; /* seconds, of all ways from `queued` in a last third */
	size_t queued;
	struct court *court;
	struct court_pair *pairs;
	size_t pair_count;
	double time; /* seconds */
};

/* Routes of 1 to 100 ms, the same both ways; each clock claims to be within
 * `claim` seconds and is within a third of that. */
struct court_fleet *court_fleet_new(size_t boxes, uint64_t seed, double claim);
void court_fleet_free(struct court_fleet *fleet);
double *court_fleet_base(struct court_fleet *fleet, size_t from, size_t to);
/* Where clocks are off then. */
double court_fleet_truth(
    const struct court_fleet *fleet, size_t box, double time);
/* What the next minute's packets say, without a sitting. */
void court_fleet_measure(struct court_fleet *fleet);
/* A minute of packets, and a sitting at its end. */
void court_fleet_minute(struct court_fleet *fleet);
nanoseconds court_fleet_now(const struct court_fleet *fleet);

/* How many are named, wrong or off; and how many have this verdict. */
size_t court_fleet_named(const struct court_fleet *fleet);
size_t court_fleet_count(
    const struct court_fleet *fleet, enum court_verdict verdict);
/* Fails the test, and says what was found of each box. */
void court_fleet_fail(const struct court_fleet *fleet, const char *why);
/* Or it fails: this box is named, and nobody else; nobody is. */
void court_fleet_expect_named(const struct court_fleet *fleet, size_t box);
void court_fleet_expect_nobody(
    const struct court_fleet *fleet, const char *why);

#endif
