/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "probes/ping.h"

#define LIVE_TEXT 256

bool
ping_watched(const struct ping_run *run)
{
	const struct probe_host *host = run->probe->worker->host;

	/* an older host does not have it */
	return (host->size > offsetof(struct probe_host, live) &&
		run->probe->watched);
}

void
ping_live(struct ping_run *run, uint32_t packet, const char *fmt, ...)
{
	char text[LIVE_TEXT], what[LIVE_TEXT - 16];
	va_list ap;

	if (!ping_watched(run) || packet < run->tally.first)
		return;
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	snprintf(
	    text, sizeof(text), "%u: %s", packet + 1 - run->tally.first, what);
	run->probe->worker->host->live(run->probe, text);
}

void
ping_live_trip(struct ping_run *run, uint32_t packet, nanoseconds rtt)
{
	double shown = (double)rtt;
	const char *unit = "ns";

	if (rtt >= NS_PER_S) {
		shown /= (double)NS_PER_S;
		unit = "s";
	} else if (rtt >= NS_PER_MS) {
		shown /= (double)NS_PER_MS;
		unit = "ms";
	} else if (rtt >= NS_PER_US) {
		shown /= (double)NS_PER_US;
		unit = "us";
	}
	if (run->ttl > 0)
		ping_live(run, packet, "rtt %.*f %s, ttl %d",
		    shown < 10    ? 2
		    : shown < 100 ? 1
				  : 0,
		    shown, unit, run->ttl);
	else
		ping_live(run, packet, "rtt %.*f %s",
		    shown < 10    ? 2
		    : shown < 100 ? 1
				  : 0,
		    shown, unit);
}

/* Behind those that have been sent nobody has been silent yet. */
static uint32_t
asked(const struct ping_run *run)
{
	return (run->next - run->waiting);
}

void
ping_live_silence(struct ping_run *run)
{
	struct ping *ping = run->probe->worker->state;

	while (ping_watched(run) && run->told < asked(run)) {
		nanoseconds until = tally_open_until(&run->tally, run->told);

		if (until > ping->host->monotonic())
			return;
		if (until != 0 && ping->drained < until) {
			ping_drain(ping); /* it may have come */
			continue;
		}
		if (until != 0)
			ping_live(run, run->told, "no answer");
		run->told++;
	}
}

nanoseconds
ping_live_next(const struct ping_run *run, nanoseconds at)
{
	if (!ping_watched(run))
		return (at);
	for (uint32_t i = run->told; i < asked(run); i++) {
		nanoseconds until = tally_open_until(&run->tally, i);

		if (until != 0)
			return (until < at ? until : at);
	}
	return (at);
}
