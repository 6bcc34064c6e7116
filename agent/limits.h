/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * limits.h - what the site lets measurements use up, whatever the plan says.
 *
 * A run is admitted before it starts, by what its probe says it costs, and holds
 * a pass until it is over; so the sum of what runs never exceeds a limit. Time
 * is handed in.
 *
 * In agent.yaml:
 *
 *   limits: {bandwidth: 100Mbit/s, packets: 10000/s, runs: 5000}
 *   forbid: [throughput]
 *   quiet: {from: 22:00, to: 06:00, zone: Europe/Berlin}
 */
#ifndef PHAROS_AGENT_LIMITS_H
#define PHAROS_AGENT_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/quiet.h"

struct cost;
struct error;
struct limits;
struct limits_pass;
struct yml;

#define LIMITS_FORBIDDEN 32
#define LIMITS_PROBE 16
#define LIMITS_WHY 160
#define LIMITS_TEXT 960

struct limits_rules {
	double bandwidth; /* bit/s */
	double packets;   /* per second */
	int64_t runs;     /* at once */
	struct quiet quiet;
	char forbidden[LIMITS_FORBIDDEN][LIMITS_PROBE];
	size_t forbidden_count;
};

enum limit {
	LIMIT_FORBID,
	LIMIT_QUIET,
	LIMIT_HEAVY, /* of two that disturb others the second one */
	LIMIT_RUNS,
	LIMIT_PACKETS,
	LIMIT_BANDWIDTH,
	LIMIT_COUNT
};
extern const char *const limit_names[LIMIT_COUNT];

struct limits_refusal {
	enum limit limit;
	char why[LIMITS_WHY]; /* for a record */
};

/* The members limits, forbid and quiet of agent.yaml; each may be missing. */
int limits_read(
    struct limits_rules *rules, const struct yml *root, struct error *err);
/* Logs which of those forbidden, in the file of this path, is not installed here,
 * as when its name is misspelt; it stays forbidden. Asks pharos-probe. */
void limits_look(const struct limits_rules *rules, const char *path);
int limits_default(struct limits_rules *rules, struct error *err);
/* The same members as they would be written. */
char *limits_write(
    const struct limits_rules *rules, char text[static LIMITS_TEXT]);
/* "throughput, trace", or "none" */
char *limits_forbidden(
    const struct limits_rules *rules, char text[static LIMITS_TEXT]);

struct limits *limits_new(const struct limits_rules *rules); /* copied */
void limits_free(struct limits *limits); /* no pass may be held; NULL is fine */
/* Counts for what is admitted from now on; what is held stays. */
void limits_set(struct limits *limits, const struct limits_rules *rules);

/* Is there no need to ask what it costs? wall: when it would start. */
bool limits_forbid(struct limits *limits, const char *probe, nanoseconds wall,
    struct limits_refusal *refusal);
/* When quiet hours begin or end next; INT64_MAX: never. */
nanoseconds limits_change(const struct limits *limits, nanoseconds wall);

/* From start on for cost->seconds, or, as a stream, until the pass is given
 * back. Starts may be a moment ahead. NULL, and refusal says why not. */
struct limits_ask {
	const char *probe;
	const struct cost *cost;
	int family; /* 6: its longer header counts */
	nanoseconds start;
	bool stream;
};
struct limits_pass *limits_admit(struct limits *limits,
    const struct limits_ask *ask, struct limits_refusal *refusal);
void limits_release(
    struct limits *limits, struct limits_pass *pass); /* NULL is fine */

#endif
