/* SPDX-License-Identifier: BSD-2-Clause */
/* The test packets of a leg: a session. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "common/memory.h"
#include "probes/owamp/ntp.h"
#include "probes/owd/leg_parts.h"

#define DAY (86400 * NS_PER_S)
#define HASTE \
	(200 * NS_PER_MS) /* before the first packet, and three round
				   trips */
#define EXACT 200000      /* packets whose last one is looked up */
#define MOST_PACKETS (UINT32_C(1) << 31)

static nanoseconds
end_of_interval(const struct leg_course *course, nanoseconds when)
{
	return (when - when % course->interval + course->interval);
}

/* The next leg begins when a report ends: sessions that are stated last up to a
 * day, not all of them to the same hour, others a single interval. */
static nanoseconds
choose_until(const struct leg *leg)
{
	const struct leg_course *course = leg->course;
	uint64_t spread = course->run->flow * UINT64_C(0x9e3779b97f4a7c15);
	nanoseconds most = DAY / 2 + (nanoseconds)(spread % (DAY / 2));
	double seconds = (double)MOST_PACKETS / 2 * course->mean;

	if (course->interval == 0)
		return (INT64_MAX);
	if (course->sends || !client_states(leg->client))
		return (end_of_interval(course, leg->start));
	if (clock_seconds(most) > seconds)
		most = clock_of_seconds(seconds);
	return (end_of_interval(course, leg->start + most));
}

/* More than there will be, where it is stopped before. */
static uint32_t
choose_packets(const struct leg *leg)
{
	const struct leg_course *course = leg->course;
	double packets;

	if (course->interval == 0)
		return ((uint32_t)course->settings->count);
	if (!course->sends && client_states(leg->client))
		return (MESSAGE_NEXT_UNKNOWN);
	packets = clock_seconds(leg->until - leg->start + 20 * NS_PER_S) /
		  course->mean;
	packets += 8 * sqrt(packets) + 20;
	return (packets < MOST_PACKETS ? (uint32_t)packets : MOST_PACKETS);
}

static void
choose_start(struct leg *leg)
{
	nanoseconds trip =
	    (leg->host->monotonic() - leg->began) / 2; /* at most */
	nanoseconds soon = leg->host->wall() + 3 * trip + HASTE;

	if (leg->start < soon)
		leg->start = soon;
	/* as it is on the wire */
	leg->start = ntp_wall(ntp_of_wall(leg->start));
}

static void
put_address(const union address *address, uint8_t bytes[16])
{
	if (address->sa.sa_family == AF_INET6)
		memcpy(bytes, &address->in6.sin6_addr, 16);
	else
		memcpy(bytes, &address->in.sin_addr, 4);
}

/* RFC 4656 section 3.5: low bytes of the address, the time, chance. */
static void
make_sid(struct leg *leg, const union address *local)
{
	uint64_t now = ntp_of_wall(leg->host->wall());
	uint8_t bytes[16] = {0};

	put_address(local, bytes);
	memcpy(
	    leg->sid, local->sa.sa_family == AF_INET6 ? bytes + 12 : bytes, 4);
	for (int i = 0; i < 8; i++)
		leg->sid[4 + i] = (uint8_t)(now >> (56 - 8 * i));
	hash_random(leg->sid + 12, 4);
}

static int
local_address(struct leg *leg, union address *local, struct error *err)
{
	socklen_t length = sizeof(*local);

	*local = (union address){0};
	if (getsockname(
		bufferevent_getfd(leg->connection), &local->sa, &length) == -1)
		return (error_set(err, "getsockname: %m"));
	return (0);
}

/* Receiving, the room is for what comes; sending, for stamps. */
static int
open_socket(struct leg *leg, const union address *local, struct error *err)
{
	const struct leg_course *course = leg->course;
	const struct udp_about about = {
	    .host = leg->host,
	    .base = course->run->worker->base,
	    .local = local,
	    .least = course->least,
	    .most = course->most,
	    .flow = course->run->flow,
	    .dscp = (int)course->settings->dscp,
	    .rate = (unsigned)(1 / course->mean) + 1,
	    .calls = &leg->calls,
	};

	leg->udp = udp_new(&about, err);
	return (leg->udp != NULL ? 0 : -1);
}

static void on_arrived(void *arg, const struct udp_arrival *arrival);
static void on_left(void *arg, uint32_t number, nanoseconds when);

static void
fill_request(struct leg *leg, const union address *local,
    struct message_request *request)
{
	const struct leg_course *course = leg->course;
	const struct owd_settings *s = course->settings;

	*request = (struct message_request){
	    .family = (uint8_t)address_family(local),
	    .sends = !course->sends,
	    .receives = course->sends,
	    .packets = leg->packets,
	    .padding = (uint32_t)s->padding,
	    .start = ntp_of_wall(leg->start),
	    .timeout = ntp_of_duration(s->timeout),
	    .type_p = (uint32_t)s->dscp << 24,
	    .slot_count = course->slot_count,
	    .slots = course->slots,
	};
	if (course->sends)
		request->sender_port = udp_port(leg->udp);
	else
		request->receiver_port = udp_port(leg->udp);
	put_address(course->sends ? local : &course->peer, request->sender);
	put_address(course->sends ? &course->peer : local, request->receiver);
	memcpy(request->sid, leg->sid, sizeof(request->sid));
}

int
leg_open_session(
    struct leg *leg, struct message_request *request, struct error *err)
{
	bool sends = leg->course->sends;
	union address local;

	leg->calls = (struct udp_calls){
	    .arrived = sends ? NULL : on_arrived,
	    .left = sends ? on_left : NULL,
	    .arg = leg,
	};
	choose_start(leg);
	leg->until = choose_until(leg);
	leg->packets = choose_packets(leg);
	if (local_address(leg, &local, err) == -1 ||
	    open_socket(leg, &local, err) == -1)
		return (-1);
	if (!sends)
		make_sid(leg, &local);
	fill_request(leg, &local, request);
	return (0);
}

static void
make_ledger(struct leg *leg, const struct message_request *session)
{
	const struct ledger_about about = {
	    .sid = leg->sid,
	    .start = session->start,
	    .slots = session->slots,
	    .slot_count = session->slot_count,
	    .packets = session->packets,
	    .timeout = ntp_duration(session->timeout),
	    .interval = leg->course->interval,
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

	make_ledger(leg, &session);
	find_last(leg);
}

static void on_caught(void *arg, const struct catch_packet *caught);

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
	    .caught = on_caught,
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
	leg->looked = leg->host->wall();
	return (udp_connect(leg->udp, &peer, err));
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
	    .base = course->run->worker->base,
	    .udp = leg->udp,
	    .mode = client_mode(leg->client),
	    .keys = control != NULL ? &keys : NULL,
	    .start = ntp_of_wall(leg->start),
	    .slots = course->slots,
	    .slot_count = course->slot_count,
	    .packets = leg->packets,
	    .padding = (uint32_t)course->settings->padding,
	    .timeout = course->settings->timeout,
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
	if (ledger_stopped(leg->ledger, &leg->said, &err) == -1 &&
	    leg->trouble.text[0] == '\0')
		leg->trouble = err;
}

void
leg_close_session(struct leg *leg)
{
	outbound_free(leg->outbound);
	catch_free(leg->catch);
	udp_free(leg->udp);
	ledger_free(leg->ledger);
	trace_free(leg->trace);
	free(leg->skips);
}

/* The trace is told when all has arrived, for it takes nothing behind that. */
static void
keep_stop(struct leg *leg, const struct message_stopped *said)
{
	if (leg->trace == NULL || leg->heard)
		return;
	leg->heard = true;
	leg->said = *said;
	leg->skips = memory_new(said->skip_count + 1, sizeof(*leg->skips));
	if (said->skip_count > 0)
		memcpy(leg->skips, said->skips,
		    said->skip_count * sizeof(*leg->skips));
	leg->said.skips = leg->skips;
}

struct trace *
leg_trace(struct leg *leg)
{
	nanoseconds now = leg->host->wall();

	if (leg->trace != NULL && (leg->heard || leg->over) && !leg->traced)
		trace_stop(leg->trace, &leg->said,
		    ntp_of_wall(now + 2 * leg->course->settings->timeout));
	leg->traced = true;
	return (leg->trace);
}

static void
on_arrived(void *arg, const struct udp_arrival *arrival)
{
	struct leg *leg = arg;

	catch_arrived(leg->catch, arrival);
}

static void
on_left(void *arg, uint32_t number, nanoseconds when)
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

static uint16_t
own_estimate(const struct leg *leg)
{
	nanoseconds error;

	return (leg->host->clock(&error) ? ntp_synchronised(error)
					 : NTP_UNSYNCHRONISED);
}

/* For those who want to see each packet. */
static void
keep_record(struct leg *leg, const struct message_record *record)
{
	if (leg->trace != NULL)
		trace_add(leg->trace, record);
	if (leg->course->arrived != NULL)
		leg->course->arrived(leg->course->arg, record);
}

static void
on_caught(void *arg, const struct catch_packet *caught)
{
	struct leg *leg = arg;
	struct ntp_estimate estimate = {.error = 0};
	struct ledger_arrival arrival = {
	    .sequence = caught->packet.sequence,
	    .sent = caught->sent,
	    .received = caught->received,
	    .ttl = caught->ttl,
	    .received_by = caught->stamp,
	};
	struct message_record record = {
	    .sequence = caught->packet.sequence,
	    .send_estimate = caught->packet.estimate,
	    .sent = caught->packet.sent,
	    .received = ntp_of_wall(caught->received),
	    .ttl = caught->ttl == UDP_TTL_UNKNOWN ? MESSAGE_TTL_UNKNOWN
						  : (uint8_t)caught->ttl,
	};

	ntp_read_estimate(caught->packet.estimate, &estimate);
	arrival.synchronised = estimate.synchronised;
	arrival.error = estimate.error;
	ledger_arrived(leg->ledger, &arrival);
	if (!leg->course->keeps && leg->course->arrived == NULL)
		return;
	record.receive_estimate = own_estimate(leg);
	keep_record(leg, &record);
}

void
leg_take_statement(struct leg *leg, const struct message_statement *statement)
{
	struct error err;

	if (leg->ledger == NULL || leg->course->sends)
		leg_fail(leg, "it states what it did not send");
	else if (ledger_state(leg->ledger, statement, &err) == -1)
		leg_fail(leg, "%s", err.text);
	else if (leg->trace != NULL)
		trace_state(leg->trace, statement);
}

void
leg_take_stop(struct leg *leg, const struct message_stop *stop)
{
	struct error err;

	for (uint32_t i = 0; i < stop->count && !leg->course->sends; i++) {
		const struct message_stopped *said = &stop->sessions[i];

		if (memcmp(said->sid, leg->sid, sizeof(said->sid)) != 0)
			continue;
		if (ledger_stopped(leg->ledger, said, &err) == -1)
			leg_fail(leg, "%s", err.text);
		else
			keep_stop(leg, said);
		return;
	}
}

/* Of one that is fetched, to be reported on: all that we know. */
void
leg_take_session(struct leg *leg, const struct message_request *session)
{
	if (!leg->course->fetches)
		return;
	leg->start = ntp_wall(session->start);
	leg->packets = session->packets;
	if (session->slot_count == 0)
		leg_fail(leg, "its session has no slots");
	else
		make_ledger(leg, session);
}

void
leg_take_skips(
    struct leg *leg, const struct message_skip *skips, uint32_t count)
{
	struct message_stopped said = {
	    .next = leg->fetched.next, .skip_count = count, .skips = skips};
	struct error err;

	if (!leg->course->fetches || leg->fetched.finished == 0)
		return;
	memcpy(said.sid, leg->sid, sizeof(said.sid));
	if (ledger_stopped(leg->ledger, &said, &err) == -1)
		leg_fail(leg, "%s", err.text);
	else
		keep_stop(leg, &said);
}

void
leg_take_record(struct leg *leg, const struct message_record *record)
{
	struct ntp_estimate estimate = {.error = 0};
	struct ledger_arrival arrival = {
	    .sequence = record->sequence,
	    .sent = ntp_wall(record->sent),
	    .received = ntp_wall(record->received),
	    .ttl = record->ttl == MESSAGE_TTL_UNKNOWN ? ACCOUNT_NO_TTL
						      : record->ttl,
	    .received_by =
		client_states(leg->client) ? STAMP_KERNEL : STAMP_USER,
	};

	if (record->received == 0)
		return;
	/* whose clock is the other end's */
	ntp_read_estimate(record->receive_estimate, &estimate);
	arrival.synchronised = estimate.synchronised;
	arrival.error = estimate.error;
	ledger_arrived(leg->ledger, &arrival);
	keep_record(leg, record);
}
