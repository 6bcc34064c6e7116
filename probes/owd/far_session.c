/* SPDX-License-Identifier: BSD-2-Clause */
/* A session: asked for, accepted, freed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/memory.h"
#include "probes/bytes.h"
#include "probes/owamp/ntp.h"
#include "probes/owd/far_parts.h"

#define IP_UDP 28 /* bytes of headers; IPv6 has 20 more */
#define IP6_UDP 48

void
far_session_uncount(struct far_session *session)
{
	struct far *far = session->line->far;

	if (!session->counted)
		return;
	session->counted = false;
	far->sessions--;
	far->packets = far->sessions > 0 ? far->packets - session->rate : 0;
}

void
far_session_free(struct far_session *session)
{
	struct far *far = session->line->far;

	far_side_leave(session);
	far_session_uncount(session);
	if (session->ticket != NULL)
		far->host->release(session->ticket);
	outbound_free(session->outbound);
	catch_free(session->catch);
	udp_quit(session->udp, &session->calls);
	keys_forget(&session->keys, sizeof(session->keys));
	free(session->slots);
	free(session);
}

void
far_sessions_free(struct far_line *line, enum shelf_end end)
{
	struct far_session *session;

	while ((session = line->sessions) != NULL) {
		line->sessions = session->next;
		if (session->item != NULL)
			shelf_over(line->far->shelf, session->item, end,
			    ntp_of_wall(line->far->host->wall()));
		far_session_free(session);
	}
}

/* RFC 4656 section 3.5: who receives names it; by address, time and chance. */
static void
make_sid(struct far_session *session)
{
	uint8_t *sid = session->request.sid;
	const uint8_t *address = session->request.receiver;

	memcpy(sid, address + (session->request.family == 6 ? 12 : 0), 4);
	bytes_put64(sid + 4, ntp_of_wall(session->line->far->host->wall()));
	hash_random(sid + 12, 4);
}

static void
set_keys(struct far_session *session)
{
	const struct keys *keys = server_keys(session->line->server);

	session->secure = keys != NULL;
	if (keys != NULL)
		keys_session(keys, session->request.sid, &session->keys);
}

static void
open_catch(struct far_session *session)
{
	const struct far_line *line = session->line;
	const struct catch_about about = {
	    .mode = server_mode(line->server),
	    .keys = session->secure ? &session->keys : NULL,
	    .packets = session->request.packets,
	    .sid = session->request.sid,
	    .start = session->request.start,
	    .slots = session->slots,
	    .slot_count = session->request.slot_count,
	    .caught = far_caught,
	    .arg = session,
	};

	session->item =
	    shelf_add(line->far->shelf, &session->request, session->secure);
	session->catch = catch_new(&about);
}

static bool
is_twice(const struct far_session *session)
{
	const struct far_session *s = session->line->sessions;

	while (s != NULL &&
	       memcmp(s->request.sid, session->request.sid, KEYS_SID) != 0)
		s = s->next;
	return (s != NULL);
}

static enum message_accept
open_session(struct far_session *session, struct error *err)
{
	uint16_t *ours = session->sends ? &session->request.sender_port
					: &session->request.receiver_port;

	if (!session->sends)
		make_sid(session);
	if (is_twice(session)) {
		error_set(err, "asks for the same session twice");
		return (ACCEPT_REJECTED);
	}
	set_keys(session);
	if (far_flow_open(session, err) == -1)
		return (ACCEPT_LATER);
	*ours = udp_port(session->udp);
	if (!session->sends)
		open_catch(session);
	return (ACCEPT_OK);
}

static void
answer(struct far_session *session, enum message_accept verdict)
{
	const struct message_request *request = &session->request;
	struct message_accepted accepted = {.accept = (uint8_t)verdict};

	if (verdict == ACCEPT_OK) {
		accepted.port = session->sends ? request->sender_port
					       : request->receiver_port;
		memcpy(accepted.sid, request->sid, sizeof(accepted.sid));
		session->accepted = true;
	}
	server_answer(session->line->server, &accepted);
}

static void
refuse(struct far_session *session, enum message_accept why, const char *text)
{
	far_note(session->line, text);
	answer(session, why);
}

static void
remove_session(struct far_session *session)
{
	struct far_session **at = &session->line->sessions;

	while (*at != session)
		at = &(*at)->next;
	*at = session->next;
	far_session_free(session);
}

/* The site's limits have spoken. */
static void
admitted(void *arg, const char *why_not)
{
	struct far_session *session = arg;
	struct far_line *line = session->line;
	struct error err;

	if (line->closed)
		return;
	if (why_not == NULL)
		answer(session, ACCEPT_OK);
	else {
		error_set(&err, "may not be sent to: %s", why_not);
		refuse(session, ACCEPT_LATER, err.text);
		far_orphan_disinherit(session);
		remove_session(session);
	}
	far_line_flush(line);
	far_line_read(line);
}

static void
ask_host(struct far_session *session)
{
	const struct message_request *request = &session->request;
	struct far_line *line = session->line;
	struct far *far = line->far;
	size_t size = packet_size(server_mode(line->server)) +
		      request->padding +
		      (request->family == 6 ? IP6_UDP : IP_UDP);
	struct probe_ask ask = {.peer = line->name,
	    .cost = {.packets = session->rate,
		.bits = session->rate * 8 * (double)size}};

	if (request->packets != MESSAGE_NEXT_UNKNOWN)
		ask.cost.seconds = request->packets / session->rate;
	session->ticket =
	    far->host->admit(far->responder, &ask, admitted, session);
}

/* It is there from here on, though what is sent waits for the host's word. */
static void
keep_session(struct far_session *session)
{
	struct far_line *line = session->line;
	struct far *far = line->far;

	far_orphan_inherit(session);
	session->next = line->sessions;
	line->sessions = session;
	session->counted = true;
	far->sessions++;
	far->packets += session->rate;
	if (session->sends)
		ask_host(session);
	else
		answer(session, ACCEPT_OK);
}

void
far_session_ask(struct far_line *line)
{
	struct far_session *session = memory_new(1, sizeof(*session));
	enum message_accept verdict;
	struct error err;

	session->line = line;
	verdict =
	    far_judge(session, &server_message(line->server)->request, &err);
	if (verdict == ACCEPT_OK)
		verdict = open_session(session, &err);
	if (verdict == ACCEPT_OK) {
		keep_session(session);
		return;
	}
	refuse(session, verdict, err.text);
	far_session_free(session);
}
