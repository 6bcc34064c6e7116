/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A line without its connection. That may be filtered, or broken, on a path that
 * lets test packets through; so what a box of the fleet has asked for goes on, and
 * what is sent is told to our host (far_side.c). It is over
 *
 *   - when the box has asked for the same again, and the new session's first packet
 *     is due: that one leaves where this one ends (far_flow_relieve);
 *   - when its host answers that nobody is there, for FAR_REFUSED;
 *   - behind the time that keep-sending says, for a host that is gone does not
 *     answer;
 *   - when it is no member any more, our clock is set, or all has been sent.
 *
 * A peer who closes his end has left: nothing goes on for him.
 */
#include <event2/buffer.h>
#include <string.h>
#include <sys/socket.h>

#include "common/error.h"
#include "probes/owd/far_parts.h"

/* The peer is to see that it broke, not that we have left. */
static void
sever(struct far_line *line)
{
	const struct linger now = {.l_onoff = 1};
	struct evbuffer *output = bufferevent_get_output(line->stream);
	evutil_socket_t fd = bufferevent_getfd(line->stream);

	bufferevent_disable(line->stream, EV_READ | EV_WRITE);
	evbuffer_drain(output, evbuffer_get_length(output));
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	bufferevent_setfd(line->stream, -1);
	evutil_closesocket(fd);
}

static bool
may_go_on(const struct far_line *line)
{
	const struct far_session *s = line->sessions;

	if (line->closed || line->orphaned != 0 || line->stopped ||
	    line->label.name[0] == '\0' ||
	    line->far->settings.keep_sending == 0 ||
	    !server_is_running(line->server))
		return (false);
	while (s != NULL && (s->outbound == NULL || s->over))
		s = s->next;
	return (s != NULL);
}

bool
far_orphan_make(struct far_line *line, const char *why)
{
	struct far *far = line->far;
	struct error err;

	if (!may_go_on(line))
		return (false);
	error_set(&err, "%s: what it asked for goes on without", why);
	far_note(line, err.text);
	line->orphaned = far->host->monotonic();
	event_del(line->timer);
	sever(line);
	far->line_count--;
	for (struct far_session *s = line->sessions; s != NULL; s = s->next)
		if (s->outbound != NULL)
			line->refusals += udp_refusals(s->udp);
	return (true);
}

/* Nobody is there, says its host, once more. */
static bool
is_refused(struct far_line *line)
{
	uint32_t refusals = 0;

	for (struct far_session *s = line->sessions; s != NULL; s = s->next) {
		if (s->outbound == NULL || s->over)
			continue;
		udp_notices(s->udp);
		refusals += udp_refusals(s->udp);
	}
	line->refused += refusals > line->refusals;
	line->refusals = refusals;
	return (line->refused >= FAR_REFUSED);
}

/* What has a successor that sends is over. True: so are all. */
static bool
end_sessions(struct far_line *line, nanoseconds now)
{
	struct message_stopped ignored;
	bool all = true;

	for (struct far_session *s = line->sessions; s != NULL; s = s->next) {
		if (s->outbound != NULL && !s->over &&
		    outbound_until(s->outbound) <= now - OUTBOUND_LATEST) {
			outbound_stop(s->outbound, &ignored);
			far_side_until(s, outbound_until(s->outbound));
			s->over = true;
		}
		all = all && (s->outbound == NULL || s->over);
	}
	return (all);
}

void
far_orphan_look(struct far_line *line, nanoseconds now)
{
	const struct far *far = line->far;
	nanoseconds age = far->host->monotonic() - line->orphaned;

	if (line->orphaned == 0)
		return;
	if (end_sessions(line, now)) {
		if (STAILQ_EMPTY(&line->sides))
			far_line_close(line, NULL);
	} else if (is_refused(line))
		far_line_close(line, "nobody is there any more");
	else if (age >= far->settings.keep_sending)
		far_line_close(line, "has not come back");
}

static bool
is_orphan_of(const struct far_line *line, const struct far_line *mine)
{
	return (line->orphaned != 0 && !line->closed &&
		line->standing == mine->standing &&
		strcmp(line->name, mine->name) == 0);
}

/* The one that a session would follow, of the same flow. */
struct far_session *
far_orphan_before(const struct far_session *session)
{
	struct far_line *line = session->line->far->lines;
	const struct message_request *request = &session->request;

	for (; line != NULL; line = line->behind)
		for (struct far_session *s = line->sessions;
		     s != NULL && is_orphan_of(line, session->line);
		     s = s->next)
			if (s->sends && session->sends && s->counted &&
			    s->request.receiver_port ==
				request->receiver_port &&
			    address_equal(&s->peer, &session->peer))
				return (s);
	return (NULL);
}

/* What it may cost is the other's from here on. */
void
far_orphan_inherit(const struct far_session *session)
{
	struct far_session *before = far_orphan_before(session);

	if (before == NULL)
		return;
	far_session_uncount(before);
	if (before->ticket != NULL)
		session->line->far->host->release(before->ticket);
	before->ticket = NULL;
	before->bequeathed = true;
}

void
far_orphan_disinherit(const struct far_session *session)
{
	struct far_line *line = session->line->far->lines, *behind;

	for (; line != NULL; line = behind) {
		behind = line->behind;
		for (struct far_session *s = line->sessions;
		     s != NULL && is_orphan_of(line, session->line);
		     s = s->next)
			if (s->bequeathed && s->udp == session->udp)
				far_line_close(line, "may not be sent to");
	}
}
