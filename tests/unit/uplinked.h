/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * uplinked.h - an agent's uplink, its spool and its collector in one loop.
 *
 * The agent is of box "lon". Whatever fails fails the test.
 */
#ifndef PHAROS_TESTS_UNIT_UPLINKED_H
#define PHAROS_TESTS_UNIT_UPLINKED_H

#include "agent/settings.h"
#include "agent/spool.h"
#include "agent/uplink.h"
#include "tests/unit/uplink_collector.h"

struct world {
	void *folder;
	struct event_base *base;
	struct uplink_collector collector;
	struct agent_settings settings;
	struct spool *spool;
	struct uplink *uplink;
	int delivered, plans_taken; /* calls of the uplink */
	nanoseconds since;          /* set back; 0: not */
};

/* cmocka's setup and teardown; *state is the struct world. */
int uplinked_make(void **state);
int uplinked_remove(void **state);
void uplinked_start(struct world *world);
/* Records of marks 0..count-1, committed. */
void uplinked_fill(struct world *world, int count);
/* The collector has just these, each once and in order. */
void uplinked_expect(struct world *world, size_t count);

#endif
