/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * owd_stage.h - the plug-in's two halves and a host for them, in one loop.
 *
 * What is reported is kept: a record for each interval of a stream, and one for
 * the end.
 */
#ifndef PHAROS_TESTS_UNIT_OWD_STAGE_H
#define PHAROS_TESTS_UNIT_OWD_STAGE_H

#include "probes/owd/far.h"
#include "probes/owd/owd.h"
#include "probes/owd/run.h"

#define STAGE_RECORDS 32
#define STAGE_METRICS 40

struct stage_metric {
	const char *name;
	int64_t count;
	double value;
	size_t samples;
	nanoseconds least, most; /* of samples */
	char text[256];
};

struct stage_record {
	struct stage_metric metrics[STAGE_METRICS];
	enum probe_outcome outcome;
	nanoseconds from, to, at; /* at: when it was reported */
	char why[256];
	enum probe_stamp sent_by, received_by;
	bool has_stamps, has_far_clock;
	bool bounded;
	nanoseconds error;
};

struct stage {
	struct event_base *base;
	struct probe_host host;
	struct probe_worker near, away;
	void *states[2]; /* of the workers */
	struct probe_peer near_peer, away_peer;
	bool is_fleet;
	struct far_settings far_settings;
	struct probe_responder responder;
	struct far *far;
	struct owd_settings settings;
	struct probe_run probe;
	struct run run;
	union address target, source;
	bool started, done;
	struct event *timer; /* ends intervals */
	nanoseconds from, to;
	struct stage_record records[STAGE_RECORDS];
	int count; /* that are complete; the next one is being filled */
	int lives;
	char live[256], note[600], *samples;
};
extern struct stage stage;

int stage_make(void **state); /* cmocka's setup: settings of the tables */
int stage_remove(void **state);
void stage_far(void); /* the far end, on any port at first */
void stage_far_off(void);
/* report 0: a run. */
void stage_start(enum manifest_end end, nanoseconds report);
void stage_finish(void);
void stage_again(void); /* what there was is over: for another run */
void stage_run(enum manifest_end end); /* from start to done */
/* NULL: it is not there. */
const struct stage_metric *stage_metric(
    const struct stage_record *record, const char *name);
int64_t stage_count(const struct stage_record *record, const char *name);
const char *stage_text(const struct stage_record *record, const char *name);
const struct stage_record *stage_last(void);
/* All of the run's packets left, or were skipped, and arrived. */
void stage_check_whole(const struct stage_record *r, int64_t packets);

#endif
