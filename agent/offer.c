/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/harvest.h"
#include "agent/hosted.h"

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
};
