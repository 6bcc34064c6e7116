/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owd/owd.h"

#include <math.h>
#include <stddef.h>

#include "probes/owamp/packet.h"
#include "probes/owd/far.h"
#include "probes/owd/outbound.h"
#include "probes/owd/run.h"

#define FIELD(name) offsetof(struct owd_settings, name)

static const char *const distributions[] = {
    [OWD_POISSON] = "poisson", [OWD_FIXED] = "fixed", NULL};

static const struct setting settings[] = {
    {"rate", OPTION_RATE, "2/s", 0.001, 1000000, NULL,
	"packets per second, in the long run", FIELD(rate)},
    {"distribution", OPTION_CHOICE, "poisson", 0, 0, distributions,
	"of the times between packets", FIELD(distribution)},
    {"slots", OPTION_TEXT, "", 0, 511, NULL,
	"times between packets instead, gone through again and again: "
	"exp:TIME, fixed:TIME, by commas; rate is then no more than they are",
	FIELD(slots)},
    {"count", OPTION_COUNT, "100", 1, 100000000, NULL,
	"number of packets, unless it goes on for ever", FIELD(count)},
    {"padding", OPTION_SIZE, "0", 0, 8900, NULL,
	"bytes more in each packet, of random", FIELD(padding)},
    {"dscp", OPTION_COUNT, "0", 0, 63, NULL,
	"differentiated services code point of the packets", FIELD(dscp)},
    {"timeout", OPTION_DURATION, "2s", 0.001, 300, NULL,
	"how long after its sending a packet still counts as received",
	FIELD(timeout)},
    {"source", OPTION_TEXT, "", 0, ADDRESS_TEXT - 1, NULL,
	"address of this host to measure from; empty: the route's",
	FIELD(source)},
    {"control-port", OPTION_COUNT, "861", 1, 65535, NULL,
	"port of the far end's OWAMP-Control", FIELD(control_port)},
    {"test-ports", OPTION_TEXT, "8760-9960", 0, 15, NULL,
	"UDP ports of this host for test packets, of which each stream keeps "
	"its own; empty: any",
	FIELD(test_ports)},
    {"modes", OPTION_TEXT, "", 0, 39, NULL,
	"open, auth, encrypted, by commas: the strongest that the far end has, "
	"too, is taken; empty: all that there is a key for, and open only where "
	"there is none",
	FIELD(modes)},
    {"key-id", OPTION_TEXT, "", 0, MESSAGE_KEY_ID, NULL,
	"name of the key for the far end, unless it is of the same fleet",
	FIELD(key_id)},
    {"keys", OPTION_TEXT, "", 0, 255, NULL,
	"file of keys, a name and a secret on each line; of perfSONAR, with "
	"hexadecimal secrets, if its name ends in .pfs",
	FIELD(keys)},
    {"samples", OPTION_FLAG, "no", 0, 0, NULL,
	"report each packet, too; of many the first 16000", FIELD(samples)},
    {"raw", OPTION_FLAG, "no", 0, 0, NULL,
	"show each packet as owping does in its raw form; where it is quiet "
	"and of one direction, nothing else",
	FIELD(raw)},
    {"fetch", OPTION_TEXT, "", 0, 2 * KEYS_SID, NULL,
	"session of the far end to fetch the results of, 32 hexadecimal "
	"digits; nothing is measured then, and there is only the way to it",
	FIELD(fetch)},
    {NULL},
};

#define COUNT(metric, judged, sentence)                                   \
	{                                                                 \
		.name = metric, .kind = METRIC_COUNT, .unit = UNIT_COUNT, \
		.better = judged, .help = sentence                        \
	}
#define RATIO(metric, of, among, sentence)                                \
	{                                                                 \
		.name = metric, .kind = METRIC_RATIO, .unit = UNIT_RATIO, \
		.better = BETTER_LESS, .part = of, .whole = among,        \
		.help = sentence                                          \
	}
#define VALUE(metric, of, judged, merged, sentence)                 \
	{                                                           \
		.name = metric, .kind = METRIC_VALUE, .unit = of,   \
		.better = judged, .merge = merged, .help = sentence \
	}
#define TIMES(metric, sentence)                                               \
	{                                                                     \
		.name = metric, .kind = METRIC_DISTRIBUTION,                  \
		.unit = UNIT_SECONDS, .better = BETTER_LESS, .help = sentence \
	}

static const struct metric metrics[] = {
    {.name = "delay",
	.kind = METRIC_DISTRIBUTION,
	.unit = UNIT_SECONDS,
	.better = BETTER_LESS,
	.graded = true,
	.edges = {0.005, 0.025, 0.05, 0.1, 0.15},
	.bound = "bound",
	.unbounded = "unbounded",
	.help = "one-way delay of the packets received (RFC 7679), as the "
		"clocks have it"},
    VALUE("delay_last", UNIT_SECONDS, BETTER_LESS, MERGE_LAST,
	"the least delay in the last third of a stream's interval: what a "
	"clock does shows in it before it does in the least of all"),
    {.name = "loss",
	.kind = METRIC_RATIO,
	.unit = UNIT_RATIO,
	.better = BETTER_LESS,
	.part = "lost",
	.whole = "sent",
	.graded = true,
	.edges = {0.001, 0.01, 0.025, 0.05, 0.12},
	.help = "share of the packets sent that were lost (RFC 7680)"},
    COUNT("sent", BETTER_NEITHER, "packets that left the sending host"),
    COUNT("received", BETTER_MORE, "packets that arrived in time"),
    COUNT("lost", BETTER_LESS,
	"packets that did not arrive in time, late ones included"),
    COUNT("late", BETTER_LESS,
	"lost packets that arrived after the timeout, until the report"),
    COUNT("early", BETTER_LESS,
	"received packets that came before they were sent, by more than the "
	"timeout: the clocks are that far apart"),
    COUNT("lost_locally", BETTER_LESS,
	"packets dropped by the two hosts, or that may have been"),
    COUNT("lost_unsure", BETTER_LESS,
	"packets lost locally that the path may have lost all the same"),
    COUNT("skipped", BETTER_LESS,
	"packets that were never sent: it was too late for them, or their host "
	"refused"),
    RATIO("duplication", "duplicates", "received",
	"further copies of a packet received (RFC 5560)"),
    COUNT("duplicates", BETTER_LESS, "further copies of packets (RFC 5560)"),
    COUNT("replicated", BETTER_LESS,
	"packets received that there were copies of (RFC 5560)"),
    RATIO("reordering", "reordered", "received",
	"share of the packets received that came behind a later one (RFC "
	"4737)"),
    COUNT("reordered", BETTER_LESS,
	"packets received behind a later one (RFC 4737)"),
    COUNT("reordered_3", BETTER_LESS,
	"packets received behind at least three later ones, which TCP takes "
	"for lost (RFC 4737)"),
    COUNT("loss_periods", BETTER_LESS, "runs of lost packets (RFC 3357)"),
    COUNT("loss_near", BETTER_LESS,
	"losses at most 99 packets behind another one (RFC 3357)"),
    VALUE("loss_longest", UNIT_COUNT, BETTER_LESS, MERGE_MAX,
	"packets of the longest run of lost ones"),
    TIMES("ipdv",
	"delay of a packet less that of the one sent before it (RFC 3393)"),
    VALUE("pdv", UNIT_SECONDS, BETTER_LESS, MERGE_MAX,
	"99.9 % of the delays are at most so much above the least (RFC 5481)"),
    VALUE("bound", UNIT_SECONDS, BETTER_LESS, MERGE_MAX,
	"how far a delay may be off at most: both clocks and both stamps (RFC "
	"7679 section 3.7)"),
    COUNT("unbounded", BETTER_LESS,
	"delays that may be off by anything: nobody keeps one of the clocks "
	"right"),
    TIMES("lateness", "how long after their time the packets left"),
    VALUE("a2", UNIT_NONE, BETTER_LESS, MERGE_LAST,
	"Anderson-Darling statistic of the last 128 times between packets that "
	"were to be exponential: 5 % of honest ones exceed 2.492"),
    VALUE("hops", UNIT_COUNT, BETTER_NEITHER, MERGE_LAST,
	"routers that the last packet passed"),
    VALUE("hops_most", UNIT_COUNT, BETTER_NEITHER, MERGE_MAX,
	"the most routers that one passed"),
    COUNT("unstamped", BETTER_NEITHER,
	"packets received whose time of sending is a program's, not a "
	"kernel's"),
    COUNT("stray", BETTER_LESS,
	"packets that came when nobody waited for them any more, or yet"),
    COUNT("malformed", BETTER_LESS,
	"arrivals that are no test packets of the session"),
    COUNT("forged", BETTER_LESS, "test packets with a signature that is wrong"),
    {.name = "open",
	.kind = METRIC_SIDES,
	.help = "what only one end knows, since the sender's word did not come "
		"in time: what was sent and lost is known where both are"},
    {.name = "session",
	.kind = METRIC_TEXT_KIND,
	.help = "name of the session whose results the far end keeps for a "
		"while, to be fetched"},
    {.name = "error",
	.kind = METRIC_TEXT_KIND,
	.help = "why there are no numbers, or what is wrong with them"},
    {.name = "samples",
	.kind = METRIC_DETAIL,
	.help =
	    "each packet: number in its session, time of sending, delay, hop "
	    "limit; cut where there are too many for a record"},
    {.name = NULL},
};

static const struct manifest about = {
    .name = "owd",
    .version = 3,
    .summary = "one-way delay and loss by OWAMP",
    .runs_at = RUNS_AT_DST,
    .either = true,
    .calibrates = "{\"rate\":1,\"timeout\":1}",
    .to_only = "fetch",
    .shows = "samples raw",
    .streams = true,
    .settings = settings,
    .responder_settings = far_table,
    .metrics = metrics,
    .lasts = "count/rate*2+timeout*2+30",
    .reports = "timeout+27",
};

#define HEADERS 28 /* bytes: IPv4 and UDP */

/* A stream's report, and a run from connecting to fetching. */
static double
seconds_of(const struct owd_settings *s, double mean)
{
	nanoseconds report = s->timeout + RUN_PATIENCE + NS_PER_S;
	double run = OWD_LONGER * (double)s->count * mean +
		     clock_seconds(2 * s->timeout + 2 * OWD_SETUP);

	return (fmax(clock_seconds(report), run));
}

static void
owd_cost(const void *data, struct cost *cost)
{
	const struct owd_settings *s = data;
	struct slot slots[OWD_SLOTS];
	double mean = 1 / s->rate;
	uint32_t count;

	if (wish_slots(s, slots, &count, NULL) == 0)
		mean = wish_mean(slots, count);
	cost->packets = 1 / mean;
	cost->bits =
	    cost->packets * 8 * (double)(PACKET_SECURE + s->padding + HEADERS);
	cost->seconds = seconds_of(s, mean);
}

static int
check_slots(const struct owd_settings *s, struct error *err)
{
	struct slot slots[OWD_SLOTS];
	uint32_t count;

	if (wish_slots(s, slots, &count, err) == -1)
		return (-1);
	if (wish_mean(slots, count) > 1.01 / s->rate)
		return (error_set(err,
		    "option slots: a packet each %g s, expected no fewer than "
		    "rate says, %g/s: set rate to %g/s or less",
		    wish_mean(slots, count), s->rate,
		    1 / wish_mean(slots, count)));
	return (0);
}

static int
owd_check(const void *data, struct error *err)
{
	const struct owd_settings *s = data;
	uint8_t sid[KEYS_SID];
	union address address;
	uint16_t least, most;
	uint32_t modes;

	if (check_slots(s, err) == -1 || wish_modes(s, &modes, err) == -1 ||
	    wish_ports(s, &least, &most, err) == -1)
		return (-1);
	if (s->source[0] != '\0' && !address_parse(s->source, 0, &address))
		return (error_set(err,
		    "option source: \"%s\": expected an IPv4 or IPv6 address",
		    s->source));
	if (s->fetch[0] != '\0' && !wish_fetch(s, sid))
		return (error_set(err,
		    "option fetch: \"%s\": expected 32 hexadecimal digits",
		    s->fetch));
	if ((s->key_id[0] == '\0') != (s->keys[0] == '\0'))
		return (error_set(
		    err, "options key-id, keys: expected both or neither"));
	return (0);
}

/* The far end, where there is one: for it has to know of changes. */
struct owd {
	struct far *far;
};

static int
owd_respond(struct probe_responder *responder, struct error *err)
{
	struct owd *owd = responder->worker->state;

	if (far_respond(responder, err) == -1)
		return (-1);
	owd->far = *(struct far **)responder->state;
	return (0);
}

static void
owd_respond_stop(struct probe_responder *responder)
{
	struct owd *owd = responder->worker->state;

	owd->far = NULL;
	far_respond_stop(responder);
}

static void
owd_peers_changed(struct probe_worker *worker)
{
	struct owd *owd = worker->state;

	if (owd->far != NULL)
		far_peers_changed(owd->far);
}

const struct probe_ops probe = {
    .abi = PROBE_ABI,
    .size = sizeof(struct probe_ops),
    .about = &about,
    .settings_size = sizeof(struct owd_settings),
    .responder_settings_size = sizeof(struct far_settings),
    .worker_size = sizeof(struct owd),
    .run_size = sizeof(struct run),
    .responder_size = sizeof(struct far *),
    .check = owd_check,
    .cost = owd_cost,
    .start = owd_start,
    .stop = owd_stop,
    .respond = owd_respond,
    .respond_stop = owd_respond_stop,
    .finish = owd_finish,
    .interval = owd_interval,
    .peers_changed = owd_peers_changed,
};
