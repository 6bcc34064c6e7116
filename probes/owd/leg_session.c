/* SPDX-License-Identifier: BSD-2-Clause */
/* The test packets of a leg: a session. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "probes/owamp/ntp.h"
#include "probes/owd/leg_parts.h"

#define EXACT 200000 /* packets whose last one is looked up */

void
leg_make_ledger(struct leg *leg, const struct message_request *session)
{
	const struct ledger_about about = {
	    .sid = leg->sid,
	    .start = session->start,
	    .from = leg->from,
	    .slots = session->slots,
	    .slot_count = session->slot_count,
	    .packets = session->packets,
	    .timeout = ntp_duration(session->timeout),
	    .interval = leg->course->interval,
	    .labelled = leg->labelled,
	    .samples =
		leg->course->interval > 0 && leg->course->settings->samples,
	};
	const struct trace_about kept = {
	    .sid = leg->sid,
	    .start = session->start,
	    .slots = session->slots,
	    .slot_count = session->slot_count,
	    .timeout = session->timeout,
	    .most = session->packets < UINT32_MAX / 4 ? 2 * session->packets
						      : UINT32_MAX,
	};

	leg->ledger = ledger_new(&about);
	ledger_cut(leg->ledger, leg->course->cut);
	if (leg->course->keeps)
		leg->trace = trace_new(&kept);
}

static void
find_last(struct leg *leg)
{
	double packets = leg->packets, mean = leg->course->mean;

	if (leg->course->interval > 0)
		return;
	leg->last =
	    leg->packets <= EXACT
		? ledger_due(leg->ledger, leg->packets - 1)
		: leg->start +
		      clock_of_seconds(mean * (packets + 6 * sqrt(packets)));
}

/* What goes on the wire is what both ends reckon with. */
static void
begin_ledger(struct leg *leg)
{
	const struct leg_course *course = leg->course;
	const struct message_request session = {
	    .start = ntp_of_wall(leg->start),
	    .slots = course->slots,
	    .slot_count = course->slot_count,
	    .packets = leg->packets,
	    .timeout = ntp_of_duration(course->settings->timeout),
	};

	leg_make_ledger(leg, &session);
	find_last(leg);
}

/* A far end that is a stranger has another port for each session; ours stays. */
static int
connect_socket(struct leg *leg, const union address *peer, struct error *err)
{
	uint16_t port = udp_port(leg->udp);

	if (udp_may_connect(leg->udp, peer))
		return (udp_connect(leg->udp, peer, err));
	udp_quit(leg->udp, &leg->calls);
	leg->udp = NULL;
	if (leg_open_socket(leg, port, peer, err) == -1)
		return (-1);
	return (udp_connect(leg->udp, peer, err));
}

int
leg_join_session(
    struct leg *leg, const struct message_accepted *accepted, struct error *err)
{
	const struct keys *control = client_keys(leg->client);
	union address peer = leg->course->peer;
	struct keys keys;
	struct catch_about about = {
	    .mode = client_mode(leg->client),
	    .keys = control != NULL ? &keys : NULL,
	    .packets = leg->packets,
	    .sid = leg->sid,
	    .start = ntp_of_wall(leg->start),
	    .slots = leg->course->slots,
	    .slot_count = leg->course->slot_count,
	    .caught = leg_caught,
	    .arg = leg,
	};

	if (leg->course->sends)
		memcpy(leg->sid, accepted->sid, sizeof(leg->sid));
	if (peer.sa.sa_family == AF_INET6)
		peer.in6.sin6_port = htons(accepted->port);
	else
		peer.in.sin_port = htons(accepted->port);
	begin_ledger(leg);
	if (!leg->course->sends) {
		if (control != NULL)
			keys_session(control, leg->sid, &keys);
		leg->catch = catch_new(&about);
		keys_forget(&keys, sizeof(keys));
	}
	if (connect_socket(leg, &peer, err) == -1)
		return (-1);
	leg->looked = leg->host->wall();
	leg->drops = udp_drops(leg->udp);
	return (0);
}

static void on_state(void *arg, const struct message_statement *statement);
static void on_over(void *arg, const char *why);

void
leg_begin_session(struct leg *leg)
{
	const struct leg_course *course = leg->course;
	const struct keys *control = client_keys(leg->client);
	struct keys keys;
	struct outbound_about about = {
	    .host = leg->host,
	    .turns = course->turns,
	    .udp = leg->udp,
	    .mode = client_mode(leg->client),
	    .keys = control != NULL ? &keys : NULL,
	    .start = ntp_of_wall(leg->start),
	    .slots = course->slots,
	    .slot_count = course->slot_count,
	    .packets = leg->packets,
	    .until = leg->until,
	    .padding = (uint32_t)course->settings->padding,
	    .timeout = course->settings->timeout,
	    .interval = course->interval,
	    .state = on_state,
	    .over = on_over,
	    .arg = leg,
	};

	if (!course->sends)
		return;
	if (control != NULL)
		keys_session(control, leg->sid, &keys);
	memcpy(about.sid, leg->sid, sizeof(about.sid));
	leg->outbound = outbound_new(&about);
	keys_forget(&keys, sizeof(keys));
}

/* Idempotent: it is stopped once. */
void
leg_end_session(struct leg *leg)
{
	struct error err;

	if (leg->outbound == NULL || leg->over)
		return;
	leg->over = true;
	outbound_stop(leg->outbound, &leg->said);
	memcpy(leg->said.sid, leg->sid, sizeof(leg->said.sid));
	leg_know_end(leg, &leg->said);
	if (ledger_stopped(leg->ledger, &leg->said, &err) == -1 &&
	    leg->trouble.text[0] == '\0')
		leg->trouble = err;
}

void
leg_close_session(struct leg *leg)
{
	outbound_free(leg->outbound);
	catch_free(leg->catch);
	udp_quit(leg->udp, &leg->calls);
	ledger_free(leg->ledger);
	trace_free(leg->trace);
	free(leg->skips);
}

void
leg_arrived(void *arg, const struct udp_arrival *arrival)
{
	struct leg *leg = arg;

	catch_arrived(leg->catch, arrival);
}

bool
leg_owns(void *arg, const struct udp_arrival *arrival)
{
	struct leg *leg = arg;

	return (leg->catch != NULL && catch_owns(leg->catch, arrival));
}

void
leg_left(void *arg, uint64_t number, nanoseconds when)
{
	struct leg *leg = arg;

	if (leg->outbound != NULL)
		outbound_left(leg->outbound, number, when);
}

/* For our ledger in any case, for a peer who wants to know. */
static void
on_state(void *arg, const struct message_statement *statement)
{
	struct leg *leg = arg;
	struct error err;

	if (ledger_state(leg->ledger, statement, &err) == -1 &&
	    leg->trouble.text[0] == '\0')
		leg->trouble = err;
	if (leg->trace != NULL)
		trace_state(leg->trace, statement);
	if (leg->client == NULL || leg->stopped ||
	    !client_is_running(leg->client) || !client_states(leg->client))
		return;
	client_state(leg->client, statement);
	leg_flush(leg);
}

static void
on_over(void *arg, const char *why)
{
	struct leg *leg = arg;

	if (why != NULL)
		error_set(&leg->trouble, "it ended early: %s", why);
	leg_stop(leg);
	leg->course->news(leg->course->arg);
}
