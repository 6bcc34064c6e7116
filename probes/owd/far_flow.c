/* SPDX-License-Identifier: BSD-2-Clause */
/* A session's packets go between the ports of the one that it follows. */
#include <math.h>
#include <string.h>

#include "probes/bytes.h"
#include "probes/owd/far_parts.h"

static void
arrived(void *arg, const struct udp_arrival *arrival)
{
	struct far_session *session = arg;

	if (session->catch != NULL)
		catch_arrived(session->catch, arrival);
}

static bool
owns(void *arg, const struct udp_arrival *arrival)
{
	struct far_session *session = arg;

	return (session->catch != NULL && catch_owns(session->catch, arrival));
}

static void
left(void *arg, uint64_t number, nanoseconds when)
{
	struct far_session *session = arg;

	if (session->outbound != NULL)
		outbound_left(session->outbound, number, when);
}

static int
new_udp(struct far_session *session, struct error *err)
{
	const struct far_line *line = session->line;
	struct far *far = line->far;
	uint16_t *port = session->sends ? &session->request.receiver_port
					: &session->request.sender_port;
	const struct udp_about about = {
	    .host = far->host,
	    .base = far->base,
	    .local = &session->local,
	    .peer = &session->peer,
	    .least = far->ports.least,
	    .most = far->ports.most,
	    .flow = (uint64_t)*port << 32 | bytes_get32(session->request.sid),
	    .dscp = (int)(session->request.type_p >> 24 & 0x3f),
	    .rate = (unsigned)ceil(session->rate),
	    .calls = &session->calls,
	};

	session->udp = udp_new(&about, err);
	if (session->udp == NULL)
		return (-1);
	return (udp_connect(session->udp, &session->peer, err));
}

static void
set_calls(struct far_session *session)
{
	session->calls.owns = owns;
	session->calls.arg = session;
	if (session->sends)
		session->calls.left = left;
	else
		session->calls.arrived = arrived;
}

static bool
is_same_client(const struct far_line *a, const struct far_line *b)
{
	return (a != b && a->standing == b->standing &&
		strcmp(a->name, b->name) == 0);
}

/* A session that this one takes over from: over another connection, the same
 * client has asked for the same ports. */
static struct far_session *
find_former(const struct far_session *session)
{
	struct far_line *mine = session->line, *line = mine->far->lines;

	for (; line != NULL; line = line->behind)
		for (struct far_session *s = line->sessions;
		     s != NULL && is_same_client(line, mine); s = s->next)
			if (s->sends == session->sends &&
			    s->request.type_p == session->request.type_p &&
			    udp_is_at(s->udp, &session->local) &&
			    udp_is_to(s->udp, &session->peer))
				return (s);
	return (NULL);
}

int
far_flow_open(struct far_session *session, struct error *err)
{
	struct far_session *former;

	/* as IPv6 has it, too */
	session->peer.in.sin_port =
	    htons(session->sends ? session->request.receiver_port
				 : session->request.sender_port);
	set_calls(session);
	former = find_former(session);
	if (former == NULL)
		return (new_udp(session, err));
	session->udp = former->udp;
	udp_share(session->udp, &session->calls);
	session->drops = udp_drops(session->udp);
	return (0);
}

/* Whoever sent between these two ports before leaves it to this session when its
 * first packet is due, whether or not he is told in time: that one has a successor,
 * or its client is gone. */
void
far_flow_relieve(const struct far_session *session)
{
	struct far_line *line = session->line->far->lines;

	for (; line != NULL; line = line->behind)
		for (struct far_session *s = line->sessions; s != NULL;
		     s = s->next)
			if (s != session && s->udp == session->udp &&
			    s->outbound != NULL)
				outbound_leave(s->outbound,
				    outbound_next(session->outbound));
}
