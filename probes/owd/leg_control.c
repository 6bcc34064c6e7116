/* SPDX-License-Identifier: BSD-2-Clause */
/* The control connection of a leg. */
#include <errno.h>
#include <event2/buffer.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "probes/owd/leg_parts.h"

/* A peer that is gone is noticed in a minute; a path that is, may come back. */
#define IDLE 20  /* seconds, then each EVERY, TRIES times */
#define EVERY 10 /* seconds */
#define TRIES 4

static const struct inlet_limits limits = {
    .slots = OWD_SLOTS, .sessions = 16, .skips = 1 << 20};

static const char *
explain_refusal(uint8_t accept)
{
	static const char *const reasons[] = {
	    [ACCEPT_REJECTED] = "it does not want to",
	    [ACCEPT_FAILURE] = "something failed there",
	    [ACCEPT_UNSUPPORTED] = "it cannot do this",
	    [ACCEPT_NEVER] = "it is more than its limits allow",
	    [ACCEPT_LATER] = "it has no room for it at the moment",
	};

	return (accept < sizeof(reasons) / sizeof(*reasons) &&
			reasons[accept] != NULL
		    ? reasons[accept]
		    : "for a reason that the standard does not know");
}

void
leg_flush(struct leg *leg)
{
	struct outlet *outlet = client_outlet(leg->client);
	const uint8_t *data;
	size_t length;

	while ((data = outlet_data(outlet, &length)) != NULL) {
		bufferevent_write(leg->connection, data, length);
		outlet_sent(outlet, length);
	}
}

void
leg_send_stop(struct leg *leg)
{
	struct message_stop stop = {.accept = ACCEPT_OK};

	leg->stopped = true;
	leg->state = LEG_STOPPING;
	if (leg->course->sends) {
		stop.count = 1;
		stop.sessions = &leg->said;
	}
	client_stop(leg->client, &stop);
	leg_flush(leg);
	leg_set_timer(leg, LEG_WORD);
	if (!client_is_running(leg->client) && leg->course->sends)
		leg_send_fetch(leg);
}

void
leg_send_fetch(struct leg *leg)
{
	struct message_fetch fetch = {.begin = 0, .end = UINT32_MAX};

	memcpy(fetch.sid, leg->sid, sizeof(fetch.sid));
	client_fetch(leg->client, &fetch);
	leg_flush(leg);
	leg_set_timer(leg, OWD_SETUP);
}

/* A box of the fleet that sends to us is told for what: then it can say what it
 * sent even where the connection breaks (common/sides.h). */
static void
send_label(struct leg *leg)
{
	const struct leg_course *course = leg->course;
	struct message_label label = {
	    .interval = course->interval, .start = course->began};

	if (course->sends || course->run->test == NULL ||
	    course->settings->key_id[0] != '\0' ||
	    client_mode(leg->client) == MODE_OPEN ||
	    !client_states(leg->client) ||
	    strlen(course->run->test) > MESSAGE_NAME)
		return;
	strcpy(label.name, course->run->test);
	client_label(leg->client, &label);
	leg->labelled = true;
}

static void
take_ready(struct leg *leg)
{
	struct message_request request;
	struct error err;

	leg->ready = true;
	if (leg->course->fetches) {
		memcpy(leg->sid, leg->course->sid, sizeof(leg->sid));
		leg->state = LEG_STOPPING;
		leg->stopped = true;
		leg_send_fetch(leg);
		return;
	}
	if (leg_open_session(leg, &request, &err) == -1) {
		leg->our_fault = true;
		leg_fail(leg, "%s", err.text);
		return;
	}
	send_label(leg);
	client_request(leg->client, &request);
	leg_flush(leg);
}

static void
take_accepted(struct leg *leg, const struct message_accepted *accepted)
{
	struct error err;

	if (accepted->accept != ACCEPT_OK) {
		leg_fail(leg, "the far end refused the session: %s",
		    explain_refusal(accepted->accept));
		return;
	}
	if (leg_join_session(leg, accepted, &err) == -1) {
		leg->our_fault = true;
		leg_fail(leg, "%s", err.text);
		return;
	}
	client_start(leg->client);
	leg_flush(leg);
}

static void
take_started(struct leg *leg, uint8_t accept)
{
	if (accept != ACCEPT_OK) {
		leg_fail(leg, "the far end did not start the session: %s",
		    explain_refusal(accept));
		return;
	}
	event_del(leg->timer);
	leg_take_begin(leg);
	leg_begin_session(leg);
	leg_news(leg, LEG_RUNNING);
}

/* The far end's Stop-Sessions: an answer to ours, or of its own. */
static void
take_stop(struct leg *leg, const struct message_stop *stop)
{
	bool asked = leg->stopped;

	leg_take_stop(leg, stop);
	if (leg->state == LEG_FAILED)
		return;
	if (stop->accept != ACCEPT_OK)
		error_set(&leg->trouble, "the far end ended the session: %s",
		    explain_refusal(stop->accept));
	else if (!asked && leg->course->interval > 0 &&
		 leg->host->wall() < leg->until)
		error_set(&leg->trouble, "the far end ended the session");
	if (!asked) {
		leg->hasty =
		    leg->host->wall() - outbound_doze(leg->course->mean) <
		    leg->last;
		leg_end_session(leg);
		leg_send_stop(leg);
		if (leg->course->sends)
			return;
	} else if (leg->course->sends) {
		leg_send_fetch(leg);
		return;
	}
	event_del(leg->timer);
	leg_news(leg, LEG_OVER);
}

static void
take_fetched(struct leg *leg, const struct message_fetched *fetched)
{
	leg->fetched = *fetched;
	if (fetched->accept != ACCEPT_OK)
		leg_fail(leg,
		    "the far end has no results of the session: %s; it is so, "
		    "too, when the clocks of the two ends are further apart "
		    "than the timeout",
		    fetched->accept == ACCEPT_REJECTED
			? "it knows of none, or not any more"
			: explain_refusal(fetched->accept));
}

static void
take_event(struct leg *leg, enum client_event event)
{
	const union inlet_message *m = client_message(leg->client);

	if (event == CLIENT_READY)
		take_ready(leg);
	else if (event == CLIENT_ACCEPTED)
		take_accepted(leg, &m->accepted);
	else if (event == CLIENT_STARTED)
		take_started(leg, m->started);
	else if (event == CLIENT_STATE)
		leg_take_statement(leg, &m->statement);
	else if (event == CLIENT_STOP)
		take_stop(leg, &m->stop);
	else if (event == CLIENT_FETCHED)
		take_fetched(leg, &m->fetched);
	else if (event == CLIENT_SESSION)
		leg_take_session(leg, &m->request);
	else if (event == CLIENT_SKIPS)
		leg_take_skips(leg, m->skips.ranges, m->skips.count);
	else if (event == CLIENT_RECORD)
		leg_take_record(leg, &m->record);
	else if (event == CLIENT_END)
		leg_take_end(leg);
}

static void
on_read(struct bufferevent *connection, void *arg)
{
	struct leg *leg = arg;
	struct evbuffer *in = bufferevent_get_input(connection);
	size_t length = evbuffer_get_length(in), left = length;
	const uint8_t *data = evbuffer_pullup(in, -1);
	enum client_event event = CLIENT_READY;
	struct error err;

	while (event != CLIENT_MORE && leg->state != LEG_FAILED) {
		if (client_take(leg->client, &data, &left, &event, &err) ==
		    -1) {
			leg_fail(leg, "%s", err.text);
			return;
		}
		take_event(leg, event);
		if (leg->state != LEG_FAILED)
			leg_flush(leg);
	}
	if (leg->state != LEG_FAILED)
		evbuffer_drain(in, length - left);
}

static void
on_event(struct bufferevent *connection, short what, void *arg)
{
	struct leg *leg = arg;

	if (leg->state == LEG_OVER || (what & BEV_EVENT_CONNECTED) != 0)
		return;
	if ((what & BEV_EVENT_ERROR) != 0)
		leg_sever(
		    leg, evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
	else if (!leg->ready)
		leg_fail(leg, "the far end closed the connection while it was "
			      "set up: does it know the key, and this host?");
	else
		leg_fail(leg, "the far end closed the connection");
}

static int
open_socket(const struct leg_course *course, struct error *err)
{
	const int yes = 1, idle = IDLE, every = EVERY, tries = TRIES;
	const unsigned gone = 1000 * (IDLE + EVERY * TRIES); /* ms */
	union address local = course->local;
	char text[ADDRESS_TEXT];
	int fd = socket(course->peer.sa.sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return (error_set(err, "socket: %m"));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	/* statements are to come through while the path loses a lot */
	setsockopt(
	    fd, IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS, &yes, sizeof(yes));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof(yes));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &every, sizeof(every));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &tries, sizeof(tries));
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &gone, sizeof(gone));
	if (local.sa.sa_family == 0 ||
	    bind(fd, &local.sa, address_length(&local)) == 0)
		return (fd);
	error_set(err, "source %s: %m", address_format(&local, text));
	close(fd);
	return (-1);
}

int
leg_connect(struct leg *leg, struct error *err)
{
	const struct leg_course *course = leg->course;
	const struct client_wish wish = {
	    .modes = course->modes,
	    .key_id = course->key_id,
	    .secret = course->secret,
	    .secret_length = course->secret_length,
	    .limits = limits,
	};
	int fd = open_socket(course, err);

	if (fd == -1)
		return (-1);
	leg->client = client_new(&wish);
	leg->connection = bufferevent_socket_new(
	    course->run->worker->base, fd, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(leg->connection, on_read, NULL, on_event, leg);
	bufferevent_enable(leg->connection, EV_READ | EV_WRITE);
	if (bufferevent_socket_connect(leg->connection, &course->peer.sa,
		(int)address_length(&course->peer)) == -1)
		return (error_set(err, "connect: %m"));
	return (0);
}

void
leg_disconnect(struct leg *leg)
{
	if (leg->connection != NULL)
		bufferevent_free(leg->connection);
	client_free(leg->client);
	leg->connection = NULL;
	leg->client = NULL;
}
