/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/limits.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/worker.h"
#include "common/memory.h"
#include "common/unit.h"
#include "probes/cost.h"
#include "scheduler/heap.h"

#define IPV6_MORE (20 * 8) /* bits that its header is longer than IPv4's */

const char *const limit_names[LIMIT_COUNT] = {
    [LIMIT_FORBID] = "forbid",
    [LIMIT_QUIET] = "quiet",
    [LIMIT_HEAVY] = "heavy",
    [LIMIT_RUNS] = "runs",
    [LIMIT_PACKETS] = "packets",
    [LIMIT_BANDWIDTH] = "bandwidth",
};

struct limits_pass {
	struct heap_node node; /* first; .when is its end */
	bool counted;          /* it is in the heap and in the sums */
	double packets, bits;
};

struct limits {
	struct limits_rules rules;
	struct heap held; /* passes by their end */
	double packets, bits;
	int64_t runs;
	size_t passes;
	struct limits_pass *heavy; /* the last one that disturbs others */
	nanoseconds heavy_until;
};

struct limits *
limits_new(const struct limits_rules *rules)
{
	struct limits *limits = memory_new(1, sizeof(*limits));

	limits->rules = *rules;
	return (limits);
}

void
limits_free(struct limits *limits)
{
	if (limits == NULL)
		return;
	assert(limits->passes == 0);
	heap_clear(&limits->held);
	free(limits);
}

void
limits_set(struct limits *limits, const struct limits_rules *rules)
{
	limits->rules = *rules;
}

static bool
is_forbidden(const struct limits_rules *rules, const char *probe)
{
	for (size_t i = 0; i < rules->forbidden_count; i++)
		if (strcmp(rules->forbidden[i], probe) == 0)
			return (true);
	return (false);
}

bool
limits_forbid(struct limits *limits, const char *probe, nanoseconds wall,
    struct limits_refusal *refusal)
{
	char text[QUIET_TEXT];
	nanoseconds change;

	if (is_forbidden(&limits->rules, probe)) {
		refusal->limit = LIMIT_FORBID;
		snprintf(refusal->why, sizeof(refusal->why),
		    "limit: %s is forbidden on this box", probe);
		return (true);
	}
	if (quiet_at(&limits->rules.quiet, wall, &change)) {
		refusal->limit = LIMIT_QUIET;
		snprintf(refusal->why, sizeof(refusal->why),
		    "limit: quiet hours, %s",
		    quiet_write(&limits->rules.quiet, text));
		return (true);
	}
	return (false);
}

nanoseconds
limits_change(const struct limits *limits, nanoseconds wall)
{
	nanoseconds change;

	quiet_at(&limits->rules.quiet, wall, &change);
	return (change);
}

static void
take_out(struct limits *limits, struct limits_pass *pass)
{
	heap_remove(&limits->held, &pass->node);
	pass->counted = false;
	limits->packets -= pass->packets;
	limits->bits -= pass->bits;
	if (--limits->runs == 0)
		limits->packets = limits->bits = 0; /* no rounding is kept */
}

/* Those that are over at the latest when the next one starts. */
static void
let_go(struct limits *limits, nanoseconds start)
{
	struct heap_node *first;

	while (
	    (first = heap_first(&limits->held)) != NULL && first->when <= start)
		take_out(limits, (struct limits_pass *)first);
}

static void
too_much(struct limits_refusal *refusal, enum limit limit, enum unit unit,
    double most, double used, double asked)
{
	char a[UNIT_TEXT], b[UNIT_TEXT], c[UNIT_TEXT];

	refusal->limit = limit;
	snprintf(refusal->why, sizeof(refusal->why),
	    "limit: %s: at most %s, %s in use and %s more asked for",
	    limit_names[limit], unit_format(unit, most, a),
	    unit_format(unit, used, b), unit_format(unit, asked, c));
}

static bool
refuses(const struct limits *limits, const struct limits_pass *pass,
    const struct limits_ask *ask, struct limits_refusal *refusal)
{
	const struct limits_rules *rules = &limits->rules;

	if (ask->cost->heavy && limits->heavy != NULL &&
	    limits->heavy_until > ask->start) {
		refusal->limit = LIMIT_HEAVY;
		snprintf(refusal->why, sizeof(refusal->why),
		    "limit: heavy: another one that disturbs the rest runs");
	} else if (limits->runs >= rules->runs) {
		refusal->limit = LIMIT_RUNS;
		snprintf(refusal->why, sizeof(refusal->why),
		    "limit: runs: at most %" PRId64 " at once", rules->runs);
	} else if (limits->packets + pass->packets > rules->packets) {
		too_much(refusal, LIMIT_PACKETS, UNIT_RATE, rules->packets,
		    limits->packets, pass->packets);
	} else if (limits->bits + pass->bits > rules->bandwidth) {
		too_much(refusal, LIMIT_BANDWIDTH, UNIT_BITRATE,
		    rules->bandwidth, limits->bits, pass->bits);
	} else
		return (false);
	return (true);
}

/* What lasts longer than there is time, and WORKER_SLACK, has no end: a peer may
 * ask for any length. */
static nanoseconds
end_of(const struct limits_ask *ask)
{
	double left = clock_seconds(INT64_MAX - WORKER_SLACK - ask->start);

	if (ask->stream || ask->cost->seconds >= left)
		return (INT64_MAX);
	return (ask->start + clock_of_seconds(ask->cost->seconds));
}

/* A run that overruns is cut WORKER_SLACK later: only then it is gone. */
static void
note_heavy(struct limits *limits, struct limits_pass *pass)
{
	limits->heavy = pass;
	limits->heavy_until = pass->node.when == INT64_MAX
				  ? INT64_MAX
				  : pass->node.when + WORKER_SLACK;
}

struct limits_pass *
limits_admit(struct limits *limits, const struct limits_ask *ask,
    struct limits_refusal *refusal)
{
	struct limits_pass pass = {.counted = true,
	    .packets = ask->cost->packets,
	    .bits = ask->cost->bits +
		    (ask->family == 6 ? ask->cost->packets * IPV6_MORE : 0)};
	struct limits_pass *given;

	if (limits_forbid(limits, ask->probe, ask->start, refusal))
		return (NULL);
	let_go(limits, ask->start);
	if (refuses(limits, &pass, ask, refusal))
		return (NULL);
	given = memory_new(1, sizeof(*given));
	*given = pass;
	given->node.when = end_of(ask);
	heap_add(&limits->held, &given->node);
	limits->packets += given->packets;
	limits->bits += given->bits;
	limits->runs++;
	limits->passes++;
	if (ask->cost->heavy)
		note_heavy(limits, given);
	return (given);
}

void
limits_release(struct limits *limits, struct limits_pass *pass)
{
	if (pass == NULL)
		return;
	if (pass->counted)
		take_out(limits, pass);
	if (limits->heavy == pass)
		limits->heavy = NULL;
	limits->passes--;
	free(pass);
}
