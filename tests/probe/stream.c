/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stream.c - the smallest stream: ticks at a rate, and says how late they were.
 *
 * It sends nothing. As a stream that waits for the last packets of an interval
 * would, it reports `wait` after the interval's end, and keeps what it finds of
 * the next one until then. No tick is ever left out, so those of all intervals add
 * up to the time that it ran; as a run it ticks once.
 */
#include <probes/probe.h>
#include <stddef.h>

#define KEPT 4096

struct settings {
	double rate;
	nanoseconds wait;
	int64_t load;
};

static const struct setting settings[] = {
    {"rate", OPTION_RATE, "10/s", 1, 1000, NULL, "ticks",
	offsetof(struct settings, rate)},
    {"wait", OPTION_DURATION, "0", 0, 2, NULL,
	"how long after an interval its report comes",
	offsetof(struct settings, wait)},
    {"load", OPTION_COUNT, "0", 0, 1000000000, NULL,
	"bits in a second that it is said to cost",
	offsetof(struct settings, load)},
    {NULL},
};

static const struct metric metrics[] = {
    {.name = "ticks",
	.kind = METRIC_COUNT,
	.unit = UNIT_COUNT,
	.better = BETTER_MORE,
	.help = "ticks of the interval"},
    {.name = "lateness",
	.kind = METRIC_DISTRIBUTION,
	.unit = UNIT_SECONDS,
	.better = BETTER_LESS,
	.graded = true,
	.edges = {0.0001, 0.0005, 0.001, 0.005, 0.02},
	.help = "how long after its time a tick came"},
    {.name = NULL},
};

static const struct manifest about = {
    .name = "stream",
    .version = 1,
    .summary = "how late a steady tick of this host is",
    .runs_at = RUNS_AT_SRC,
    .settings = settings,
    .metrics = metrics,
    .lasts = "1+wait",
    .streams = true,
};

struct state {
	struct event *ticker, *reporter;
	nanoseconds due;        /* of the next tick, monotonic */
	nanoseconds from, to;   /* over and not reported; 0: none */
	nanoseconds kept[KEPT]; /* ticks since then */
	size_t kept_count;
};

static const struct probe_host *
host_of(const struct probe_run *run)
{
	return (run->worker->host);
}

static nanoseconds
gap_of(const struct probe_run *run)
{
	const struct settings *s = run->settings;

	return ((nanoseconds)((double)NS_PER_S / s->rate));
}

static void
set(struct event *timer, nanoseconds wait)
{
	struct timeval tv = clock_timeval(wait);

	event_add(timer, &tv);
}

static void
tell(struct probe_run *run, nanoseconds late)
{
	host_of(run)->count(run, "ticks", 1);
	host_of(run)->sample(run, "lateness", late);
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct probe_run *run = arg;
	struct state *state = run->state;
	nanoseconds now = host_of(run)->monotonic();

	for (; state->due <= now; state->due += gap_of(run))
		if (state->to == 0)
			tell(run, now - state->due);
		else if (state->kept_count < KEPT)
			state->kept[state->kept_count++] = now - state->due;
	set(state->ticker, state->due - now);
	if (run->report == 0)
		host_of(run)->done(run, PROBE_MEASURED, NULL);
}

static void
report(struct probe_run *run)
{
	struct state *state = run->state;
	nanoseconds from = state->from, to = state->to;

	if (to == 0)
		return;
	state->to = 0;
	host_of(run)->report(run, PROBE_MEASURED, from, to);
	for (size_t i = 0; i < state->kept_count; i++)
		tell(run, state->kept[i]);
	state->kept_count = 0;
}

static void
on_report(evutil_socket_t fd, short what, void *arg)
{
	report(arg);
}

static void
interval(struct probe_run *run, nanoseconds from, nanoseconds to)
{
	const struct settings *s = run->settings;
	struct state *state = run->state;

	report(run); /* of the one before, should it still be open */
	host_of(run)->count(run, "ticks", 0);
	state->from = from;
	state->to = to;
	if (s->wait > 0)
		set(state->reporter, s->wait);
	else
		report(run);
}

static void
finish(struct probe_run *run)
{
	report(run);
	host_of(run)->count(run, "ticks", 0);
	host_of(run)->done(run, PROBE_MEASURED, NULL);
}

static int
start(struct probe_run *run, struct error *err)
{
	struct state *state = run->state;

	state->ticker = evtimer_new(run->worker->base, on_tick, run);
	state->reporter = evtimer_new(run->worker->base, on_report, run);
	if (state->ticker == NULL || state->reporter == NULL)
		return (host_of(run)->error_set(err, "no timer: %m"));
	state->due = host_of(run)->monotonic() + gap_of(run);
	set(state->ticker, gap_of(run));
	return (0);
}

static void
stop(struct probe_run *run)
{
	struct state *state = run->state;

	if (state->ticker != NULL)
		event_free(state->ticker);
	if (state->reporter != NULL)
		event_free(state->reporter);
}

static void
cost(const void *data, struct cost *cost)
{
	const struct settings *s = data;

	cost->packets = s->rate;
	cost->bits = (double)s->load;
	cost->seconds = 1 + (double)s->wait / (double)NS_PER_S;
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
    .finish = finish,
    .interval = interval,
};
