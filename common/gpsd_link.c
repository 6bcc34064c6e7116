/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The talk with gpsd. What cannot be its word ends the connection, and the next
 * look makes another.
 */
#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/error.h"
#include "common/gpsd.h"
#include "common/memory.h"

#define WATCH "?WATCH={\"enable\":true,\"json\":true,\"pps\":true};\n"
#define PENDING (3 * NS_PER_S) /* a receiver speaks once a second */

struct gpsd {
	struct event_base *base;
	struct gpsd_about about;
	uint16_t port;
	struct bufferevent *link; /* NULL: none */
	bool six;                 /* it goes to ::1 */
	bool connected;
	nanoseconds asked;  /* monotonic, when the link was made */
	nanoseconds second; /* what has come since then: */
	size_t bytes;
	struct gpsd_state state;
	bool knows;       /* what was told by about.changed */
	struct error why; /* "": nothing was wrong */
};

static void connect_to(struct gpsd *gpsd, bool six);

static void
hang_up(struct gpsd *gpsd)
{
	if (gpsd->link != NULL)
		bufferevent_free(gpsd->link);
	gpsd->link = NULL;
	gpsd->connected = false;
	gpsd->state = (struct gpsd_state){0};
}

static bool
is_flood(struct gpsd *gpsd, size_t bytes)
{
	nanoseconds now = clock_monotonic();

	if (now - gpsd->second >= NS_PER_S) {
		gpsd->second = now;
		gpsd->bytes = 0;
	}
	gpsd->bytes += bytes;
	return (gpsd->bytes > GPSD_FLOOD);
}

/* False: the link has been ended. */
static bool
take_line(struct gpsd *gpsd, char *line, size_t length)
{
	bool good = !is_flood(gpsd, length + 1);

	if (!good)
		error_set(&gpsd->why,
		    "gpsd: more than %d bytes in a second, expected less",
		    GPSD_FLOOD);
	else if (length > 0)
		good = gpsd_hear(&gpsd->state, line, length, clock_monotonic(),
			   &gpsd->why) == 0;
	free(line);
	if (!good)
		hang_up(gpsd);
	return (good);
}

/* The end of a link is seen by the next look: it may be back by then. */
static void
tell_change(struct gpsd *gpsd)
{
	const struct gpsd_state *state = &gpsd->state;
	bool knows =
	    state->fix != 0 && (state->text.at != 0 || state->pulse.at != 0);

	if (knows == gpsd->knows || state->heard == 0)
		return;
	gpsd->knows = knows;
	if (gpsd->about.changed != NULL)
		gpsd->about.changed(gpsd->about.arg);
}

static void
on_read(struct bufferevent *link, void *arg)
{
	struct evbuffer *in = bufferevent_get_input(link);
	struct gpsd *gpsd = arg;
	size_t length;
	char *line;

	while ((line = evbuffer_readln(in, &length, EVBUFFER_EOL_CRLF)) != NULL)
		if (!take_line(gpsd, line, length))
			return;
	tell_change(gpsd);
	if (evbuffer_get_length(in) < GPSD_LINE)
		return;
	error_set(&gpsd->why, "gpsd: a line without an end");
	hang_up(gpsd);
}

static void
on_event(struct bufferevent *link, short what, void *arg)
{
	struct gpsd *gpsd = arg;
	bool again = !gpsd->connected && !gpsd->six;

	if ((what & BEV_EVENT_CONNECTED) != 0) {
		gpsd->connected = true;
		gpsd->why.text[0] = '\0';
		bufferevent_write(link, WATCH, strlen(WATCH));
		return;
	}
	if (gpsd->connected)
		error_set(&gpsd->why, "gpsd: has ended the connection");
	hang_up(gpsd);
	if (again)
		connect_to(gpsd, true);
}

static void
connect_to(struct gpsd *gpsd, bool six)
{
	const struct sockaddr_in four_address = {.sin_family = AF_INET,
	    .sin_port = htons(gpsd->port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const struct sockaddr_in6 six_address = {.sin6_family = AF_INET6,
	    .sin6_port = htons(gpsd->port),
	    .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	const struct sockaddr *to =
	    six ? (const struct sockaddr *)&six_address
		: (const struct sockaddr *)&four_address;
	size_t length = six ? sizeof(six_address) : sizeof(four_address);

	struct bufferevent *link =
	    bufferevent_socket_new(gpsd->base, -1, BEV_OPT_CLOSE_ON_FREE);

	gpsd->six = six;
	gpsd->link = link;
	/* no more is kept */
	bufferevent_setwatermark(link, EV_READ, 0, GPSD_LINE);
	bufferevent_setcb(link, on_read, NULL, on_event, gpsd);
	bufferevent_enable(link, EV_READ | EV_WRITE);
	/* what fails is told by the event, now or later, unless there is not
	 * even a socket */
	if (bufferevent_socket_connect(link, to, (int)length) == -1 &&
	    gpsd->link == link)
		hang_up(gpsd);
}

void
gpsd_look(struct gpsd *gpsd)
{
	if (gpsd->link != NULL)
		return;
	gpsd->asked = clock_monotonic();
	connect_to(gpsd, false);
}

const struct gpsd_state *
gpsd_state(const struct gpsd *gpsd, const char **why)
{
	*why = gpsd->why.text[0] != '\0' ? gpsd->why.text : NULL;
	return (gpsd->connected ? &gpsd->state : NULL);
}

bool
gpsd_pending(const struct gpsd *gpsd)
{
	bool heard = gpsd->state.heard != 0 &&
		     (gpsd->state.fix == 0 || gpsd->state.text.at != 0 ||
			 gpsd->state.pulse.at != 0);

	return (gpsd->link != NULL && !heard &&
		clock_monotonic() - gpsd->asked < PENDING);
}

void
gpsd_step(struct gpsd *gpsd)
{
	gpsd_forget(&gpsd->state);
}

struct gpsd *
gpsd_new(struct event_base *base, const struct gpsd_about *about)
{
	struct gpsd *gpsd = memory_new(1, sizeof(*gpsd));

	gpsd->base = base;
	gpsd->about = *about;
	gpsd->port = (uint16_t)(about->port != 0 ? about->port : GPSD_PORT);
	return (gpsd);
}

void
gpsd_free(struct gpsd *gpsd)
{
	if (gpsd == NULL)
		return;
	hang_up(gpsd);
	free(gpsd);
}
