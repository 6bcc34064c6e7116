/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * owd_streams - what one process takes for OWAMP-Test streams on loopback.
 *
 *   owd_streams STREAMS PACKETS/S SECONDS [open|authenticated|encrypted]
 *
 * Both halves of each in one loop, without control connections. Prints one line of
 * JSON: what was sent, skipped, caught, lost by sockets, stamped by the kernel as
 * it left and as it came, how late packets left, processor time of the run as a
 * share of a core, and the heap that a sender and a receiver take, at first and
 * after the run.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>

#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/summary.h"
#include "probes/owamp/ntp.h"
#include "probes/owd/catch.h"
#include "probes/owd/outbound.h"

#define SOON NS_PER_S /* until the streams start */

struct stream {
	struct udp_calls from_calls, to_calls;
	struct udp *from, *to;
	struct outbound *outbound;
	struct catch *catch;
};

static struct {
	struct event_base *base;
	struct turns *turns;
	struct stream *streams;
	size_t count, over;
	double rate, seconds;
	enum mode mode;
	struct keys keys;
	nanoseconds begin;
	uint64_t caught, came_stamped, left_stamped, skipped, stuck, sent,
	    drops;
	int64_t *later;
	size_t later_room;
	size_t senders, receivers, grown; /* bytes of heap */
} bench;

static bool
tell_error(nanoseconds *error)
{
	*error = NS_PER_MS;
	return (true);
}

static const struct probe_host host = {
    .wall = clock_wall,
    .monotonic = clock_monotonic,
    .clock = tell_error,
    .error_set = error_set,
};

static void
on_caught(void *arg, const struct catch_packet *packet)
{
	bench.caught++;
	bench.came_stamped += packet->stamp == STAMP_KERNEL;
}

static void
on_state(void *arg, const struct message_statement *statement)
{
	for (uint32_t i = 0; i < statement->unsent_count; i++)
		bench.skipped +=
		    statement->unsent[i].last - statement->unsent[i].first + 1;
	for (uint32_t i = 0; i < statement->stuck_count; i++)
		bench.stuck +=
		    statement->stuck[i].last - statement->stuck[i].first + 1;
	for (uint32_t i = 0; i < statement->stamp_count; i++)
		if (statement->later[i] != MESSAGE_NO_STAMP &&
		    bench.left_stamped < bench.later_room)
			bench.later[bench.left_stamped++] = statement->later[i];
}

static void
on_over(void *arg, const char *why)
{
	if (why != NULL)
		log_fatal("%s", why);
	if (++bench.over == bench.count)
		event_base_loopbreak(bench.base);
}

static struct udp *
open_udp(struct udp_calls *calls, double rate, uint64_t flow)
{
	union address local;
	struct udp_about about = {
	    .host = &host,
	    .base = bench.base,
	    .local = &local,
	    .least = 10000,
	    .most = 30000,
	    .flow = flow,
	    .rate = (unsigned)rate,
	    .calls = calls,
	};
	struct error err;
	struct udp *udp;

	address_parse("127.0.0.1", 0, &local);
	udp = udp_new(&about, &err);
	if (udp == NULL)
		log_fatal("%s", err.text);
	return (udp);
}

static void
join(struct udp *udp, struct udp *peer)
{
	union address address;
	struct error err;

	address_parse("127.0.0.1", udp_port(peer), &address);
	if (udp_connect(udp, &address, &err) == -1)
		log_fatal("%s", err.text);
}

static const struct keys *
keys(void)
{
	return (bench.mode == MODE_OPEN ? NULL : &bench.keys);
}

static void
open_receiver(struct stream *stream)
{
	struct catch_about about = {
	    .mode = bench.mode,
	    .keys = keys(),
	    .packets = MESSAGE_NEXT_UNKNOWN,
	    .caught = on_caught,
	};

	stream->catch = catch_new(&about);
	stream->to_calls =
	    (struct udp_calls){.arrived = catch_arrived, .arg = stream->catch};
	stream->to = open_udp(
	    &stream->to_calls, bench.rate, (uint64_t)(stream - bench.streams));
}

static void
open_sender(struct stream *stream)
{
	const struct slot slot = {SLOT_EXPONENTIAL,
	    ntp_of_duration(clock_of_seconds(1 / bench.rate))};
	struct outbound_about about = {
	    .host = &host,
	    .turns = bench.turns,
	    .mode = bench.mode,
	    .keys = keys(),
	    .start = ntp_of_wall(bench.begin),
	    .slots = &slot,
	    .slot_count = 1,
	    .packets = (uint32_t)(bench.rate * bench.seconds),
	    .timeout = NS_PER_S,
	    .state = on_state,
	    .over = on_over,
	};

	if (getrandom(about.sid, sizeof(about.sid), 0) != sizeof(about.sid))
		log_fatal("getrandom");
	stream->from_calls = (struct udp_calls){.left = outbound_left};
	stream->from = open_udp(
	    &stream->from_calls, 0, 10000 + (uint64_t)(stream - bench.streams));
	about.udp = stream->from;
	stream->from_calls.arg = stream->outbound = outbound_new(&about);
}

static size_t
heap(void)
{
	return (mallinfo2().uordblks);
}

static void
open_all(void)
{
	size_t before = heap();

	for (size_t i = 0; i < bench.count; i++)
		open_receiver(&bench.streams[i]);
	bench.receivers = heap() - before;
	bench.begin = clock_wall() + SOON;
	before = heap();
	for (size_t i = 0; i < bench.count; i++)
		open_sender(&bench.streams[i]);
	bench.senders = heap() - before;
	for (size_t i = 0; i < bench.count; i++) {
		join(bench.streams[i].from, bench.streams[i].to);
		join(bench.streams[i].to, bench.streams[i].from);
	}
}

static void
close_all(void)
{
	for (size_t i = 0; i < bench.count; i++) {
		struct stream *stream = &bench.streams[i];

		udp_receive(stream->to);
		bench.sent += outbound_sent(stream->outbound);
		bench.drops += udp_drops(stream->to);
		outbound_free(stream->outbound);
		catch_free(stream->catch);
		udp_free(stream->from);
		udp_free(stream->to);
	}
}

static double
cpu_seconds(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (
	    (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	    (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
}

static struct event_base *
new_base(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base;

	event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	event_config_set_flag(config, EVENT_BASE_FLAG_NO_CACHE_TIME);
	base = event_base_new_with_config(config);
	event_config_free(config);
	prctl(PR_SET_TIMERSLACK, 1UL);
	return (base);
}

static void
print_result(double cpu, double wall)
{
	struct summary late = {0};

	summary_fill(&late, bench.later, bench.left_stamped);
	printf("{\"streams\":%zu,\"rate\":%g,\"sent\":%llu,\"skipped\":%llu,"
	       "\"caught\":%llu,\"drops\":%llu,\"stuck\":%llu,"
	       "\"left_stamped\":%llu,\"came_stamped\":%llu",
	    bench.count, bench.rate, (unsigned long long)bench.sent,
	    (unsigned long long)bench.skipped, (unsigned long long)bench.caught,
	    (unsigned long long)bench.drops, (unsigned long long)bench.stuck,
	    (unsigned long long)bench.left_stamped,
	    (unsigned long long)bench.came_stamped);
	if (late.n > 0)
		printf(",\"late_p50\":%.6f,\"late_p99\":%.6f,\"late_max\":%.6f",
		    late.quantile[SUMMARY_P50], late.quantile[SUMMARY_P99],
		    late.max);
	printf(",\"core\":%.4f,\"cpu_us_per_packet\":%.2f", cpu / wall,
	    bench.sent > 0 ? 1e6 * cpu / (double)bench.sent : 0);
	printf(",\"sender_bytes\":%zu,\"receiver_bytes\":%zu,"
	       "\"grown_bytes\":%zu}\n",
	    bench.senders / bench.count, bench.receivers / bench.count,
	    bench.grown / bench.count);
	summary_clear(&late);
}

static void
read_arguments(int argc, char **argv)
{
	const char *mode = argc == 5 ? argv[4] : "open";

	if (argc < 4 || argc > 5)
		log_fatal("usage: owd_streams STREAMS PACKETS/S SECONDS "
			  "[open|authenticated|encrypted]");
	bench.count = strtoul(argv[1], NULL, 10);
	bench.rate = strtod(argv[2], NULL);
	bench.seconds = strtod(argv[3], NULL);
	bench.mode = strcmp(mode, "encrypted") == 0       ? MODE_ENCRYPTED
		     : strcmp(mode, "authenticated") == 0 ? MODE_AUTHENTICATED
							  : MODE_OPEN;
	if (bench.count == 0 || !(bench.rate * bench.seconds >= 1))
		log_fatal("expected a stream, and a packet of each");
}

int
main(int argc, char **argv)
{
	struct rlimit files;
	size_t before;
	double cpu;
	nanoseconds began;

	log_open("owd_streams", false);
	read_arguments(argc, argv);
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	bench.base = new_base();
	bench.turns = turns_take(bench.base, NULL);
	keys_random(&bench.keys);
	bench.later_room =
	    (size_t)((double)bench.count * bench.rate * bench.seconds);
	bench.later = memory_new(bench.later_room, sizeof(*bench.later));
	bench.streams = memory_new(bench.count, sizeof(*bench.streams));
	open_all();
	cpu = cpu_seconds();
	began = clock_monotonic();
	before = heap();
	event_base_dispatch(bench.base);
	bench.grown = heap() - before;
	cpu = cpu_seconds() - cpu;
	close_all();
	print_result(cpu, clock_seconds(clock_monotonic() - began));
	turns_give(bench.turns);
	free(bench.streams);
	free(bench.later);
	event_base_free(bench.base);
	return (0);
}
