/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/ping.h"

#include <stddef.h>

static const struct setting settings[] = {
    {"count", OPTION_COUNT, "10", 1, 65535, NULL, "number of packets",
	offsetof(struct ping_settings, count)},
    {"spacing", OPTION_DURATION, "100ms", 0.001, 3600, NULL,
	"time from one packet to the next",
	offsetof(struct ping_settings, spacing)},
    {"size", OPTION_SIZE, "56", ICMP_PAYLOAD_LEAST, ICMP_PAYLOAD_MOST, NULL,
	"bytes behind the ICMP header", offsetof(struct ping_settings, size)},
    {"timeout", OPTION_DURATION, "2s", 0.001, 300, NULL,
	"how long after its request an answer still counts",
	offsetof(struct ping_settings, timeout)},
    {NULL},
};

#define COUNT(metric, judged, sentence)                                   \
	{                                                                 \
		.name = metric, .kind = METRIC_COUNT, .unit = UNIT_COUNT, \
		.better = judged, .help = sentence                        \
	}

static const struct metric metrics[] = {
    {.name = "rtt",
	.kind = METRIC_DISTRIBUTION,
	.unit = UNIT_SECONDS,
	.better = BETTER_LESS,
	.graded = true,
	.edges = {0.01, 0.05, 0.1, 0.2, 0.3},
	.help = "round trip time of the packets received"},
    {.name = "loss",
	.kind = METRIC_RATIO,
	.unit = UNIT_RATIO,
	.better = BETTER_LESS,
	.part = "lost",
	.whole = "sent",
	.graded = true,
	.edges = {0.001, 0.01, 0.025, 0.05, 0.12},
	.help = "share of the packets sent that were lost"},
    COUNT("sent", BETTER_NEITHER, "packets that left this host"),
    COUNT("received", BETTER_MORE, "packets answered whole and in time"),
    COUNT("lost", BETTER_LESS,
	"packets not answered in time, late and corrupted ones included"),
    COUNT("late", BETTER_LESS,
	"lost packets whose answer came after its timeout"),
    COUNT("lost_locally", BETTER_LESS,
	"packets whose answer this host may have dropped itself"),
    COUNT("duplicates", BETTER_LESS, "further answers to one packet"),
    COUNT("reordered", BETTER_LESS,
	"packets received behind a later one (RFC 4737)"),
    COUNT("corrupted", BETTER_LESS, "lost packets whose answer came damaged"),
    {.name = "error",
	.kind = METRIC_TEXT_KIND,
	.help = "what routers, or this host, had against the packets"},
    {.name = NULL},
};

static const struct manifest about = {
    .name = "ping",
    .version = 1,
    .summary = "round trip time and loss by ICMP echo",
    .runs_at = RUNS_AT_SRC,
    .settings = settings,
    .metrics = metrics,
    .lasts = "count*spacing+timeout",
};

#define HEADERS 28 /* bytes: IPv4 and ICMP */

static void
ping_cost(const void *data, struct cost *cost)
{
	const struct ping_settings *s = data;
	double spacing = (double)s->spacing / (double)NS_PER_S;

	cost->packets = s->count > 1 ? 1 / spacing : 1;
	cost->bits = cost->packets * 8 * (double)(s->size + HEADERS);
	cost->seconds = (double)(s->count - 1) * spacing +
			(double)s->timeout / (double)NS_PER_S;
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	ping_drain(arg);
}

/* A host may have but one of the two families. */
static void
open_family(struct probe_worker *worker, int family)
{
	struct ping *ping = worker->state;
	int i = ping_index(family);

	if (echo_open(&ping->echo[i], worker->host, family, &ping->why[i]) ==
	    -1)
		return;
	ping->readers[i] = event_new(worker->base, ping->echo[i].fd,
	    EV_READ | EV_PERSIST, on_readable, ping);
	event_add(ping->readers[i], NULL);
}

static int
ping_open(struct probe_worker *worker, struct error *err)
{
	struct ping *ping = worker->state;

	ping->host = worker->host;
	open_family(worker, 4);
	open_family(worker, 6);
	if (ping->echo[0].fd == -1 && ping->echo[1].fd == -1)
		return (worker->host->error_set(err, "%s", ping->why[0].text));
	return (0);
}

static void
ping_close(struct probe_worker *worker)
{
	struct ping *ping = worker->state;

	for (int i = 0; i < 2; i++) {
		if (ping->readers[i] != NULL)
			event_free(ping->readers[i]);
		echo_close(&ping->echo[i]);
	}
}

const struct probe_ops probe = {
    .abi = PROBE_ABI,
    .size = sizeof(struct probe_ops),
    .about = &about,
    .settings_size = sizeof(struct ping_settings),
    .worker_size = sizeof(struct ping),
    .run_size = sizeof(struct ping_run),
    .cost = ping_cost,
    .open = ping_open,
    .close = ping_close,
    .start = ping_start,
    .stop = ping_stop,
    .finish = ping_finish,
};
