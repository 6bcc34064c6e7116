/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/ping.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

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
    {"dscp", OPTION_COUNT, "0", 0, 63, NULL,
	"differentiated services code point of the packets",
	offsetof(struct ping_settings, dscp)},
    {"source", OPTION_TEXT, "", 0, ADDRESS_TEXT - 1, NULL,
	"address of this host to send from; empty: the route's",
	offsetof(struct ping_settings, source)},
    {"interface", OPTION_TEXT, "", 0, 15, NULL,
	"interface to send from; empty: the route's",
	offsetof(struct ping_settings, interface)},
    {"discard-first", OPTION_FLAG, "no", 0, 0, NULL,
	"send one packet more, first, that does not count: it wakes what "
	"sleeps on the way",
	offsetof(struct ping_settings, discard_first)},
    {"pinger-replies", OPTION_COUNT, "0", 0, 65535, NULL,
	"send no more after so many answers, as PingER does; the loss is then "
	"biased, for what is sent depends on what was lost; 0: send all",
	offsetof(struct ping_settings, pinger_replies)},
    {"page", OPTION_TEXT, "", 0, PING_PAGE, NULL,
	"address of a page about the measurement, carried in each packet that "
	"has room for it",
	offsetof(struct ping_settings, page)},
    {"target-ceiling", OPTION_RATE, "1000/s", 0.001, 1000000, NULL,
	"the most packets to one address, of all runs here; what is above "
	"waits its turn",
	offsetof(struct ping_settings, target_ceiling)},
    {"ceiling", OPTION_RATE, "20000/s", 0.001, 10000000, NULL,
	"the most packets of all runs here; what is above waits its turn; "
	"above 100000/s a run of one packet takes the time of its sending "
	"from the program, not from the kernel",
	offsetof(struct ping_settings, ceiling)},
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
	"packets whose answer this host may have dropped itself, or that it "
	"may never have sent"),
    COUNT("lost_unsure", BETTER_LESS,
	"packets lost locally that the path may have lost all the same"),
    COUNT("duplicates", BETTER_LESS,
	"further answers to one packet; behind the last first one they are "
	"waited for ten times the longest round trip, at least 1 ms and at "
	"most 10 ms, or twice the round trip where that is longer"),
    COUNT("reordered", BETTER_LESS,
	"packets received behind a later one (RFC 4737)"),
    COUNT("corrupted", BETTER_LESS, "lost packets whose answer came damaged"),
    {.name = "error",
	.kind = METRIC_TEXT_KIND,
	.help = "what routers, or this host, had against the packets"},
    {.name = "errors",
	.kind = METRIC_DETAIL,
	.help = "each kind of ICMP error: from whom, type, code, how many"},
    {.name = "ttl",
	.kind = METRIC_VALUE,
	.unit = UNIT_COUNT,
	.better = BETTER_NEITHER,
	.merge = MERGE_LAST,
	.help = "hop limit that the last answer had left"},
    {.name = "hops",
	.kind = METRIC_VALUE,
	.unit = UNIT_COUNT,
	.better = BETTER_NEITHER,
	.merge = MERGE_LAST,
	.help = "routers that the last answer passed, if it set out with the "
		"next usual hop limit above: 64, 128 or 255"},
    {.name = "send_late",
	.kind = METRIC_DISTRIBUTION,
	.unit = UNIT_SECONDS,
	.better = BETTER_LESS,
	.help = "how long after their time the packets left; of more than one"},
    {.name = NULL},
};

static const struct manifest about = {
    .name = "ping",
    .version = 2,
    .summary = "round trip time and loss by ICMP echo",
    .runs_at = RUNS_AT_SRC,
    .settings = settings,
    .metrics = metrics,
    .lasts = "count*spacing+timeout",
};

#define SENDER_LOOK 200 /* us, until it is asked again what has left */
#define HEADERS 28      /* bytes: IPv4 and ICMP */

static double
seconds(nanoseconds ns)
{
	return ((double)ns / (double)NS_PER_S);
}

static void
ping_cost(const void *data, struct cost *cost)
{
	const struct ping_settings *s = data;
	int64_t packets = s->count + s->discard_first;

	cost->packets = packets > 1 ? 1 / seconds(s->spacing) : 1;
	cost->bits = cost->packets * 8 * (double)(s->size + HEADERS);
	cost->seconds =
	    (double)(packets - 1) * seconds(s->spacing) + seconds(s->timeout);
}

static int __attribute__((format(printf, 2, 3)))
refuse(struct error *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return (-1);
}

static int
ping_check(const void *data, struct error *err)
{
	const struct ping_settings *s = data;
	struct in6_addr address;

	if (s->source[0] != '\0' &&
	    inet_pton(AF_INET, s->source, &address) != 1 &&
	    inet_pton(AF_INET6, s->source, &address) != 1)
		return (refuse(err,
		    "option source: \"%s\": expected an IPv4 "
		    "or IPv6 address",
		    s->source));
	if (s->pinger_replies > s->count)
		return (refuse(err, "option pinger-replies: expected no more "
				    "than count"));
	return (0);
}

/* Also where nothing has been sent yet: who guesses the identifier may say
 * something, and what is not read comes up again and again. */
static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct ping_socket *it = arg;

	echo_receive(&it->echo);
}

static void
on_flush(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval soon = {.tv_usec = SENDER_LOOK};
	struct ping *ping = arg;
	bool all = true;

	ping->gathered = false;
	for (int i = 0; i < 2; i++)
		if (ping->sockets[i].echo.fd != -1)
			all &= echo_hand_over(&ping->sockets[i].echo);
	ping_keep_up(ping);
	if (!all)
		event_add(ping->flusher, &soon);
}

/* A host may have but one of the two families. */
static void
open_family(struct probe_worker *worker, int family)
{
	struct ping *ping = worker->state;
	struct ping_socket *it = &ping->sockets[ping_index(family)];

	if (echo_open(&it->echo, worker->host, family, &ping->calls,
		&ping->buffer, &it->why) == -1)
		return;
	it->reader = event_new(
	    worker->base, it->echo.fd, EV_READ | EV_PERSIST, on_readable, it);
	event_add(it->reader, NULL);
}

static int
ping_open(struct probe_worker *worker, struct error *err)
{
	struct ping *ping = worker->state;

	ping->host = worker->host;
	ping->calls = ping_calls;
	ping->calls.arg = ping;
	open_family(worker, 4);
	open_family(worker, 6);
	if (ping->sockets[0].echo.fd == -1 && ping->sockets[1].echo.fd == -1)
		return (worker->host->error_set(
		    err, "%s", ping->sockets[0].why.text));
	ping->flusher = event_new(worker->base, -1, 0, on_flush, ping);
	ping_runs_open(&ping->runs);
	return (0);
}

static void
ping_close(struct probe_worker *worker)
{
	struct ping *ping = worker->state;

	for (int i = 0; i < 2; i++) {
		if (ping->sockets[i].reader != NULL)
			event_free(ping->sockets[i].reader);
		echo_close(&ping->sockets[i].echo);
	}
	event_free(ping->flusher);
	ping_runs_close(&ping->runs);
}

const struct probe_ops probe = {
    .abi = PROBE_ABI,
    .size = sizeof(struct probe_ops),
    .about = &about,
    .settings_size = sizeof(struct ping_settings),
    .worker_size = sizeof(struct ping),
    .run_size = sizeof(struct ping_run),
    .check = ping_check,
    .cost = ping_cost,
    .open = ping_open,
    .close = ping_close,
    .start = ping_start,
    .stop = ping_stop,
    .finish = ping_finish,
};
