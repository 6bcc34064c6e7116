/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * owd_foreign - an OWAMP client that is none of ours, as a far end sees it.
 *
 *   owd_foreign ADDRESS PORT PACKETS/S COUNT
 *
 * It never learns of MODE_STATEMENTS, so all that is known of a packet's sending
 * is the stamp in it, which is taken right before send(), at even times. Open
 * mode; the far end receives, and what it recorded is fetched. Prints one line of
 * JSON: packets sent and lost, and the delays in nanoseconds.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/address.h"
#include "common/error.h"
#include "common/log.h"
#include "probes/owamp/client.h"
#include "probes/owamp/ntp.h"
#include "probes/owamp/packet.h"

#define SOON (NS_PER_S / 2) /* until the first packet */
#define TIMEOUT NS_PER_S
#define MODES 12 /* where a greeting has them */

static struct {
	union address control, test;
	struct client *client;
	int connection, test_socket;
	struct slot slot;
	nanoseconds start, gap;
	uint32_t count;
	uint8_t sid[KEYS_SID];
	uint8_t data[65536];
	const uint8_t *next;
	size_t left, lost;
	bool greeted;
} bench;

static void
flush(void)
{
	struct outlet *outlet = client_outlet(bench.client);
	const uint8_t *data;
	size_t length;

	while ((data = outlet_data(outlet, &length)) != NULL) {
		ssize_t n = send(bench.connection, data, length, MSG_NOSIGNAL);

		if (n == -1)
			log_fatal("control connection: %s", strerror(errno));
		outlet_sent(outlet, (size_t)n);
	}
}

/* At least a whole greeting first, without the bit that is ours. */
static void
receive(void)
{
	size_t want = bench.greeted ? 1 : MESSAGE_GREETING;

	memmove(bench.data, bench.next, bench.left);
	bench.next = bench.data;
	while (want > 0) {
		ssize_t n = recv(bench.connection, bench.data + bench.left,
		    sizeof(bench.data) - bench.left, 0);

		if (n <= 0)
			log_fatal("the far end closed the connection");
		bench.left += (size_t)n;
		want -= (size_t)n < want ? (size_t)n : want;
	}
	if (!bench.greeted)
		bench.data[MODES] &= (uint8_t) ~(MODE_STATEMENTS >> 24);
	bench.greeted = true;
}

static enum client_event
await(void)
{
	enum client_event event;
	struct error err;

	for (;;) {
		if (client_take(bench.client, &bench.next, &bench.left, &event,
			&err) == -1)
			log_fatal("%s", err.text);
		flush();
		if (event != CLIENT_MORE)
			return (event);
		receive();
	}
}

static const union inlet_message *
expect(enum client_event wanted)
{
	enum client_event event = await();

	if (event != wanted)
		log_fatal("event %d, expected %d", (int)event, (int)wanted);
	return (client_message(bench.client));
}

static void
open_connection(void)
{
	static const struct client_wish wish = {
	    .modes = MODE_OPEN,
	    .key_id = "",
	    .limits = {.slots = 1, .sessions = 1, .skips = 1 << 20},
	};

	bench.connection =
	    socket(bench.control.sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(bench.connection, &bench.control.sa,
		address_length(&bench.control)) == -1)
		log_fatal("connect: %s", strerror(errno));
	bench.client = client_new(&wish);
	bench.next = bench.data;
	expect(CLIENT_READY);
}

static void
open_test(void)
{
	union address any = {.sa.sa_family = bench.control.sa.sa_family};

	bench.test_socket =
	    socket(any.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (bind(bench.test_socket, &any.sa, address_length(&any)) == -1)
		log_fatal("UDP socket: %s", strerror(errno));
}

static uint16_t
test_port(void)
{
	union address own;
	socklen_t length = sizeof(own);

	getsockname(bench.test_socket, &own.sa, &length);
	return (ntohs(own.in.sin_port));
}

static void
request(void)
{
	union address own;
	socklen_t length = sizeof(own);
	struct message_request asked = {
	    .family = 4,
	    .receives = 1,
	    .packets = bench.count,
	    .sender_port = test_port(),
	    .timeout = ntp_of_duration(TIMEOUT),
	    .slot_count = 1,
	    .slots = &bench.slot,
	};
	const struct message_accepted *accepted;

	bench.start = clock_wall() + SOON;
	asked.start = ntp_of_wall(bench.start);
	getsockname(bench.connection, &own.sa, &length);
	memcpy(asked.sender, &own.in.sin_addr, 4);
	memcpy(asked.receiver, &bench.control.in.sin_addr, 4);
	client_request(bench.client, &asked);
	flush();
	accepted = &expect(CLIENT_ACCEPTED)->accepted;
	if (accepted->accept != ACCEPT_OK)
		log_fatal("the session was refused: %u", accepted->accept);
	memcpy(bench.sid, accepted->sid, sizeof(bench.sid));
	bench.test = bench.control;
	bench.test.in.sin_port = htons(accepted->port);
	client_start(bench.client);
	flush();
	expect(CLIENT_STARTED);
}

static void
sleep_until(nanoseconds when)
{
	const struct timespec at = {when / NS_PER_S, when % NS_PER_S};

	while (clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &at, NULL) != 0)
		;
}

static void
send_all(void)
{
	struct packet_codec *codec =
	    packet_new(MODE_OPEN, CIPHER_ENCRYPT, NULL);
	struct packet packet = {.estimate = NTP_UNSYNCHRONISED};
	uint8_t data[PACKET_OPEN];

	if (connect(bench.test_socket, &bench.test.sa,
		address_length(&bench.test)) == -1)
		log_fatal("connect: %s", strerror(errno));
	for (uint32_t i = 0; i < bench.count; i++) {
		sleep_until(bench.start + (i + 1) * bench.gap);
		packet.sequence = i;
		packet.sent = ntp_of_wall(clock_wall());
		packet_write(codec, &packet, data);
		if (send(bench.test_socket, data, sizeof(data), 0) == -1)
			log_fatal("send: %s", strerror(errno));
	}
	packet_free(codec);
}

static void
stop(void)
{
	struct message_stopped stopped = {.next = bench.count};
	const struct message_stop message = {
	    .accept = ACCEPT_OK, .count = 1, .sessions = &stopped};

	sleep_until(clock_wall() + TIMEOUT + NS_PER_S / 2);
	memcpy(stopped.sid, bench.sid, sizeof(stopped.sid));
	client_stop(bench.client, &message);
	flush();
	expect(CLIENT_STOP);
}

static void
print_record(const struct message_record *record, const char *before)
{
	if (record->received == 0)
		bench.lost++;
	else
		printf("%s%lld", before,
		    (long long)ntp_between(record->sent, record->received));
}

static void
fetch(void)
{
	struct message_fetch message = {.end = UINT32_MAX};
	enum client_event event;
	size_t n = 0;

	memcpy(message.sid, bench.sid, sizeof(message.sid));
	client_fetch(bench.client, &message);
	flush();
	if (expect(CLIENT_FETCHED)->fetched.accept != ACCEPT_OK)
		log_fatal("the far end has no results");
	printf("{\"delays\":[");
	while ((event = await()) != CLIENT_END)
		if (event == CLIENT_RECORD)
			print_record(&client_message(bench.client)->record,
			    n++ == 0 ? "" : ",");
	printf("],\"sent\":%u,\"lost\":%zu}\n", bench.count, bench.lost);
}

int
main(int argc, char **argv)
{
	log_open("owd_foreign", false);
	if (argc != 5 ||
	    !address_parse(argv[1], (uint16_t)atoi(argv[2]), &bench.control) ||
	    address_family(&bench.control) != 4)
		log_fatal("usage: owd_foreign ADDRESS PORT PACKETS/S COUNT");
	bench.gap = clock_of_seconds(1 / strtod(argv[3], NULL));
	bench.slot = (struct slot){SLOT_FIXED, ntp_of_duration(bench.gap)};
	bench.count = (uint32_t)strtoul(argv[4], NULL, 10);
	prctl(PR_SET_TIMERSLACK, 1UL);
	open_connection();
	open_test();
	request();
	send_all();
	stop();
	fetch();
	client_free(bench.client);
	close(bench.test_socket);
	close(bench.connection);
	return (0);
}
