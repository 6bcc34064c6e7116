/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pharos-truth: records every frame at the two ends of a link.
 */
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/log.h"
#include "defines.h"
#include "lab/capture.h"
#include "lab/emulator/verdict.h"
#include "lab/netns.h"
#include "lab/truth_file.h"

#define FLUSH (NS_PER_S / 2)

struct recorder {
	FILE *out;
	struct end {
		struct recorder *recorder;
		struct capture *capture;
		uint64_t drops;
	} ends[2];
	int signals;
	nanoseconds flushed;
};

static int
usage(FILE *out)
{
	fprintf(out,
	    "usage: pharos-truth --output FILE NETNS INTERFACE NETNS "
	    "INTERFACE\n"
	    "       pharos-truth --version\n"
	    "\n"
	    "Records each frame that enters or leaves the two ends of a link, "
	    "by their\nnetwork namespaces (paths) and interfaces. Says "
	    "\"ready\" when it does, and\nends its file in order on SIGTERM "
	    "and SIGINT.\n");
	return (out == stdout ? 0 : 2);
}

static void
write_record(FILE *out, const struct truth_record *record)
{
	fwrite(record, sizeof(*record), 1, out);
}

/* A frame that enters says who it is; one that leaves is known by its hash. */
static void
write_frame(FILE *out, struct truth_record record, const uint8_t *data)
{
	static const uint8_t zeros[8];

	if (record.kind == TRUTH_ENTERED)
		record.kept =
		    record.length < TRUTH_KEPT ? record.length : TRUTH_KEPT;
	write_record(out, &record);
	fwrite(data, 1, record.kept, out);
	fwrite(zeros, 1, TRUTH_PADDED(record.kept) - record.kept, out);
}

static uint8_t
number_of(const struct end *end)
{
	return ((uint8_t)(end - end->recorder->ends));
}

static void
record_frame(const struct capture_frame *frame, void *arg)
{
	const struct end *end = arg;

	write_frame(end->recorder->out,
	    (struct truth_record){.stamp = frame->stamp,
		.value = verdict_hash(frame->data, frame->length),
		.length = (uint16_t)frame->length,
		.kind = frame->outgoing ? TRUTH_ENTERED : TRUTH_LEFT,
		.end = number_of(end)},
	    frame->data);
}

static void
record_drops(struct end *end)
{
	uint64_t drops = capture_drops(end->capture);

	if (drops == end->drops)
		return;
	end->drops = drops;
	write_record(
	    end->recorder->out, &(struct truth_record){.stamp = clock_wall(),
				    .value = drops,
				    .kind = TRUTH_DROPS,
				    .end = number_of(end)});
}

static void
record_end(struct end *end)
{
	capture_read(end->capture, record_frame, end);
	record_drops(end);
}

/* Until a signal, and then what has passed before it. */
static void
record(struct recorder *recorder)
{
	struct pollfd fds[3] = {{.fd = recorder->signals, .events = POLLIN}};
	bool told = false;
	nanoseconds until = INT64_MAX;

	for (int i = 0; i < 2; i++)
		fds[i + 1] =
		    (struct pollfd){.fd = capture_fd(recorder->ends[i].capture),
			.events = POLLIN};
	while (clock_monotonic() < until && ferror(recorder->out) == 0) {
		poll(fds, 3, (int)(CAPTURE_DELAY / NS_PER_MS));
		for (int i = 0; i < 2; i++)
			record_end(&recorder->ends[i]);
		if (!told && (fds[0].revents & POLLIN) != 0) {
			told = true;
			fds[0].fd = -1;
			until = clock_monotonic() + 4 * CAPTURE_DELAY;
		}
		if (clock_monotonic() - recorder->flushed > FLUSH) {
			fflush(recorder->out);
			recorder->flushed = clock_monotonic();
		}
	}
}

static int
open_end(struct recorder *recorder, int number, char **words, struct error *err)
{
	struct end *end = &recorder->ends[number];
	int netns = netns_open(words[0], err);

	if (netns == -1)
		return (-1);
	end->recorder = recorder;
	end->capture = capture_new(netns, words[1], err);
	close(netns);
	return (end->capture != NULL ? 0 : -1);
}

static int
open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return (signalfd(-1, &set, SFD_CLOEXEC));
}

static int
run(struct recorder *recorder, const char *path, char **ends, struct error *err)
{
	fwrite(TRUTH_MAGIC, 1, 8, recorder->out);
	if (open_end(recorder, 0, ends, err) == -1 ||
	    open_end(recorder, 1, ends + 2, err) == -1)
		return (-1);
	if (printf("ready\n") < 0 || fflush(stdout) != 0)
		return (error_set(err, "standard output: %m"));
	record(recorder);
	write_record(recorder->out,
	    &(struct truth_record){.stamp = clock_wall(), .kind = TRUTH_END});
	if (fflush(recorder->out) != 0 || ferror(recorder->out) != 0)
		return (error_set(err, "%s: %m", path));
	return (0);
}

static int
record_to(const char *path, char **ends, struct error *err)
{
	struct recorder recorder = {.signals = open_signals()};
	int status;

	if ((recorder.out = fopen(path, "we")) == NULL)
		return (error_set(err, "%s: %m", path));
	status = run(&recorder, path, ends, err);
	for (int i = 0; i < 2; i++)
		capture_free(recorder.ends[i].capture);
	fclose(recorder.out);
	return (status);
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"output", required_argument, NULL, 'o'},
	    {"version", no_argument, NULL, 'V'},
	    {"help", no_argument, NULL, 'h'}, {NULL}};
	const char *path = NULL;
	struct error err;
	int c;

	log_open("pharos-truth", false);
	while ((c = getopt_long(argc, argv, "hV", options, NULL)) != -1) {
		if (c == 'V') {
			printf("pharos-truth " PACKAGE_VERSION "\n");
			return (0);
		}
		if (c != 'o')
			return (usage(c == 'h' ? stdout : stderr));
		path = optarg;
	}
	if (path == NULL || argc - optind != 4)
		return (usage(stderr));
	if (record_to(path, argv + optind, &err) == -1) {
		log_warnx("%s", err.text);
		return (3);
	}
	return (0);
}
