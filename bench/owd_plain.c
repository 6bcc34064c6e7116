/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * owd_plain - one-way delays as a program measures them that has no kernel's stamps.
 *
 *   owd_plain send ADDRESS PORT PACKETS/S COUNT
 *   owd_plain receive ADDRESS PORT COUNT
 *
 * The time is read right before send() and right after recv(). The receiver says
 * "ready", then prints one line of JSON with the delays in nanoseconds: when all
 * have come, or none for two seconds.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "common/address.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/memory.h"

static void
sleep_until(nanoseconds when)
{
	const struct timespec at = {when / NS_PER_S, when % NS_PER_S};

	while (clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &at, NULL) != 0)
		;
}

static void
send_all(int fd, nanoseconds gap, size_t count)
{
	nanoseconds start = clock_wall();

	for (size_t i = 0; i < count; i++) {
		nanoseconds now;

		sleep_until(start + (nanoseconds)(i + 1) * gap);
		now = clock_wall();
		if (send(fd, &now, sizeof(now), 0) == -1)
			log_fatal("send: %s", strerror(errno));
	}
}

static void
receive_all(int fd, size_t count)
{
	const struct timeval patience = {.tv_sec = 2};
	nanoseconds *delays = memory_new(count, sizeof(*delays)), sent;
	size_t n = 0;

	puts("ready");
	fflush(stdout);
	while (n < count && recv(fd, &sent, sizeof(sent), 0) == sizeof(sent)) {
		delays[n++] = clock_wall() - sent;
		setsockopt(
		    fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	}
	printf("{\"delays\":[");
	for (size_t i = 0; i < n; i++)
		printf("%s%lld", i == 0 ? "" : ",", (long long)delays[i]);
	printf("]}\n");
	free(delays);
}

static int
open_socket(const union address *address, bool sends)
{
	int fd = socket(address->sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if ((sends ? connect : bind)(
		fd, &address->sa, address_length(address)) == -1)
		log_fatal("UDP socket: %s", strerror(errno));
	return (fd);
}

int
main(int argc, char **argv)
{
	bool sends = argc > 1 && strcmp(argv[1], "send") == 0;
	union address address;
	int fd;

	log_open("owd_plain", false);
	if (argc != (sends ? 6 : 5) ||
	    !address_parse(argv[2], (uint16_t)atoi(argv[3]), &address))
		log_fatal("usage: owd_plain send ADDRESS PORT PACKETS/S COUNT |"
			  " receive ADDRESS PORT COUNT");
	prctl(PR_SET_TIMERSLACK, 1UL);
	fd = open_socket(&address, sends);
	if (sends)
		send_all(fd, clock_of_seconds(1 / strtod(argv[4], NULL)),
		    strtoul(argv[5], NULL, 10));
	else
		receive_all(fd, strtoul(argv[4], NULL, 10));
	return (0);
}
