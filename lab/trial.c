/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/trial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/error.h"
#include "common/memory.h"
#include "lab/capture.h"
#include "lab/trial_parts.h"

#define CORES 256
#define QUIET (NS_PER_S / 2) /* without a frame: no more will come */
#define ABSENT INT64_MIN

/* When each frame was sent and first arrived: [link * per_link + number]. */
struct tracks {
	nanoseconds *sent, *arrived;
	size_t count, per_link;
	nanoseconds last; /* CLOCK_MONOTONIC: something came */
};

struct run {
	const struct trial *trial;
	struct trial_stage stage;
	struct capture *ends[2];
	struct tracks tracks;
	pid_t sender, burners[CORES];
};

static void
note(const struct capture_frame *frame, struct tracks *tracks,
    nanoseconds *stamps)
{
	struct trial_frame head;
	size_t at;

	if (frame->length < sizeof(head))
		return;
	memcpy(&head, frame->data, sizeof(head));
	at = head.link * tracks->per_link + head.number;
	if (head.kind != htons(TRIAL_KIND) || at >= tracks->count ||
	    stamps[at] != ABSENT)
		return;
	stamps[at] = frame->stamp;
	tracks->last = clock_monotonic();
}

static void
on_near(const struct capture_frame *frame, void *arg)
{
	struct tracks *tracks = arg;

	if (frame->outgoing)
		note(frame, tracks, tracks->sent);
}

static void
on_far(const struct capture_frame *frame, void *arg)
{
	struct tracks *tracks = arg;

	if (!frame->outgoing)
		note(frame, tracks, tracks->arrived);
}

static void
make_tracks(struct tracks *tracks, const struct trial *trial)
{
	tracks->per_link = (size_t)(trial->pace * trial->lasts) + 1;
	tracks->count = tracks->per_link * trial->links;
	tracks->sent = memory_new(tracks->count, sizeof(nanoseconds));
	tracks->arrived = memory_new(tracks->count, sizeof(nanoseconds));
	for (size_t i = 0; i < tracks->count; i++)
		tracks->sent[i] = tracks->arrived[i] = ABSENT;
}

static void
burn(struct run *run)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	for (long i = 0; run->trial->busy && i < cores && i < CORES; i++)
		if ((run->burners[i] = fork()) == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			for (volatile unsigned n = 0;; n++)
				;
		}
}

static void
end(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Until the sender has ended and nothing has come for a while. */
static int
watch(struct run *run, struct error *err)
{
	struct pollfd fds[2] = {
	    {.fd = capture_fd(run->ends[0]), .events = POLLIN},
	    {.fd = capture_fd(run->ends[1]), .events = POLLIN}};
	nanoseconds quiet = run->trial->way.delay + QUIET;
	int status = 0;

	run->tracks.last = clock_monotonic();
	while (
	    run->sender != 0 || clock_monotonic() - run->tracks.last < quiet) {
		poll(fds, 2, (int)(CAPTURE_DELAY / NS_PER_MS));
		capture_read(run->ends[0], on_near, &run->tracks);
		capture_read(run->ends[1], on_far, &run->tracks);
		if (run->sender != 0 &&
		    waitpid(run->sender, &status, WNOHANG) == run->sender)
			run->sender = 0;
	}
	return (status == 0 ? 0 : error_set(err, "the sender has failed"));
}

static int
compare(const void *a, const void *b)
{
	nanoseconds x = *(const nanoseconds *)a, y = *(const nanoseconds *)b;

	return (x < y ? -1 : x > y);
}

static void
judge_delays(const struct run *run, struct trial_result *result)
{
	const struct tracks *tracks = &run->tracks;
	nanoseconds delay =
	    run->trial->kind == TRIAL_PLAIN ? 0 : run->trial->way.delay;
	nanoseconds *errors = memory_new(tracks->count + 1, sizeof(*errors));
	size_t n = 0;

	for (size_t i = 0; i < tracks->count; i++) {
		result->sent += tracks->sent[i] != ABSENT;
		if (tracks->sent[i] != ABSENT && tracks->arrived[i] != ABSENT)
			errors[n++] =
			    tracks->arrived[i] - tracks->sent[i] - delay;
	}
	qsort(errors, n, sizeof(*errors), compare);
	result->arrived = n;
	if (n > 0) {
		result->least = errors[0];
		result->p50 = errors[n / 2];
		result->p99 = errors[n * 99 / 100];
		result->most = errors[n - 1];
	}
	free(errors);
}

/* Of all but the first, in the time from that to the last. */
static void
judge_rate(const struct run *run, struct trial_result *result)
{
	const struct tracks *tracks = &run->tracks;
	nanoseconds first = INT64_MAX, last = ABSENT;
	double bits = -(double)run->trial->length * 8;

	for (size_t i = 0; i < tracks->per_link; i++) {
		if (tracks->arrived[i] == ABSENT)
			continue;
		bits += (double)run->trial->length * 8;
		if (tracks->arrived[i] < first)
			first = tracks->arrived[i];
		if (tracks->arrived[i] > last)
			last = tracks->arrived[i];
	}
	if (last > first)
		result->rate = bits / clock_seconds(last - first);
}

static int
judge_stats(struct run *run, struct trial_result *result, struct error *err)
{
	char text[512], *lost, *queue;

	for (size_t i = 0; i < run->stage.links; i++) {
		if (trial_ask(&run->stage, text, sizeof(text), err,
			"stats l%zu 0", i) == -1)
			return (-1);
		if ((lost = strstr(text, " lost=")) != NULL)
			result->dropped += strtoull(lost + 6, NULL, 10);
		if ((queue = strstr(text, " queue=")) != NULL)
			result->dropped += strtoull(queue + 7, NULL, 10);
	}
	result->realtime =
	    sched_getscheduler(run->stage.emulator) == SCHED_FIFO;
	return (0);
}

static int
perform(struct run *run, struct trial_result *result, struct error *err)
{
	const struct trial *trial = run->trial;

	if (trial_build(&run->stage, trial, err) == -1)
		return (-1);
	for (int i = 0; i < 2; i++)
		if ((run->ends[i] =
			    capture_new(run->stage.nets[i], NULL, err)) == NULL)
			return (-1);
	burn(run);
	if ((run->sender = trial_send(&run->stage, trial, err)) == -1)
		return (-1);
	if (watch(run, err) == -1)
		return (-1);
	for (int i = 0; i < 2; i++)
		result->unseen += capture_drops(run->ends[i]);
	judge_delays(run, result);
	judge_rate(run, result);
	return (run->stage.emulator == 0 ? 0 : judge_stats(run, result, err));
}

static int
check(const struct trial *trial, struct error *err)
{
	if (trial->links < 1 || trial->links > TRIAL_LINKS)
		return (error_set(err, "expected 1 to %d links", TRIAL_LINKS));
	if (trial->length < 64 || trial->length > 1514)
		return (error_set(err, "expected frames of 64 to 1514 bytes"));
	if (!(trial->pace >= 1 && trial->pace <= 1e6) ||
	    !(trial->lasts > 0 && trial->lasts <= 3600))
		return (error_set(err, "expected 1 to 1000000 frames/s for "
				       "at most an hour"));
	return (0);
}

int
trial_run(
    const struct trial *trial, struct trial_result *result, struct error *err)
{
	struct run *run;
	int status;

	*result = (struct trial_result){0};
	if (check(trial, err) == -1)
		return (-1);
	run = memory_new(1, sizeof(*run));
	run->trial = trial;
	make_tracks(&run->tracks, trial);
	status = perform(run, result, err);
	end(run->sender);
	for (int i = 0; i < CORES; i++)
		end(run->burners[i]);
	result->share = trial_clear(&run->stage) / trial->lasts;
	for (int i = 0; i < 2; i++)
		capture_free(run->ends[i]);
	free(run->tracks.sent);
	free(run->tracks.arrived);
	free(run);
	return (status);
}
