/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/memory.h"
#include "probes/owd/leg_parts.h"

void
leg_news(struct leg *leg, enum leg_state state)
{
	leg->state = state;
	leg->course->news(leg->course->arg);
}

void
leg_set_timer(struct leg *leg, nanoseconds wait)
{
	struct timeval tv = clock_timeval(wait);

	event_add(leg->timer, &tv);
}

void
leg_fail(struct leg *leg, const char *fmt, ...)
{
	char reason[400], text[ADDRESS_TEXT];
	va_list ap;

	if (leg->state == LEG_FAILED || leg->state == LEG_OVER)
		return;
	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	error_set(&leg->trouble, "%s port %d: %s",
	    address_format(&leg->course->peer, text),
	    (int)leg->course->settings->control_port, reason);
	event_del(leg->timer);
	leg_end_session(leg);
	leg_disconnect(leg);
	leg_news(leg, LEG_FAILED);
}

void
leg_sever(struct leg *leg, const char *why)
{
	leg->severed = leg->labelled && leg->catch != NULL;
	leg->came = leg->host->monotonic();
	leg_fail(leg, "%s", why);
	if (leg_goes_on(leg))
		leg->until = INT64_MAX;
}

void
leg_take_begin(struct leg *leg)
{
	if (leg->first != 0)
		return;
	leg->first = ledger_due(leg->ledger, 0);
	ledger_cut(leg->ledger, leg->course->cut);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct leg *leg = arg;

	if (leg->state == LEG_RISING && !leg->ready)
		leg_fail(leg,
		    "no answer within %d s: is TCP to this port let "
		    "through?",
		    (int)(OWD_SETUP / NS_PER_S));
	else if (leg->state == LEG_RISING)
		leg_fail(leg, "the session was not set up within %d s",
		    (int)(OWD_SETUP / NS_PER_S));
	else if (leg->state == LEG_STOPPING && !leg->stopped)
		leg_send_stop(leg);
	else if (leg->course->fetches)
		leg_fail(leg,
		    "no results within %d s: perfSONAR's far end says nothing "
		    "of a session that still runs",
		    (int)(OWD_SETUP / NS_PER_S));
	else
		leg_sever(leg,
		    "the far end did not say how the session ended, or what "
		    "arrived");
}

/* Where it begins so that the first packet is due when the one before would have
 * had another one. Of fixed times all are known; others have no memory. */
static void
follow(struct leg *leg, const struct leg *before)
{
	leg->start = leg->from = before->until;
	ledger_follow(before->ledger, before->until, &leg->start);
}

struct leg *
leg_new(const struct leg_course *course, const struct leg *before)
{
	struct leg *leg = memory_new(1, sizeof(*leg));
	struct error err;

	leg->course = course;
	leg->host = course->run->worker->host;
	if (before != NULL)
		follow(leg, before);
	leg->until = leg->last = INT64_MAX;
	leg->began = leg->host->monotonic();
	leg->timer = evtimer_new(course->run->worker->base, on_timer, leg);
	leg_set_timer(leg, OWD_SETUP);
	if (leg_connect(leg, &err) == -1) {
		leg->our_fault = true;
		leg_fail(leg, "%s", err.text);
	}
	return (leg);
}

bool
leg_share(struct leg *leg, const struct leg *other)
{
	if (other->udp == NULL)
		return (false);
	leg_set_calls(leg);
	leg->udp = other->udp;
	udp_share(leg->udp, &leg->calls);
	return (true);
}

void
leg_free(struct leg *leg)
{
	if (leg == NULL)
		return;
	event_free(leg->timer);
	leg_disconnect(leg);
	leg_close_session(leg);
	free(leg);
}

enum leg_state
leg_state(const struct leg *leg)
{
	return (leg->state);
}

const char *
leg_trouble(const struct leg *leg)
{
	return (leg->trouble.text[0] != '\0' ? leg->trouble.text : NULL);
}

bool
leg_gave(const struct leg *leg)
{
	return (leg->gave);
}

const char *
leg_objection(const struct leg *leg)
{
	return (leg->course->sends && leg->udp != NULL ? udp_trouble(leg->udp)
						       : NULL);
}

bool
leg_is_our_fault(const struct leg *leg)
{
	return (leg->our_fault);
}

const uint8_t *
leg_sid(const struct leg *leg)
{
	return (leg->sid);
}

struct ledger *
leg_ledger(const struct leg *leg)
{
	bool begun = leg->state != LEG_FAILED || leg->course->sends ||
		     leg->course->fetches || leg->first != 0;

	return (begun ? leg->ledger : NULL);
}

bool
leg_goes_on(const struct leg *leg)
{
	return (leg->state == LEG_FAILED && leg->severed &&
		leg->host->monotonic() - leg->came < LEG_SILENCE);
}

nanoseconds
leg_first(const struct leg *leg)
{
	return (leg->first != 0 ? leg->first : INT64_MAX);
}

void
leg_yield(struct leg *leg, nanoseconds until)
{
	if (until < leg->until)
		leg->until = until;
}

nanoseconds
leg_from(const struct leg *leg)
{
	return (leg->from);
}

nanoseconds
leg_until(const struct leg *leg)
{
	return (leg->until);
}

nanoseconds
leg_last(const struct leg *leg)
{
	return (leg->last);
}

/* A receiver is told when the last packet has arrived, or will not any more. */
void
leg_stop(struct leg *leg)
{
	if (leg->state == LEG_RISING)
		leg_fail(leg, "stopped before the session was set up");
	if (leg->state != LEG_RUNNING)
		return;
	leg->state = LEG_STOPPING;
	if (!leg->course->sends) {
		leg_send_stop(leg);
		return;
	}
	leg_end_session(leg);
	leg_set_timer(leg,
	    leg->course->settings->timeout +
		outbound_linger(leg->course->mean, client_states(leg->client)));
}

void
leg_look(struct leg *leg, nanoseconds now)
{
	uint32_t before = leg->drops;
	struct ledger_drops drops = {.since = leg->looked, .now = now};

	if (leg->ledger == NULL || leg->catch == NULL)
		return;
	udp_receive(leg->udp);
	leg->drops = udp_drops(leg->udp);
	drops.packets = leg->drops - before;
	drops.shared = udp_is_shared(leg->udp);
	ledger_dropped(leg->ledger, &drops);
	leg->looked = now;
}

void
leg_refused(struct leg *leg, struct catch_refused *sum)
{
	const struct catch_refused *all;

	if (leg->catch == NULL)
		return;
	all = catch_refused(leg->catch);
	sum->malformed += all->malformed - leg->refused.malformed;
	sum->forged += all->forged - leg->refused.forged;
	sum->beyond += all->beyond - leg->refused.beyond;
	leg->refused = *all;
}
