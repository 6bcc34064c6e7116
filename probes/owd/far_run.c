/* SPDX-License-Identifier: BSD-2-Clause */
/* Sessions run, are stated and stopped. */
#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/memory.h"
#include "probes/owamp/ntp.h"
#include "probes/owd/far_parts.h"

uint16_t
far_estimate(const struct far *far)
{
	nanoseconds error;

	return (far->host->clock(&error) ? ntp_synchronised(error)
					 : NTP_UNSYNCHRONISED);
}

void
far_caught(void *arg, const struct catch_packet *caught)
{
	struct far_session *session = arg;
	struct far *far = session->line->far;
	const struct message_record record = {
	    .sequence = caught->packet.sequence,
	    .send_estimate = caught->packet.estimate,
	    .receive_estimate = far_estimate(far),
	    .sent = caught->packet.sent,
	    .received = ntp_of_wall(caught->received),
	    .ttl = caught->ttl == UDP_TTL_UNKNOWN ? MESSAGE_TTL_UNKNOWN
						  : (uint8_t)caught->ttl,
	};

	if (session->item != NULL)
		shelf_record(far->shelf, session->item, &record);
}

static void
state(void *arg, const struct message_statement *statement)
{
	struct far_session *session = arg;
	struct far_line *line = session->line;

	far_side_add(session, statement);
	if (line->closed || line->stopped || line->orphaned != 0)
		return;
	server_state(line->server, statement);
	far_line_flush(line);
	far_side_said(session);
}

/* Of all that the peer sends, it is he who knows when it is over. */
static bool
is_through(const struct far_line *line)
{
	for (struct far_session *s = line->sessions; s != NULL; s = s->next)
		if (!s->over)
			return (false);
	return (true);
}

/* Until the receiver of the last packets is told. */
static nanoseconds
longest_wait(const struct far_line *line)
{
	bool states = server_states(line->server);
	nanoseconds longest = 0;

	for (struct far_session *s = line->sessions; s != NULL; s = s->next) {
		nanoseconds wait = ntp_duration(s->request.timeout) +
				   outbound_linger(1 / s->rate, states);

		if (wait > longest)
			longest = wait;
	}
	return (longest);
}

/* The receiver throws away what is younger than the timeout when we stop. */
static void
over(void *arg, const char *why)
{
	struct far_session *session = arg;
	struct far_line *line = session->line;

	session->over = true;
	if (line->closed || line->stopped || line->orphaned != 0)
		return;
	if (why != NULL) {
		far_note(line, why);
		line->stop = ACCEPT_FAILURE;
		far_line_wait(line, 0);
	} else if (is_through(line))
		far_line_wait(line, longest_wait(line));
}

static void
start_sending(struct far_session *session)
{
	const struct message_request *request = &session->request;
	struct far_line *line = session->line;
	struct outbound_about about = {
	    .host = line->far->host,
	    .turns = line->far->turns,
	    .udp = session->udp,
	    .mode = server_mode(line->server),
	    .keys = session->secure ? &session->keys : NULL,
	    .start = request->start,
	    .slots = request->slots,
	    .slot_count = request->slot_count,
	    .packets = request->packets,
	    .padding = request->padding,
	    .timeout = ntp_duration(request->timeout),
	    .interval = line->label.interval,
	    .state = server_states(line->server) ? state : NULL,
	    .over = over,
	    .arg = session,
	};

	memcpy(about.sid, request->sid, sizeof(about.sid));
	session->outbound = outbound_new(&about);
	far_flow_relieve(session);
}

/* How long it takes until the peer has to say that it is over; 0: for ever. */
static nanoseconds
patience(const struct far_line *line)
{
	nanoseconds longest = line->far->settings.idle;

	for (struct far_session *s = line->sessions; s != NULL; s = s->next) {
		const struct message_request *request = &s->request;
		double lasts = 2 * request->packets / s->rate;
		nanoseconds end;

		if (request->packets == MESSAGE_NEXT_UNKNOWN || lasts > 1e9)
			return (0);
		end = ntp_wall(request->start) - line->far->host->wall() +
		      clock_of_seconds(lasts) + ntp_duration(request->timeout) +
		      line->far->settings.idle;
		if (end > longest)
			longest = end;
	}
	return (longest);
}

void
far_start(struct far_line *line)
{
	if (line->sessions == NULL) {
		far_note(line, "starts no session");
		server_started(line->server, ACCEPT_REJECTED);
		return;
	}
	server_started(line->server, ACCEPT_OK);
	line->stop = ACCEPT_OK;
	far_line_patience(line, patience(line));
	for (struct far_session *s = line->sessions; s != NULL; s = s->next)
		if (s->sends)
			start_sending(s);
}

static struct far_session *
find_received(const struct far_line *line, const uint8_t *sid)
{
	struct far_session *s = line->sessions;

	while (s != NULL &&
	       (s->sends || memcmp(s->request.sid, sid, KEYS_SID) != 0))
		s = s->next;
	return (s);
}

int
far_stated(struct far_line *line, struct error *err)
{
	const struct message_statement *statement =
	    &server_message(line->server)->statement;
	struct far_session *session = find_received(line, statement->sid);

	if (session == NULL)
		return (error_set(err, "states a session that it does not "
				       "send"));
	if (session->item != NULL)
		trace_state(session->item->trace, statement);
	return (0);
}

/* We send no more, and say what was sent. */
void
far_stop(struct far_line *line, enum message_accept accept)
{
	struct message_stop stop = {.accept = (uint8_t)accept};
	struct message_stopped *stopped;
	uint32_t count = 0;

	for (struct far_session *s = line->sessions; s != NULL; s = s->next)
		count += s->outbound != NULL;
	stopped = memory_new(count + 1, sizeof(*stopped));
	for (struct far_session *s = line->sessions; s != NULL; s = s->next) {
		if (s->outbound == NULL)
			continue;
		outbound_stop(s->outbound, &stopped[stop.count]);
		memcpy(stopped[stop.count++].sid, s->request.sid, KEYS_SID);
		s->over = true;
	}
	stop.sessions = stopped;
	server_stop(line->server, &stop);
	line->stopped = true;
	free(stopped);
	far_line_patience(line, line->far->settings.idle);
	far_line_flush(line);
}

void
far_run_leave(struct far_line *line)
{
	struct evbuffer *output = bufferevent_get_output(line->stream);

	if (line->closed || line->orphaned != 0 || line->stopped ||
	    !server_is_running(line->server))
		return;
	far_stop(line, ACCEPT_OK);
	/* there will be no loop to do it */
	evbuffer_unfreeze(output, 1);
	evbuffer_write(output, bufferevent_getfd(line->stream));
}

void
far_run_timer(struct far_line *line)
{
	if (!line->stopped)
		far_stop(line, line->stop);
}

/* What has come by now is kept, what comes from here on is not. */
static void
clock_set(struct far_line *line, const char *why)
{
	far_note(line, why);
	for (struct far_session *s = line->sessions; s != NULL; s = s->next) {
		if (s->item == NULL)
			continue;
		shelf_over(line->far->shelf, s->item, SHELF_INCOMPLETE,
		    ntp_of_wall(line->far->host->wall()));
		s->item = NULL;
	}
	far_stop(line, ACCEPT_FAILURE);
}

void
far_clock_set(struct far *far, nanoseconds by)
{
	struct far_line *line = far->lines;
	struct error err;

	error_set(&err, "the wall clock was set by %+.3f s", clock_seconds(by));
	while (line != NULL) {
		struct far_line *behind = line->behind;

		if (line->orphaned != 0)
			far_line_close(line, err.text);
		else if (server_is_running(line->server) && !line->stopped)
			clock_set(line, err.text);
		line = behind;
	}
}

/* What the peer says of what it sent. */
static void
close_received(struct far_session *session, const struct message_stop *stop,
    const struct message_stopped *stopped)
{
	struct far *far = session->line->far;
	uint64_t now = ntp_of_wall(far->host->wall());
	enum shelf_end end = SHELF_INCOMPLETE;

	udp_receive(session->udp);
	/* what our own socket had no room for is not to read as lost */
	if (trace_stop(session->item->trace, stopped, now) == 0 &&
	    stop->accept == ACCEPT_OK &&
	    udp_drops(session->udp) == session->drops &&
	    trace_is_whole(session->item->trace))
		end = SHELF_NORMAL;
	shelf_over(far->shelf, session->item, end, now);
	session->item = NULL;
}

void
far_stopped(struct far_line *line)
{
	const struct message_stop *stop = &server_message(line->server)->stop;

	for (uint32_t i = 0; i < stop->count; i++) {
		struct far_session *session =
		    find_received(line, stop->sessions[i].sid);

		if (session != NULL && session->item != NULL)
			close_received(session, stop, &stop->sessions[i]);
	}
	if (!line->stopped)
		far_stop(line, ACCEPT_OK);
	line->stopped = false;
	evtimer_del(line->timer);
	far_sessions_free(line, SHELF_INCOMPLETE);
	far_line_patience(line, line->far->settings.idle);
}
