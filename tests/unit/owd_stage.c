/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/owd_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/memory.h"
#include "common/metric.h"
#include "common/option.h"
#include "tests/unit/loop.h"

extern const struct probe_ops probe;
struct stage stage;

struct probe_ticket {
	probe_answer answer;
	void *arg;
	struct event *event;
};

static struct stage_metric *
find(const char *name, enum metric_kind kind)
{
	const struct metric *row = metric_find(probe.about->metrics, name);
	struct stage_record *record = &stage.records[stage.count];
	int i = 0;

	assert_false(stage.done);
	if (row == NULL || row->kind != kind)
		fail_msg("no such metric: %s", name);
	while (record->metrics[i].name != NULL &&
	       strcmp(record->metrics[i].name, name) != 0)
		i++;
	assert_in_range(i, 0, STAGE_METRICS - 1);
	record->metrics[i].name = row->name;
	return (&record->metrics[i]);
}

static void
host_count(struct probe_run *run, const char *metric, int64_t n)
{
	find(metric, METRIC_COUNT)->count += n;
}

static void
host_sample(struct probe_run *run, const char *metric, nanoseconds value)
{
	struct stage_metric *m = find(metric, METRIC_DISTRIBUTION);

	if (m->samples == 0 || value < m->least)
		m->least = value;
	if (m->samples == 0 || value > m->most)
		m->most = value;
	m->samples++;
}

static void
host_merged(
    struct probe_run *run, const char *metric, const struct summary *summary)
{
	find(metric, METRIC_DISTRIBUTION)->samples += summary->n;
}

static void
host_value(struct probe_run *run, const char *metric, double value)
{
	find(metric, METRIC_VALUE)->value = value;
}

static void
host_text(struct probe_run *run, const char *metric, const char *text)
{
	snprintf(find(metric, METRIC_TEXT_KIND)->text,
	    sizeof(((struct stage_metric *)NULL)->text), "%s", text);
}

static void
host_detail(struct probe_run *run, const char *metric, const char *json)
{
	if (strcmp(metric, "open") == 0) {
		snprintf(find(metric, METRIC_SIDES)->text,
		    sizeof(((struct stage_metric *)NULL)->text), "%s", json);
		return;
	}
	find(metric, METRIC_DETAIL)->count = 1;
	if (strcmp(metric, "samples") != 0)
		return;
	free(stage.samples);
	stage.samples = memory_text(json);
}

static void
host_stamps(
    struct probe_run *run, enum probe_stamp sent, enum probe_stamp received)
{
	struct stage_record *record = &stage.records[stage.count];

	record->has_stamps = true;
	record->sent_by = sent;
	record->received_by = received;
}

static void
host_far_clock(struct probe_run *run, bool bounded, nanoseconds error)
{
	struct stage_record *record = &stage.records[stage.count];

	record->has_far_clock = true;
	record->bounded = bounded;
	record->error = error;
}

static void
host_report(struct probe_run *run, enum probe_outcome outcome, nanoseconds from,
    nanoseconds to)
{
	struct stage_record *record = &stage.records[stage.count++];

	assert_in_range(stage.count, 0, STAGE_RECORDS - 1);
	record->at = clock_wall();
	record->outcome = outcome;
	record->from = from;
	record->to = to;
}

static void
host_done(struct probe_run *run, enum probe_outcome outcome, const char *why)
{
	struct stage_record *record = &stage.records[stage.count++];

	assert_false(stage.done);
	record->outcome = outcome;
	if (why != NULL)
		snprintf(record->why, sizeof(record->why), "%s", why);
	stage.done = true;
}

static void
host_live(struct probe_run *run, const char *text)
{
	stage.lives++;
	snprintf(stage.live, sizeof(stage.live), "%s", text);
}

static bool
host_clock(nanoseconds *error)
{
	*error = 1000;
	return (true);
}

static const struct probe_peer *
host_peer(struct probe_worker *worker, const char *box)
{
	const struct probe_peer *peer =
	    worker == &stage.near ? &stage.away_peer : &stage.near_peer;

	return (stage.is_fleet && strcmp(box, peer->box) == 0 ? peer : NULL);
}

static void
answer(evutil_socket_t fd, short what, void *arg)
{
	struct probe_ticket *ticket = arg;

	ticket->answer(ticket->arg, NULL);
}

static struct probe_ticket *
host_admit(struct probe_responder *responder, const struct probe_ask *ask,
    probe_answer function, void *arg)
{
	struct probe_ticket *ticket = memory_new(1, sizeof(*ticket));

	ticket->answer = function;
	ticket->arg = arg;
	ticket->event = event_new(stage.base, -1, 0, answer, ticket);
	event_active(ticket->event, 0, 0);
	return (ticket);
}

static void
host_release(struct probe_ticket *ticket)
{
	event_free(ticket->event);
	free(ticket);
}

static void
host_note(struct probe_responder *responder, const char *text)
{
	snprintf(stage.note, sizeof(stage.note), "%s", text);
}

static const struct probe_host host = {
    .abi = PROBE_ABI,
    .size = sizeof(struct probe_host),
    .wall = clock_wall,
    .monotonic = clock_monotonic,
    .count = host_count,
    .sample = host_sample,
    .value = host_value,
    .text = host_text,
    .detail = host_detail,
    .stamps = host_stamps,
    .report = host_report,
    .done = host_done,
    .error_set = error_set,
    .live = host_live,
    .clock = host_clock,
    .far_clock = host_far_clock,
    .peer = host_peer,
    .admit = host_admit,
    .release = host_release,
    .note = host_note,
    .merged = host_merged,
};

static void on_timer(evutil_socket_t fd, short what, void *arg);

int
stage_make(void **state)
{
	int result = loop_make(state);

	stage = (struct stage){.base = *state,
	    .host = host,
	    .near_peer = {.box = "near", .secret = "of this pair alone"},
	    .away_peer = {.box = "away", .secret = "of this pair alone"}};
	stage.near = (struct probe_worker){.host = &stage.host,
	    .base = stage.base,
	    .box = "near",
	    .state = stage.states};
	stage.away = (struct probe_worker){.host = &stage.host,
	    .base = stage.base,
	    .box = "away",
	    .state = stage.states + 1};
	stage.responder = (struct probe_responder){
	    .worker = &stage.away, .settings = &stage.far_settings};
	stage.timer = evtimer_new(stage.base, on_timer, NULL);
	assert_int_equal(
	    option_load(far_table, &stage.far_settings, NULL, NULL), 0);
	assert_int_equal(
	    option_load(probe.about->settings, &stage.settings, NULL, NULL), 0);
	stage.far_settings.control_port = 0;
	stage.far_settings.test_ports[0] = '\0';
	stage.settings.test_ports[0] = '\0';
	stage.settings.distribution = OWD_FIXED;
	stage.settings.rate = 200;
	stage.settings.count = 40;
	stage.settings.timeout = 200 * NS_PER_MS;
	return (result);
}

int
stage_remove(void **state)
{
	if (stage.started)
		probe.stop(&stage.probe);
	far_free(stage.far);
	event_free(stage.timer);
	free(stage.samples);
	return (loop_remove(state));
}

void
stage_far(void)
{
	struct error err;

	stage.far = far_new(&stage.responder, &err);
	if (stage.far == NULL)
		fail_msg("%s", err.text);
	stage.settings.control_port = far_port(stage.far);
	stage.far_settings.control_port = far_port(stage.far);
}

void
stage_far_off(void)
{
	far_free(stage.far);
	stage.far = NULL;
}

static void
set_timer(void)
{
	struct timeval tv = clock_timeval(stage.to - clock_wall() + NS_PER_US);

	evtimer_add(stage.timer, &tv);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	if (clock_wall() >= stage.to) {
		probe.interval(&stage.probe, stage.from, stage.to);
		stage.from = stage.to;
		stage.to += stage.probe.report;
	}
	set_timer();
}

void
stage_start(enum manifest_end end, nanoseconds report)
{
	struct error err;

	assert_true(address_parse(stage.settings.source[0] != '\0'
				      ? stage.settings.source
				      : "127.0.0.1",
	    0, &stage.target));
	stage.probe = (struct probe_run){.worker = &stage.near,
	    .settings = &stage.settings,
	    .target = &stage.target,
	    .source = &stage.source,
	    .flow = 42,
	    .at = clock_monotonic(),
	    .state = &stage.run,
	    .report = report,
	    .watched = true,
	    .end = end,
	    .name = "away"};
	assert_int_equal(probe.run_size, sizeof(stage.run));
	if (probe.check(&stage.settings, &err) == -1)
		fail_msg("%s", err.text);
	stage.started = true;
	if (probe.start(&stage.probe, &err) == -1) {
		host_done(&stage.probe, PROBE_FAILED, err.text);
		return;
	}
	if (report == 0)
		return;
	stage.from = clock_wall();
	stage.to = stage.from - stage.from % report + report;
	set_timer();
}

void
stage_finish(void)
{
	event_del(stage.timer);
	probe.finish(&stage.probe);
}

void
stage_again(void)
{
	probe.stop(&stage.probe);
	stage.run = (struct run){0};
	stage.started = stage.done = false;
}

void
stage_run(enum manifest_end end)
{
	stage_start(end, 0);
	loop_until(stage.base, &stage.done);
}

const struct stage_metric *
stage_metric(const struct stage_record *record, const char *name)
{
	for (int i = 0; i < STAGE_METRICS && record->metrics[i].name; i++)
		if (strcmp(record->metrics[i].name, name) == 0)
			return (&record->metrics[i]);
	return (NULL);
}

int64_t
stage_count(const struct stage_record *record, const char *name)
{
	const struct stage_metric *metric = stage_metric(record, name);

	return (metric != NULL ? metric->count : -1);
}

const char *
stage_text(const struct stage_record *record, const char *name)
{
	const struct stage_metric *metric = stage_metric(record, name);

	return (metric != NULL ? metric->text : "");
}

const struct stage_record *
stage_last(void)
{
	assert_true(stage.count > 0);
	return (&stage.records[stage.count - 1]);
}

void
stage_check_whole(const struct stage_record *r, int64_t packets)
{
	if (r->outcome != PROBE_MEASURED || stage_text(r, "error")[0] != '\0')
		fail_msg("outcome %d: %s%s", r->outcome, r->why,
		    stage_text(r, "error"));
	assert_int_equal(
	    stage_count(r, "sent") + stage_count(r, "skipped"), packets);
	assert_int_equal(stage_count(r, "lost"), 0);
	assert_int_equal(stage_count(r, "lost_locally"), 0);
	assert_int_equal(stage_count(r, "received"), stage_count(r, "sent"));
	assert_int_equal(stage_count(r, "duplicates"), 0);
	assert_int_equal(stage_count(r, "stray"), 0);
	assert_int_equal(stage_count(r, "malformed"), 0);
	assert_int_equal(stage_count(r, "forged"), 0);
	assert_int_equal(
	    stage_metric(r, "delay")->samples, stage_count(r, "received"));
	assert_in_range(stage_metric(r, "delay")->least, 0, NS_PER_S);
	assert_true(r->has_stamps && r->has_far_clock);
	assert_int_equal(r->sent_by, STAMP_KERNEL);
	assert_int_equal(r->received_by, STAMP_KERNEL);
	assert_int_equal(stage_count(r, "unstamped"), 0);
	assert_true(r->bounded);
	/* as its estimate can say it */
	assert_in_range(r->error, 1000, 1010);
}
