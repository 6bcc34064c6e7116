/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>
#include <string.h>

#include "agent/far_end.h"
#include "agent/harvest.h"
#include "agent/hosted.h"
#include "agent/peers.h"
#include "agent/told_clock.h"
#include "common/log.h"
#include "common/name.h"

static void
host_count(struct probe_run *run, const char *metric, int64_t n)
{
	harvest_count(hosted_harvest(run), metric, n);
}

static void
host_sample(struct probe_run *run, const char *metric, nanoseconds value)
{
	harvest_sample(hosted_harvest(run), metric, value);
}

static void
host_merged(
    struct probe_run *run, const char *metric, const struct summary *summary)
{
	harvest_merge(hosted_harvest(run), metric, summary);
}

static void
host_value(struct probe_run *run, const char *metric, double value)
{
	harvest_value(hosted_harvest(run), metric, value);
}

static void
host_text(struct probe_run *run, const char *metric, const char *text)
{
	harvest_text(hosted_harvest(run), metric, text);
}

static void
host_detail(struct probe_run *run, const char *metric, const char *json)
{
	harvest_detail(hosted_harvest(run), metric, json);
}

static const struct probe_peer *
host_peer(struct probe_worker *worker, const char *box)
{
	const struct hosted_by *host =
	    (struct hosted_by *)((char *)worker -
				 offsetof(struct hosted_by, worker));

	if (strcmp(box, NAME_ITSELF) == 0 && worker->box != NULL)
		box = worker->box;
	return (peers_find(host->peers, box));
}

static void
host_note(struct probe_responder *responder, const char *text)
{
	log_info("%s", text);
}

const struct probe_host offer = {
    .abi = PROBE_ABI,
    .size = sizeof(struct probe_host),
    .wall = clock_wall,
    .monotonic = clock_monotonic,
    .count = host_count,
    .sample = host_sample,
    .value = host_value,
    .text = host_text,
    .detail = host_detail,
    .stamps = hosted_stamps,
    .report = hosted_report,
    .done = hosted_done,
    .error_set = error_set,
    .live = hosted_live,
    .clock = told_clock_error,
    .far_clock = hosted_far_clock,
    .peer = host_peer,
    .admit = far_end_admit,
    .release = far_end_release,
    .note = host_note,
    .merged = host_merged,
    .state = far_end_state,
};
