/* SPDX-License-Identifier: BSD-2-Clause */
/* Who comes, from his first byte to where it is known who he is. */
#include <event2/buffer.h>
#include <stdio.h>
#include <unistd.h>

#include "probes/bytes.h"
#include "probes/owd/far_parts.h"

#define SETUP_TIME (60 * NS_PER_S)

void
far_guest_known(struct far_line *line)
{
	if (line->crowded)
		crowd_leave(line->far->crowd, &line->peer);
	line->crowded = false;
}

static void
set_member(struct far_line *line, const struct probe_peer *peer)
{
	line->standing = FAR_MEMBER;
	hash_sha256(peer->secret, sizeof(peer->secret), line->secret);
}

void
far_guest_ready(struct far_line *line)
{
	struct far *far = line->far;
	const char *key_id = server_key_id(line->server);
	const struct probe_peer *peer;

	far_line_patience(line, far->settings.idle);
	if (server_mode(line->server) == MODE_OPEN) {
		line->standing = FAR_OPEN;
		return;
	}
	far_guest_known(line);
	line->standing = FAR_KEY;
	peer = far->host->peer(far->responder->worker, key_id);
	if (peer != NULL)
		set_member(line, peer);
	snprintf(line->name, sizeof(line->name), "%s", key_id);
}

/* Keys cost a millisecond: not too often, and not before all of it is there. */
bool
far_guest_may_enter(struct far_line *line)
{
	struct far *far = line->far;
	struct evbuffer *input = bufferevent_get_input(line->stream);
	uint8_t mode[4];
	nanoseconds wait;

	if (line->passed)
		return (true);
	if (evbuffer_get_length(input) < MESSAGE_SETUP)
		return (false);
	evbuffer_copyout(input, mode, sizeof(mode));
	if ((bytes_get32(mode) & MODE_OPEN) == 0 &&
	    !crowd_pass(
		far->crowd, &line->peer, far->host->monotonic(), &wait)) {
		far_line_wait(line, wait);
		return (false);
	}
	line->passed = true;
	return (true);
}

static struct far_line *
find_line(const struct far *far, const struct server *server)
{
	struct far_line *line = far->lines;

	while (line != NULL && line->server != server)
		line = line->behind;
	return (line);
}

/* Makes room for one more. False: all that there are have been set up. */
static bool
make_room(struct far *far)
{
	if (far->line_count < (uint64_t)far->settings.connections)
		return (true);
	if (far->lobby.oldest == NULL)
		return (false);
	far_line_close(find_line(far, far->lobby.oldest), NULL);
	far_sweep(far); /* none that is closed is in the lobby */
	return (true);
}

static void
greet(struct far_line *line)
{
	struct far *far = line->far;
	struct server *evicted;
	const struct server_policy *policy =
	    prefixes_have(far->allow, &line->peer) ? &far->everybody
						   : &far->keyed;

	line->server = server_new(policy, &far->lobby, &evicted);
	if (evicted != NULL)
		far_line_close(find_line(far, evicted), NULL);
	far_line_flush(line);
	if (policy->modes == 0)
		far_line_leave(line);
}

void
far_guest_new(struct far *far, evutil_socket_t fd, const union address *peer)
{
	nanoseconds idle = far->settings.idle;
	struct far_line *line;

	far_sweep(far);
	if (!make_room(far) || !crowd_enter(far->crowd, peer)) {
		close(fd);
		return;
	}
	line = far_line_open(far, fd, peer);
	line->crowded = true;
	far_line_patience(line, SETUP_TIME < idle ? SETUP_TIME : idle);
	greet(line);
}
