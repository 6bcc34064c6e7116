/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trivial.c - the smallest probe: how late does a timer of this host fire?
 *
 * It sends nothing. It is compiled out of tree against the installed headers,
 * to prove that a probe is one file and that nothing else has to change.
 */
#include <probes/probe.h>
#include <stddef.h>

struct settings {
	int64_t count;
};

static const struct setting settings[] = {
    {"count", OPTION_COUNT, "10", 1, 1000, NULL,
	"number of timers, 10 ms one after the other",
	offsetof(struct settings, count)},
    {NULL},
};

static const struct metric metrics[] = {
    {.name = "wakeups",
	.kind = METRIC_COUNT,
	.unit = UNIT_COUNT,
	.better = BETTER_MORE,
	.help = "timers that fired"},
    {.name = "lateness",
	.kind = METRIC_DISTRIBUTION,
	.unit = UNIT_SECONDS,
	.better = BETTER_LESS,
	.graded = true,
	.edges = {0.0001, 0.0005, 0.001, 0.005, 0.02},
	.help = "how long after its time a timer fired"},
    {.name = "worst",
	.kind = METRIC_VALUE,
	.unit = UNIT_SECONDS,
	.better = BETTER_LESS,
	.merge = MERGE_MAX,
	.help = "the greatest lateness of the run"},
    {.name = NULL},
};

static const struct manifest about = {
    .name = "trivial",
    .version = 1,
    .summary = "how late the timers of this host fire",
    .runs_at = RUNS_AT_SRC,
    .settings = settings,
    .metrics = metrics,
    .lasts = "count*0.01",
};

#define GAP (10 * NS_PER_MS)

struct state {
	struct event *timer;
	nanoseconds due, worst;
	int64_t fired;
};

static void
arm(struct probe_run *run)
{
	struct state *state = run->state;
	const struct timeval tv = {.tv_usec = GAP / NS_PER_US};

	state->due = run->worker->host->monotonic() + GAP;
	event_add(state->timer, &tv);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct probe_run *run = arg;
	const struct settings *s = run->settings;
	const struct probe_host *host = run->worker->host;
	struct state *state = run->state;
	nanoseconds late = host->monotonic() - state->due;

	if (state->fired == 0 || late > state->worst)
		state->worst = late;
	host->sample(run, "lateness", late);
	host->count(run, "wakeups", 1);
	if (++state->fired < s->count) {
		arm(run);
		return;
	}
	host->value(run, "worst", (double)state->worst / (double)NS_PER_S);
	host->stamps(run, STAMP_USER, STAMP_USER);
	host->done(run, PROBE_MEASURED, NULL);
}

static int
start(struct probe_run *run, struct error *err)
{
	struct state *state = run->state;

	state->timer = evtimer_new(run->worker->base, on_timer, run);
	if (state->timer == NULL)
		return (run->worker->host->error_set(err, "no timer: %m"));
	arm(run);
	return (0);
}

static void
stop(struct probe_run *run)
{
	struct state *state = run->state;

	if (state->timer != NULL)
		event_free(state->timer);
}

static void
cost(const void *data, struct cost *cost)
{
	const struct settings *s = data;

	cost->seconds = (double)s->count * 0.01;
}

const struct probe_ops probe = {
    .abi = PROBE_ABI,
    .size = sizeof(struct probe_ops),
    .about = &about,
    .settings_size = sizeof(struct settings),
    .run_size = sizeof(struct state),
    .cost = cost,
    .start = start,
    .stop = stop,
};
