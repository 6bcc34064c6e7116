/* SPDX-License-Identifier: BSD-2-Clause */
/* May this session be? What the standard leaves to a server's limits. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/error.h"
#include "common/memory.h"
#include "probes/owamp/ntp.h"
#include "probes/owd/far_parts.h"

#define SECOND (double)NTP_S
/* How long before it begins a session may be asked for: powstream does when the one
 * before begins, and that one may last. */
#define AHEAD (8 * 86400 * NS_PER_S)
#define PAST (600 * NS_PER_S) /* how long ago a session may have begun ... */
#define PAST_PACKETS 1e6      /* ... and how many packets before now */
#define TIMEOUT_MOST (600 * NS_PER_S)

static bool
is_zero(const uint8_t address[static 16])
{
	static const uint8_t zero[16];

	return (memcmp(address, zero, sizeof(zero)) == 0);
}

static void
address_write(const union address *address, uint8_t out[static 16])
{
	memset(out, 0, 16);
	if (address_family(address) == 4)
		memcpy(out, &address->in.sin_addr, 4);
	else
		memcpy(out, &address->in6.sin6_addr, 16);
}

static void
address_read(const uint8_t in[static 16], union address *address)
{
	if (address_family(address) == 4)
		memcpy(&address->in.sin_addr, in, 4);
	else
		memcpy(&address->in6.sin6_addr, in, 16);
}

static bool
is_here(const union address *address)
{
	int fd = socket(address->sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool here =
	    fd != -1 && bind(fd, &address->sa, address_length(address)) == 0;

	if (fd != -1)
		close(fd);
	return (here);
}

/* A host has several addresses, and may be measured at another one than it is
 * talked to at (owping TESTADDR SERVADDR). One that it does not have is that of
 * who translates addresses in front of it. */
static void
choose_local(struct far_session *session, uint8_t ours[static 16])
{
	const struct far_line *line = session->line;
	union address wish = line->local;

	wish.in.sin_port = 0; /* it is where IPv6 has it, too */
	address_read(ours, &wish);
	session->local = line->local;
	if (!is_zero(ours) && !address_equal(&wish, &line->local) &&
	    is_here(&wish))
		session->local = wish;
	address_write(&session->local, ours);
}

/* Test packets go to nobody but who asked for them: nobody can have them sent to
 * somebody else. They may come from elsewhere. */
static enum message_accept
judge_addresses(struct far_session *session, struct error *err)
{
	struct message_request *request = &session->request;
	const struct far_line *line = session->line;
	uint8_t *theirs = session->sends ? request->receiver : request->sender;
	uint8_t *ours = session->sends ? request->sender : request->receiver;
	uint8_t known[16];

	if (request->family != address_family(&line->peer)) {
		error_set(err, "asks for IPv%u over a connection of IPv%d",
		    request->family, address_family(&line->peer));
		return (ACCEPT_UNSUPPORTED);
	}
	if (request->family == 4) {
		memset(theirs + 4, 0, 12);
		memset(ours + 4, 0, 12);
	}
	address_write(&line->peer, known);
	session->peer = line->peer;
	choose_local(session, ours);
	if (is_zero(theirs) || memcmp(theirs, known, sizeof(known)) == 0) {
		memcpy(theirs, known, sizeof(known));
		return (ACCEPT_OK);
	}
	if (session->sends) {
		error_set(err, "asks for packets to another address than its "
			       "own");
		return (ACCEPT_REJECTED);
	}
	if (request->family == 4)
		memcpy(&session->peer.in.sin_addr, theirs, 4);
	else
		memcpy(&session->peer.in6.sin6_addr, theirs, 16);
	return (ACCEPT_OK);
}

static enum message_accept
judge_packets(struct far_session *session, struct error *err)
{
	const struct message_request *request = &session->request;
	size_t size = packet_size(server_mode(session->line->server)) +
		      (size_t)request->padding;
	nanoseconds timeout = ntp_duration(request->timeout);

	if (request->packets == 0) {
		error_set(err, "asks for 0 packets");
		return (ACCEPT_REJECTED);
	}
	if (size > UDP_ROOM) {
		error_set(err,
		    "asks for packets of %zu bytes, expected at "
		    "most %d",
		    size, UDP_ROOM);
		return (ACCEPT_NEVER);
	}
	if (timeout == 0 || timeout > TIMEOUT_MOST) {
		error_set(err,
		    "asks for a timeout of %g s, expected at most "
		    "%g s",
		    clock_seconds(timeout), clock_seconds(TIMEOUT_MOST));
		return (ACCEPT_NEVER);
	}
	return (ACCEPT_OK);
}

static enum message_accept
judge_rate(struct far_session *session, struct error *err)
{
	const struct message_request *request = &session->request;
	double most = session->line->far->settings.packets;
	struct timetable *timetable = timetable_new(
	    request->sid, request->start, request->slots, request->slot_count);
	uint64_t mean = timetable_mean(timetable);

	timetable_free(timetable);
	if (mean == 0) {
		error_set(err, "asks for packets without any time between "
			       "them");
		return (ACCEPT_REJECTED);
	}
	session->rate = SECOND / (double)mean;
	if (session->rate <= most)
		return (ACCEPT_OK);
	error_set(err, "asks for %g packets/s, expected at most %g",
	    session->rate, most);
	return (ACCEPT_NEVER);
}

/* Neither do we go through years of packets that were never sent, nor keep a
 * place for years. */
static enum message_accept
judge_start(struct far_session *session, struct error *err)
{
	nanoseconds ahead =
	    ntp_wall(session->request.start) - session->line->far->host->wall();

	if (ahead <= AHEAD && ahead >= -PAST &&
	    -clock_seconds(ahead) * session->rate <= PAST_PACKETS)
		return (ACCEPT_OK);
	error_set(err, "asks for a start %.0f s from now: is its clock right?",
	    clock_seconds(ahead));
	return (ACCEPT_NEVER);
}

static uint32_t
count_client(const struct far_line *mine)
{
	uint32_t count = 0;

	for (struct far_line *line = mine->far->lines; line != NULL;
	     line = line->behind) {
		if (line->standing != mine->standing ||
		    strcmp(line->name, mine->name) != 0)
			continue;
		for (struct far_session *s = line->sessions; s != NULL;
		     s = s->next)
			count += s->counted;
	}
	return (count);
}

static enum message_accept
judge_room(struct far_session *session, struct error *err)
{
	const struct far_line *line = session->line;
	const struct far *far = line->far;
	const struct far_session *before = far_orphan_before(session);
	uint32_t follows = before != NULL; /* it takes that one's place */
	double packets = far->packets - (before != NULL ? before->rate : 0);

	if (far->sessions - follows >= far->settings.sessions) {
		error_set(err, "there are %u sessions: wait, or set sessions",
		    (unsigned)far->sessions);
		return (ACCEPT_LATER);
	}
	if (count_client(line) - follows >= far->settings.client_sessions) {
		error_set(err,
		    "it has its %lld sessions: wait, or set "
		    "client-sessions",
		    (long long)far->settings.client_sessions);
		return (ACCEPT_LATER);
	}
	if (packets + session->rate > far->settings.packets) {
		error_set(err,
		    "%g packets/s beside %g that there are: wait, "
		    "or set packets",
		    session->rate, packets);
		return (ACCEPT_LATER);
	}
	return (ACCEPT_OK);
}

static void
copy_request(struct far_session *session, const struct message_request *request)
{
	session->slots =
	    memory_new(request->slot_count, sizeof(*session->slots));
	memcpy(session->slots, request->slots,
	    request->slot_count * sizeof(*session->slots));
	session->request = *request;
	session->request.slots = session->slots;
	session->sends = request->sends != 0;
}

enum message_accept
far_judge(struct far_session *session, const struct message_request *request,
    struct error *err)
{
	static enum message_accept (*const judges[])(
	    struct far_session *, struct error *) = {judge_addresses,
	    judge_packets, judge_rate, judge_start, judge_room};
	enum message_accept verdict = ACCEPT_OK;

	copy_request(session, request);
	for (size_t i = 0;
	     i < sizeof(judges) / sizeof(*judges) && verdict == ACCEPT_OK; i++)
		verdict = judges[i](session, err);
	return (verdict);
}
