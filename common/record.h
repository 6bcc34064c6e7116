/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * record.h - what one run found: one JSON line, never changed afterwards.
 *
 *   {"v":1,"id":"lon/7f3a9c0123456789/1842","plan":41,"test":"core-ping",
 *    "probe":"ping","src":"nyc","dst":"lon","agent":"nyc",
 *    "address":"198.51.100.7","family":4,"start":1795300000.123456,
 *    "end":1795300001.2,"outcome":"measured","lateness":0.00012,
 *    "clock":{"src":{"source":"kernel","error":0.000009},
 *             "stamps":"user/kernel"},
 *    "metrics":{"sent":10,...}}
 *
 * Times are Unix seconds UTC. "why" says why a run failed or was skipped.
 * Unmeasured is absent. Unknown members are kept as they came. A gap has no
 * test, src, dst or metrics; a failed run may have no address.
 */
#ifndef PHAROS_COMMON_RECORD_H
#define PHAROS_COMMON_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "common/name.h"

struct error;
struct json_object;
struct tree_node;

#define RECORD_MOST (1024 * 1024)           /* bytes of one line */
#define RECORD_EARLIEST INT64_C(1577836800) /* 2020-01-01, Unix seconds */

enum outcome {
	OUTCOME_MEASURED,
	OUTCOME_NO_ANSWER, /* a finding: received = 0, lost > 0 */
	OUTCOME_FAILED,    /* our own fault; says nothing about the path */
	OUTCOME_SKIPPED,   /* refused by a limit, or its time had passed */
	OUTCOME_GAP,       /* the agent was not running; no test, src, dst */
	OUTCOME_STATED,    /* no finding: what this end knows of one that the
	                      other end has without it (sides.h) */
	OUTCOMES
};

extern const char *const outcome_names[OUTCOMES]; /* "measured", "no-answer" */
int outcome_find(const char *name, enum outcome *outcome);

#define EPOCH_TEXT 17 /* 16 hexadecimal digits: 64 random bits */

struct record_id {
	char box[NAME_TEXT];
	char epoch[EPOCH_TEXT];
	uint64_t sequence; /* from 1 within an epoch, 18 digits at most */
};

int record_id_parse(const char *text, struct record_id *id, struct error *err);
/* box/epoch/sequence; the text is the caller's to free */
char *record_id_write(const struct record_id *id);

/* What intake asks of every record: shape, names, times between 2020 and a day
 * ahead of now, end >= start, a known outcome, an id of the agent's and the
 * agent at one of the ends; among the metrics, that the counts which mean the
 * same in every probe (sent, received, lost, lost_locally, late, corrupted,
 * duplicates, reordered) are whole and not negative and add up (sent =
 * received + lost + lost_locally where all are given; late + corrupted <=
 * lost). now in Unix seconds. */
int record_check(struct json_object *record, double now, struct error *err);
/* And of what came in a tree; tells the id and the end of a good one. */
int record_check_tree(const struct tree_node *record, double now,
    struct record_id *id, double *end, struct error *err);
/* The part of it that is a worker's: outcome, why, times, address and metrics;
 * a worker makes no gap. Its clock is ours, right or wrong: no time is more than
 * 30 days back. */
int record_check_finding(
    struct json_object *finding, double now, struct error *err);
int record_check_finding_tree(
    const struct tree_node *finding, double now, struct error *err);

#endif
