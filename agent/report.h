/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report.h - what the agent says of itself: to the collector and on the box.
 */
#ifndef PHAROS_AGENT_REPORT_H
#define PHAROS_AGENT_REPORT_H

#include <stdbool.h>
#include <stdint.h>

struct calibration;
struct json_object;
struct lately;
struct renewal;
struct runs;
struct spool;
struct uplink;
struct watch;

/* All borrowed. */
struct report {
	const char *box, *collector;
	const char *refused;       /* why the last plan was refused, or NULL */
	const char *disk;          /* why the last commit failed, or NULL */
	const uint64_t *outcomes;  /* records by outcome, since the start */
	const struct watch *watch; /* the clock */
	const struct calibration *calibration;
	struct spool *spool;
	struct runs *runs;
	struct uplink *uplink;
	struct renewal *renewal;
	const struct lately *lately; /* the last records */
};

/* Bodies as doc/architecture.md and agent/agent.h have them; new references. A
 * hello without manifests is for a collector that has them. */
struct json_object *report_hello(const struct report *report, bool manifests);
struct json_object *report_status(const struct report *report);

#endif
