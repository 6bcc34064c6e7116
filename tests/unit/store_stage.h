/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store_stage.h - a store in a process of its own, and the journal it reads.
 *
 * Whatever fails fails the test. The fleet is that of store_shape.h.
 */
#ifndef PHAROS_TESTS_UNIT_STORE_STAGE_H
#define PHAROS_TESTS_UNIT_STORE_STAGE_H

#include <sys/types.h>

#include "collector/bins.h"
#include "collector/settings.h"
#include "common/clock.h"

#define STEP (10 * NS_PER_S) /* of the bins, usually */

struct stage {
	struct collector_settings settings;
	struct journal *journal;
	struct fleet *fleet; /* as the store has it */
	pid_t child;
	int fd;
	char heard[4096]; /* of the store, up to an unfinished line */
	size_t length;
	uint64_t told;     /* the last number it has committed */
	uint64_t released; /* the last that it needs no longer */
	uint64_t sequence; /* of the last record */
	nanoseconds start; /* of the first bin: ten minutes ago */
	nanoseconds ahead; /* the clock that journal entries go by */
};
extern const struct bins_key nyc_lon; /* of test "core", IPv4 */

/* cmocka setup and teardown; *state is a struct stage with the usual fleet and
 * without a store. */
int stage_make(void **state);
int stage_remove(void **state);
/* A file of the collector's state; free() it. */
char *stage_path(const struct stage *stage, const char *file);

void stage_start(struct stage *stage);
/* The parent goes, and the store after it. */
void stage_stop(struct stage *stage);
/* Starts it, and kills it after so many milliseconds. */
void stage_kill(struct stage *stage, int ms);

/* A run; what is 0 or NULL is as usual: of "core", nyc to lon, over IPv4, in
 * plan 1. `received` of ten packets came back after 1, 2, ... ms. */
struct stage_run {
	const char *test, *src, *dst, *outcome;
	nanoseconds start;
	int received, plan, family;
	const char *metrics; /* JSON */
};
void stage_add_run(struct stage *stage, struct stage_run run);
/* The usual one. */
void stage_add(struct stage *stage, nanoseconds start, int received);
void stage_add_line(struct stage *stage, const char *agent, const char *line);
void stage_commit(struct stage *stage);
/* The same, starts the store, and waits until it has committed all. */
void stage_take_in(struct stage *stage);
/* The same with the store that is running. */
void stage_tell(struct stage *stage);
/* A record of now: nothing older is to come from that box. */
void stage_pass_time(struct stage *stage);

/* A line of JSON for the store. */
void stage_say(const struct stage *stage, const char *line);
/* Until the store has committed all there is. */
void stage_until_told(struct stage *stage);
/* Listens to the store until this holds; the test fails when it never does. */
#define STAGE_UNTIL(stage, condition)                                   \
	for (nanoseconds stage_limit = stage_deadline(); !(condition);) \
	stage_wait(stage, stage_limit, #condition)
nanoseconds stage_deadline(void);
void stage_wait(struct stage *stage, nanoseconds deadline, const char *what);

#endif
