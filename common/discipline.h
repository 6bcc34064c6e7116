/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * discipline.h - what keeps this host's clock right, and how right it is.
 *
 * A clock is never "synchronised: yes": it has a bound of its error as of an
 * instant, which grows from there on, with the formula that it came by. RFC 2330
 * section 10 has the terms: the offset is this clock less the truth. Without a
 * bound there is no number; an absent bound is never 0.
 */
#ifndef PHAROS_COMMON_DISCIPLINE_H
#define PHAROS_COMMON_DISCIPLINE_H

#include <stdbool.h>

#include "common/clock.h"

struct error;
struct json_object;
struct timex;

/* seconds: where the kernel itself gives up, and a bound says nothing more */
#define DISCIPLINE_MOST 16.0
/* Room for a source's name, a reference, a formula, trouble. */
#define DISCIPLINE_SOURCE 16
#define DISCIPLINE_REFERENCE 64
#define DISCIPLINE_FORMULA 64
#define DISCIPLINE_TROUBLE 200
/* A source that is no measurement but a word of who runs the host, and
 * `reference` its reason: common/vouch.h. */
#define DISCIPLINE_OPERATOR "operator"

enum discipline_leap { /* as on the wire of NTP */
	LEAP_NONE,
	LEAP_INSERT,
	LEAP_DELETE,
	LEAP_UNSYNCHRONISED
};

/* What a bound was made of, seconds; a part that a source does not know is 0. */
struct discipline_parts {
	double offset;     /* this clock less the truth, as the source has it */
	double dispersion; /* that has come together on the way from there */
	double delay;      /* to the root and back */
};

struct discipline_steps { /* since somebody has looked */
	unsigned count;
	double size;      /* of the last, seconds; forward is positive */
	nanoseconds last; /* when it was seen, wall-clock by the clock as set */
};

/* A clock of the host's beside the one that is told of, such as a network card's:
 * nobody says that it is right, but its stamps are off by this. */
struct discipline_card {
	char name[16];        /* "ptp0"; "": there is none */
	double offset, error; /* seconds: it less the host's, and of that */
};

/* Zeroed but for its source, it is a clock of which nothing is known. */
struct discipline {
	/* "chrony", "kernel" (ntpd, and anything else that tells the kernel by
	 * ntp_adjtime), "gps", "ptp", "operator", "none" */
	char source[DISCIPLINE_SOURCE];
	char reference[DISCIPLINE_REFERENCE]; /* it names this; "": nothing */
	int stratum;                          /* 0: it has none */
	enum discipline_leap leap;
	bool held;      /* the source has gone; this is what it said last */
	bool bounded;   /* there is a bound: the error, as of `at` */
	double error;   /* seconds, >= 0 */
	double growth;  /* of it, seconds a second, >= 0 */
	nanoseconds at; /* monotonic */
	char formula[DISCIPLINE_FORMULA]; /* of the error, for people */
	struct discipline_parts parts;
	bool tuned;       /* frequency and skew are known */
	double frequency; /* ppm that it would run fast by, uncorrected */
	double skew;      /* ppm that this may be wrong by, >= 0 */
	int fix;        /* of a satellite receiver: 2, 3 dimensions; 0: none */
	int satellites; /* used for it */
	struct discipline_steps steps;
	struct discipline_card card;
	char clocksource[32]; /* the kernel's: tsc, kvm-clock, xen, ... */
	bool guest;           /* a virtual one */
	double steal; /* share of the processors' time, 0..1; < 0: not known */
	char trouble[DISCIPLINE_TROUBLE]; /* what is wrong and its cure; "" */
};

/* What can be told at once: the host and the kernel's own word. steps and steal
 * are for who looks again and again: common/timekeeper.h. */
void discipline_read(struct discipline *state);
/* The bound of the error at a monotonic instant, seconds, also at one before the
 * state was taken; INFINITY without one, or beyond DISCIPLINE_MOST. */
double discipline_error_at(const struct discipline *state, nanoseconds at);
/* Is it somebody's word and nothing else? */
bool discipline_is_vouched(const struct discipline *state);
/* Whether there is one at that instant. */
bool discipline_bounded_at(const struct discipline *state, nanoseconds at);

/* The answer of ntp_adjtime as the state of a clock; host's members are left
 * alone. The kernel's maximum error is believed while it says synchronised and
 * is below DISCIPLINE_MOST; it grows by 500 ppm there, and so here. */
void discipline_of_kernel(struct discipline *state, const struct timex *kernel,
    int verdict, nanoseconds at);
/* ppm by which the kernel makes the clock run faster than its counter */
double discipline_kernel_rate(const struct timex *kernel);

/* {"source":"chrony","error":0.000012,"clocksource":"tsc","reference":"192.0.2.1",
 * "stratum":2,"leap":"none","age":3.1,"growth":1.2e-6,"formula":"..",
 * "offset":..,"dispersion":..,"delay":..,"frequency":..,"skew":..,"fix":3,
 * "satellites":9,"held":true,"steps":{"count":1,"size":-1.0,"last":..},
 * "card":{"name":"ptp0","offset":..,"error":..},"guest":true,"steal":0.01,
 * "trouble":".."}; base units: frequency and skew are
 * ratios. error is the bound at `now` (monotonic), age how long ago its parts
 * were taken; what is not known is left out. New reference. */
struct json_object *discipline_json(
    const struct discipline *state, nanoseconds now);
/* The same back; now: monotonic, when it was written. Members that are unknown
 * are passed over, those that are known have to be right: numbers that are none
 * or no bounds, names that are no names, are refused. */
int discipline_from_json(struct discipline *state, struct json_object *json,
    nanoseconds now, struct error *err);

extern const char *const discipline_leaps[]; /* ends with NULL */

#endif
