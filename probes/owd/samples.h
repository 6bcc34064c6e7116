/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * samples.h - each packet of a run, or of an interval of a stream, for its record.
 *
 *   {"packets":[[number, when it was sent, delay, hop limit],...],"cut":true}
 *
 * A packet that was lost has no delay, and one whose hop limit is not known none.
 * A record has its limit: of more than SAMPLES_MOST packets it is the first ones,
 * and "cut" says so.
 */
#ifndef PHAROS_PROBES_OWD_SAMPLES_H
#define PHAROS_PROBES_OWD_SAMPLES_H

#include <stddef.h>

#include "probes/owamp/message.h"
#include "probes/probe.h"

#define SAMPLES_MOST 16000

struct samples { /* of zeros: empty */
	char *json;
	size_t length, room;
	uint32_t count;
	bool cut;
};

void samples_clear(struct samples *samples); /* frees what it holds */
/* One packet more; received 0: it was lost. False: there is no room for it. */
bool samples_add(struct samples *samples, const struct message_record *record);
/* They become the run's metric, also when there are none. */
void samples_give(struct samples *samples, struct probe_run *run);

#endif
