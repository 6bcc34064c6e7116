/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owd/far.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "common/error.h"
#include "common/memory.h"
#include "probes/owamp/ntp.h"
#include "probes/owd/far_parts.h"

#define COUNT 2048  /* rounds of PBKDF2, as perfSONAR has it */
#define SLOTS 512   /* of a request */
#define SKIPS 65536 /* of a Stop-Sessions */
#define LOBBY 4     /* 1 in so many connections may be no more than one */
#define SETUPS 200  /* at once, of one address: a millisecond each ... */
#define SETUP_RATE 100
#define ALL_SETUPS 400 /* ... and of all */
#define ALL_SETUP_RATE 200

void
far_note(const struct far_line *line, const char *what)
{
	struct far *far = line->far;
	char address[ADDRESS_TEXT], text[FAR_NAME + sizeof(struct error)];

	if (line->standing == FAR_KEY || line->standing == FAR_MEMBER)
		snprintf(text, sizeof(text), "%s (%s): %s", line->name,
		    address_format(&line->peer, address), what);
	else
		snprintf(text, sizeof(text), "%s: %s",
		    address_format(&line->peer, address), what);
	for (char *p = text; *p != '\0'; p++)
		if (*p < ' ' || *p > '~')
			*p = '?'; /* a stranger's choice of a name */
	far->host->note(far->responder, text);
}

/* A member's, or from the file; in this order. */
static const void *
find_secret(void *context, const char *key_id, size_t *length)
{
	struct far *far = context;
	const struct probe_peer *peer =
	    far->host->peer(far->responder->worker, key_id);

	if (peer == NULL)
		return (keyring_find(far->keyring, key_id, length));
	*length = sizeof(peer->secret);
	return (peer->secret);
}

static void
fill_policies(struct far *far, uint32_t modes)
{
	far->keyed = (struct server_policy){
	    .modes = modes & ~(uint32_t)MODE_OPEN,
	    .count = COUNT,
	    .since = ntp_of_wall(far->host->wall()),
	    .limits = {.slots = SLOTS,
		.sessions = (uint32_t)far->settings.client_sessions,
		.skips = SKIPS},
	    .secret = find_secret,
	    .context = far,
	};
	far->everybody = far->keyed;
	far->everybody.modes = modes;
}

static int
read_settings(struct far *far, struct error *err)
{
	const struct far_settings *settings = &far->settings;
	uint32_t modes;

	if (far_read_ports(settings->test_ports, &far->ports, err) == -1 ||
	    far_read_modes(settings->modes, &modes, err) == -1)
		return (-1);
	fill_policies(far, modes);
	far->allow = prefixes_new(settings->allow, err);
	if (far->allow == NULL)
		return (error_place(err, "allow"));
	far->keyring = keyring_new(settings->keys, err);
	return (far->keyring != NULL ? 0 : -1);
}

/* Of connections that have not been set up: those of whom nobody knows who they
 * are leave files for the others. */
static uint32_t
lobby_room(const struct far_settings *settings)
{
	uint64_t connections = (uint64_t)settings->connections;
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0 &&
	    files.rlim_cur < connections)
		connections = files.rlim_cur;
	return ((uint32_t)connections / LOBBY);
}

static void
make_limits(struct far *far)
{
	const struct far_settings *settings = &far->settings;

	far->lobby.most = lobby_room(settings);
	if (far->lobby.most == 0)
		far->lobby.most = 1;
	far->crowd = crowd_new(&(struct crowd_limits){
	    .most = (uint32_t)settings->client_connections,
	    .burst = SETUPS,
	    .rate = SETUP_RATE,
	    .burst_of_all = ALL_SETUPS,
	    .rate_of_all = ALL_SETUP_RATE});
	far->shelf = shelf_new(
	    far->base, &(struct shelf_limits){.bytes = (size_t)settings->keep,
			   .item = (size_t)settings->keep / 4,
			   .keep = settings->keep_for});
}

static void
sweep(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	far_sweep(arg);
}

/* A sender looks before each packet; a receiver's stamps are void, too. And what
 * was not heard in time is told. */
static void
look(evutil_socket_t fd, short what, void *arg)
{
	struct far *far = arg;
	nanoseconds by = step_look(&far->step, far->host);
	nanoseconds now = far->host->wall();

	(void)fd;
	(void)what;
	if (by != 0)
		far_clock_set(far, by);
	for (struct far_line *line = far->lines, *behind; line != NULL;
	     line = behind) {
		behind = line->behind; /* it may be over */
		far_side_look(line, now);
		far_orphan_look(line, now);
	}
}

struct far *
far_new(struct probe_responder *responder, struct error *err)
{
	static const struct timeval second = {.tv_sec = 1};
	struct far *far = memory_new(1, sizeof(*far));

	far->responder = responder;
	far->host = responder->worker->host;
	far->base = responder->worker->base;
	far->settings = *(const struct far_settings *)responder->settings;
	far->sweep = event_new(far->base, -1, 0, sweep, far);
	far->look = event_new(far->base, -1, EV_PERSIST, look, far);
	event_add(far->look, &second);
	step_look(&far->step, far->host);
	make_limits(far);
	far->turns = turns_take(far->base, err);
	if (far->turns != NULL && read_settings(far, err) == 0 &&
	    far_listen(far, err) == 0)
		return (far);
	far_free(far);
	return (NULL);
}

void
far_free(struct far *far)
{
	if (far == NULL)
		return;
	for (struct far_line *line = far->lines, *behind; line != NULL;
	     line = behind) {
		behind = line->behind; /* it may be closed */
		far_run_leave(line);
	}
	while (far->lines != NULL)
		far_line_close(far->lines, NULL);
	far_sweep(far);
	far_listen_stop(far);
	event_free(far->sweep);
	event_free(far->look);
	turns_give(far->turns);
	shelf_free(far->shelf);
	crowd_free(far->crowd);
	keyring_free(far->keyring);
	prefixes_free(far->allow);
	free(far);
}

uint16_t
far_port(const struct far *far)
{
	return (far->port);
}

static bool
is_member_still(const struct far_line *line)
{
	struct far *far = line->far;
	const struct probe_peer *peer = far->host->peer(
	    far->responder->worker, server_key_id(line->server));
	uint8_t digest[HASH_SIZE];

	if (peer == NULL)
		return (false);
	hash_sha256(peer->secret, sizeof(peer->secret), digest);
	return (memcmp(digest, line->secret, sizeof(digest)) == 0);
}

void
far_peers_changed(struct far *far)
{
	struct far_line *line = far->lines;

	while (line != NULL) {
		struct far_line *behind = line->behind;

		if (line->standing == FAR_MEMBER && !is_member_still(line))
			far_line_close(line, "is no member of the fleet any "
					     "more, or has another secret");
		line = behind;
	}
}

int
far_respond(struct probe_responder *responder, struct error *err)
{
	struct far **far = responder->state;

	*far = far_new(responder, err);
	return (*far != NULL ? 0 : -1);
}

void
far_respond_stop(struct probe_responder *responder)
{
	struct far **far = responder->state;

	far_free(*far);
	*far = NULL;
}
