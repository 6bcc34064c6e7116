/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * states.h - what a cell's number is worth.
 *
 * Value, grade and state are three things. Stale is not good: when the box of
 * either end is silent its cells are stale, with their last value, whatever
 * else arrives.
 */
#ifndef PHAROS_COLLECTOR_STATES_H
#define PHAROS_COLLECTOR_STATES_H

#include <stdbool.h>

#include "common/clock.h"
#include "common/record.h"

enum cell_state {
	STATE_OK,
	STATE_STALE,       /* older than its schedule explains */
	STATE_NO_DATA,     /* scheduled, nothing arrived yet */
	STATE_UNREACHABLE, /* probes sent, none answered, sender reports */
	STATE_UNTESTED,    /* not in the schedule, or no common family */
	STATE_MAINT,
	STATE_DISABLED,
	STATE_CLOCK, /* one-way delay that its clocks cannot carry */
	STATE_SELF,
	STATES
};
extern const char *const state_names[STATES]; /* "ok", "no-data", ... */
const char *states_grade(
    int grade); /* "excellent", .. "bad": 0..METRIC_EDGES */
const char *states_label(int grade, bool chinese); /* "very poor" */
const char *states_colour(int grade, bool dark);   /* "#dcf3ec" */

struct state_facts {
	bool self, tested;
	bool silent;          /* a box at either end */
	bool doubted;         /* its clocks cannot carry what was found */
	enum outcome outcome; /* of the last finding */
	nanoseconds finding;  /* its end; 0: none yet */
	nanoseconds stale_after;
};
enum cell_state state_of(const struct state_facts *facts, nanoseconds now);

/* GET /api/v1/scales: the only source of grades, states and colours. */
struct catalog;
struct json_object *states_scales(const struct catalog *catalog);

#endif
