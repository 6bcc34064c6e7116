/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ping_probe - a measuring plug-in through its ABI, without its worker.
 *
 *   ping_probe MODULE TARGETS [--stop] [OPTION=VALUE...]
 *
 * Starts one run for each line of the file TARGETS, as fast as it goes, and prints one
 * JSON object: counts over all runs, quantiles of the first distribution in
 * seconds, and the time from the first start to the last end. --stop: nothing
 * is read for a second from the moment on that the first answers came.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/summary.h"
#include "probes/probe.h"

#define AT_ONCE 256 /* runs are started */

struct bench {
	const struct probe_ops *ops;
	struct probe_worker worker;
	void *settings;
	struct probe_run *runs;
	union address *targets;
	size_t count, started, open, outcomes[3];
	struct event *starter;
	struct probe_run **over; /* to be stopped with this turn of the loop */
	size_t finished;
	struct event *stopper;
	int64_t *samples;
	size_t n, room;
	int64_t *counts; /* by row of the metrics; -1: not mentioned */
	nanoseconds began, ended;
	const char *stamps[2];
};

static struct bench bench;
static bool stops;
static nanoseconds stopped; /* from then on, for a second */

/* The plug-in's calls come here, for it takes symbols from its host first. */
int
recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags,
    struct timespec *timeout)
{
	if (stopped != 0 && clock_monotonic() - stopped < NS_PER_S)
		return (errno = EAGAIN, -1);
	return (
	    (int)syscall(SYS_recvmmsg, fd, messages, count, flags, timeout));
}

static void
on_count(struct probe_run *run, const char *metric, int64_t n)
{
	const struct metric *row = bench.ops->about->metrics;
	int64_t *count;

	/* the plug-in's own words, mostly */
	while (row->name != NULL && row->name != metric)
		row++;
	if (row->name == NULL)
		row = bench.ops->about->metrics;
	while (row->name != metric && strcmp(row->name, metric) != 0)
		row++;
	count = &bench.counts[row - bench.ops->about->metrics];
	*count = *count == -1 ? n : *count + n;
}

/* The first distribution of the table counts. */
static void
on_sample(struct probe_run *run, const char *metric, nanoseconds value)
{
	const struct metric *m = bench.ops->about->metrics;

	while (m->kind != METRIC_DISTRIBUTION)
		m++;
	if (strcmp(metric, m->name) != 0)
		return;
	if (bench.n == bench.room) {
		bench.room = bench.room > 0 ? 2 * bench.room : 1024;
		bench.samples = memory_resize(
		    bench.samples, bench.room, sizeof(*bench.samples));
	}
	bench.samples[bench.n++] = value;
}

static void
on_value(struct probe_run *run, const char *metric, double value)
{
}

static void
on_text(struct probe_run *run, const char *metric, const char *text)
{
}

static void
on_stamps(
    struct probe_run *run, enum probe_stamp sent, enum probe_stamp received)
{
	static const char *const names[] = {"user", "kernel", "hardware"};

	bench.stamps[0] = names[sent];
	bench.stamps[1] = names[received];
}

static void
stop_some(evutil_socket_t fd, short what, void *arg)
{
	for (size_t i = 0; i < bench.finished; i++) {
		bench.ops->stop(bench.over[i]);
		free(bench.over[i]->state);
	}
	bench.open -= bench.finished;
	bench.finished = 0;
	if (bench.open == 0 && bench.started == bench.count) {
		bench.ended = clock_monotonic();
		event_base_loopbreak(bench.worker.base);
	}
}

static void
on_done(struct probe_run *run, enum probe_outcome outcome, const char *why)
{
	bench.outcomes[outcome]++;
	bench.over[bench.finished++] = run;
	event_active(bench.stopper, EV_TIMEOUT, 0);
}

static const struct probe_host host = {
    .abi = PROBE_ABI,
    .size = sizeof(struct probe_host),
    .wall = clock_wall,
    .monotonic = clock_monotonic,
    .count = on_count,
    .sample = on_sample,
    .value = on_value,
    .text = on_text,
    .detail = on_text,
    .stamps = on_stamps,
    .done = on_done,
    .error_set = error_set,
};

static void
read_targets(const char *path)
{
	FILE *in = fopen(path, "r");
	char line[256];

	if (in == NULL)
		log_fatal("%s: %s", path, strerror(errno));
	while (fgets(line, sizeof(line), in) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if ((bench.count & (bench.count + 1)) == 0)
			bench.targets = memory_resize(bench.targets,
			    2 * (bench.count + 1), sizeof(*bench.targets));
		if (!address_parse(line, 0, &bench.targets[bench.count++]))
			log_fatal("%s: expected an address", line);
	}
	fclose(in);
}

static void
load_settings(char **argv)
{
	const struct setting *table = bench.ops->about->settings, *setting;
	json_object *values = json_object_new_object(), *value;
	struct error err;

	for (; *argv != NULL; argv++) {
		char *name = memory_text(*argv), *text = strchr(name, '=');

		if (text == NULL)
			log_fatal("%s: expected OPTION=VALUE", name);
		*text++ = '\0';
		if ((setting = option_find(table, name)) == NULL ||
		    (value = option_json(setting, text, &err)) == NULL)
			log_fatal("option %s", name);
		json_object_object_add(values, name, value);
		free(name);
	}
	bench.settings = memory_new(1, bench.ops->settings_size);
	if (option_load(table, bench.settings, values, &err) == -1)
		log_fatal("%s", err.text);
	json_object_put(values);
}

static void
stop_reading(evutil_socket_t fd, short what, void *arg)
{
	stopped = clock_monotonic();
}

static void
start_one(size_t i)
{
	static const union address any;
	struct probe_run *run = &bench.runs[i];
	struct error err;

	*run = (struct probe_run){
	    .worker = &bench.worker,
	    .settings = bench.settings,
	    .target = &bench.targets[i],
	    .source = &any,
	    .flow = i,
	    .at = bench.began,
	    .state = memory_new(1, bench.ops->run_size),
	};
	bench.open++;
	if (bench.ops->start(run, &err) == -1)
		log_fatal("%s", err.text);
}

/* A worker has its orders by the pipe full, too, and does what is due between. */
static void
start_some(evutil_socket_t fd, short what, void *arg)
{
	struct timeval soon = {.tv_usec = 200000};

	if (bench.started == 0)
		bench.began = clock_monotonic();
	for (int n = 0; n < AT_ONCE && bench.started < bench.count; n++)
		start_one(bench.started++);
	if (bench.started < bench.count)
		event_active(bench.starter, EV_TIMEOUT, 0);
	else if (stops)
		event_base_once(bench.worker.base, -1, EV_TIMEOUT, stop_reading,
		    NULL, &soon);
}

static void
run_all(void)
{
	struct event_config *config = event_config_new();
	struct error err;

	event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	event_config_set_flag(config, EVENT_BASE_FLAG_NO_CACHE_TIME);
	bench.worker.base = event_base_new_with_config(config);
	event_config_free(config);
	prctl(PR_SET_TIMERSLACK, 1UL);
	bench.worker.host = &host;
	bench.worker.state = memory_new(1, bench.ops->worker_size);
	bench.runs = memory_new(bench.count, sizeof(*bench.runs));
	bench.over = memory_new(bench.count, sizeof(*bench.over));
	bench.stopper = event_new(bench.worker.base, -1, 0, stop_some, NULL);
	if (bench.ops->open(&bench.worker, &err) == -1)
		log_fatal("%s", err.text);
	bench.starter = event_new(bench.worker.base, -1, 0, start_some, NULL);
	event_active(bench.starter, EV_TIMEOUT, 0);
	event_base_dispatch(bench.worker.base);
	bench.ops->close(&bench.worker);
}

/* Those of all runs together. */
static json_object *
counts_json(void)
{
	const struct metric *metrics = bench.ops->about->metrics;
	json_object *out = json_object_new_object();

	for (size_t i = 0; metrics[i].name != NULL; i++)
		if (bench.counts[i] != -1)
			member_add_whole(out, metrics[i].name, bench.counts[i]);
	return (out);
}

static void
make_counts(void)
{
	size_t n = 0;

	while (bench.ops->about->metrics[n].name != NULL)
		n++;
	bench.counts = memory_new(n, sizeof(*bench.counts));
	while (n > 0)
		bench.counts[--n] = -1;
}

static void
print_result(void)
{
	json_object *out = counts_json();
	struct summary summary = {0};

	summary_fill(&summary, bench.samples, bench.n);
	if (bench.n > 0)
		json_object_object_add(
		    out, "distribution", summary_json(&summary));
	json_object_object_del(member_get(out, "distribution"), "bins");
	member_add_whole(out, "runs", (int64_t)bench.count);
	member_add_whole(out, "failed", (int64_t)bench.outcomes[PROBE_FAILED]);
	member_add_duration(out, "seconds", bench.ended - bench.began);
	member_add_text(out, "sent_by", bench.stamps[0]);
	member_add_text(out, "received_by", bench.stamps[1]);
	puts(json_object_to_json_string_ext(out, JSON_C_TO_STRING_PLAIN));
	json_object_put(out);
	summary_clear(&summary);
}

int
main(int argc, char **argv)
{
	void *module;

	log_open("ping_probe", false);
	if (argc < 3)
		log_fatal("usage: ping_probe MODULE TARGETS [--stop] "
			  "[OPTION=VALUE...]");
	module = dlopen(argv[1], RTLD_NOW);
	if (module == NULL || (bench.ops = dlsym(module, "probe")) == NULL)
		log_fatal("%s", dlerror());
	read_targets(argv[2]);
	argv += 3;
	if (*argv != NULL && strcmp(*argv, "--stop") == 0) {
		stops = true;
		argv++;
	}
	load_settings(argv);
	make_counts();
	run_all();
	print_result();
	return (0);
}
