/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What was sent, until it is known to have been stated. A statement of which the
 * peer's kernel has told that it is there is known to whoever reads it. Of all
 * others the receiver may have closed his record without: then we say it in one of
 * our own (common/sides.h). That may be once too often, and is then of no use to
 * anybody.
 */
#include <event2/buffer.h>
#include <inttypes.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "common/draft.h"
#include "common/memory.h"
#include "probes/owamp/ntp.h"
#include "probes/owd/far_parts.h"

#define INTERVAL_LEAST \
	NS_PER_S /* with shorter ones there would be many sides */

void
far_side_label(struct far_line *line, const struct message_label *label)
{
	if (line->standing == FAR_MEMBER &&
	    (label->interval == 0 || label->interval >= INTERVAL_LEAST))
		line->label = *label;
}

static struct far_side *
open_side(struct far_session *session, nanoseconds to)
{
	struct far_side *side = memory_new(1, sizeof(*side));

	side->session = session;
	memcpy(side->sid, session->request.sid, sizeof(side->sid));
	side->to = to;
	side->timeout = ntp_duration(session->request.timeout);
	STAILQ_INSERT_TAIL(&session->line->sides, side, next);
	session->side = side;
	return (side);
}

/* The one of the interval that holds the instant. */
static struct far_side *
side_of(struct far_session *session, nanoseconds due)
{
	nanoseconds interval = session->line->label.interval;
	nanoseconds to =
	    interval > 0 ? due - due % interval + interval : INT64_MAX;

	if (session->side != NULL && session->side->to == to)
		return (session->side);
	return (open_side(session, to));
}

static bool
in_ranges(const struct message_skip *ranges, uint32_t count, uint32_t *behind,
    uint32_t packet)
{
	while (*behind < count && ranges[*behind].last < packet)
		++*behind;
	return (*behind < count && ranges[*behind].first <= packet);
}

void
far_side_add(
    struct far_session *session, const struct message_statement *statement)
{
	uint32_t unsent = 0, stuck = 0;

	if (session->line->label.name[0] == '\0')
		return;
	for (uint32_t i = statement->first; i != statement->next; i++) {
		nanoseconds due = outbound_due(session->outbound, i);
		struct far_side *side = side_of(session, due);
		bool skipped = in_ranges(
		    statement->unsent, statement->unsent_count, &unsent, i);
		bool is_stuck = in_ranges(
		    statement->stuck, statement->stuck_count, &stuck, i);

		side->last = due;
		side->skipped += skipped;
		side->sent += !skipped;
		side->stuck += is_stuck;
		if (!skipped && !is_stuck)
			numbers_add(&side->went, i);
		side->unsaid = true;
	}
}

void
far_side_until(struct far_session *session, nanoseconds until)
{
	struct far_side *side;

	if (session->line->label.name[0] == '\0' ||
	    session->line->label.interval == 0)
		return;
	side = side_of(session, until);
	side->unsaid = true;
	if (side->last < until)
		side->last = until;
}

void
far_side_said(struct far_session *session)
{
	struct far_side *side;

	STAILQ_FOREACH(side, &session->line->sides, next)
	{
		if (side->session != session || !side->unsaid)
			continue;
		side->unsaid = false;
		side->written = session->line->written;
	}
}

/* How many bytes the peer's kernel has. What it had of an orphan it may have thrown
 * away with the connection. */
static uint64_t
taken(const struct far_line *line)
{
	int waiting;

	if (line->orphaned != 0)
		return (0);
	if (ioctl(bufferevent_getfd(line->stream), SIOCOUTQ, &waiting) == -1)
		return (0);
	return (line->written - (uint64_t)waiting -
		evbuffer_get_length(bufferevent_get_output(line->stream)));
}

static void
write_side(const struct far_side *side, struct draft *draft)
{
	char sid[2 * KEYS_SID + 1], key[sizeof(sid) + 24];

	hash_hex(side->sid, sizeof(side->sid), sid);
	snprintf(key, sizeof(key), "\"%s/%" PRId64 "\"", sid,
	    side->to != INT64_MAX ? side->to : 0);
	draft_add(draft, "[{");
	draft_member(draft, "is");
	draft_add(draft, key);
	draft_member(draft, "went");
	numbers_write(&side->went, draft);
	draft_member(draft, "add");
	draft_add(draft, "{");
	draft_member(draft, "sent");
	draft_whole(draft, side->sent);
	draft_member(draft, "lost_locally");
	draft_whole(draft, side->stuck);
	draft_member(draft, "skipped");
	draft_whole(draft, side->skipped);
	draft_add(draft, "}}]");
}

static void
tell(const struct far_line *line, const struct far_side *side, nanoseconds now)
{
	const struct probe_host *host = line->far->host;
	bool ends = side->to != INT64_MAX;
	struct draft draft = {0};
	struct probe_statement statement = {
	    .test = line->label.name,
	    .box = line->name,
	    .end = RUNS_AT_SRC,
	    .family = address_family(&line->peer),
	    .from = ends ? side->to - line->label.interval : line->label.start,
	    .to = ends ? side->to : side->last,
	    .metric = "open",
	};

	if (host->state == NULL)
		return;
	if (statement.to > now)
		statement.to = now;
	if (statement.to < statement.from)
		statement.to = statement.from;
	write_side(side, &draft);
	statement.json = draft.text;
	host->state(line->far->responder, &statement);
	draft_clear(&draft);
}

/* The first one: if it was not heard, it is told. */
static void
close_side(struct far_line *line, uint64_t heard, nanoseconds now)
{
	struct far_side *side = STAILQ_FIRST(&line->sides);
	struct far_session *session = line->sessions;

	if (side->unsaid || side->written > heard)
		tell(line, side, now);
	for (; session != NULL; session = session->next)
		if (session->side == side)
			session->side = NULL;
	STAILQ_REMOVE_HEAD(&line->sides, next);
	numbers_clear(&side->went);
	free(side);
}

/* Has all of it been stated that will be, and long ago? */
static bool
is_due(const struct far_side *side, nanoseconds now)
{
	const struct far_session *session = side->session;
	nanoseconds end = side->to != INT64_MAX ? side->to : side->last;

	if (now < end + side->timeout + FAR_DOUBT)
		return (false);
	if (session == NULL || session->over)
		return (true);
	return (side->to != INT64_MAX &&
		outbound_told(session->outbound) >= side->to);
}

void
far_side_look(struct far_line *line, nanoseconds now)
{
	uint64_t heard;

	if (STAILQ_EMPTY(&line->sides) ||
	    !is_due(STAILQ_FIRST(&line->sides), now))
		return;
	heard = taken(line);
	while (!STAILQ_EMPTY(&line->sides) &&
	       is_due(STAILQ_FIRST(&line->sides), now))
		close_side(line, heard, now);
}

void
far_side_leave(const struct far_session *session)
{
	struct far_side *side;

	STAILQ_FOREACH(side, &session->line->sides, next)
	if (side->session == session)
		side->session = NULL;
}

/* What still ran is stated to ourselves alone. */
void
far_side_end(struct far_line *line)
{
	struct message_stopped ignored;
	uint64_t heard = taken(line);

	for (struct far_session *s = line->sessions; s != NULL; s = s->next)
		if (s->outbound != NULL)
			outbound_stop(s->outbound, &ignored);
	while (!STAILQ_EMPTY(&line->sides))
		close_side(line, heard, line->far->host->wall());
}
