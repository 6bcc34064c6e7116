/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * guest.c - the smallest far end: asks whether it may serve somebody, and at
 * either end says which one it is and what it knows of the other.
 *
 * It sends nothing, and states so when it ends. The far end asks for one guest as soon as it is there; a run
 * tells the answer, and the secret of its target, if that is a box of the
 * fleet.
 */
#include <probes/probe.h>
#include <stddef.h>
#include <stdio.h>

struct settings {
	bool unused;
};

struct far_settings {
	char peer[64];
	double packets;
};

static const struct setting settings[] = {
    {"unused", OPTION_FLAG, "no", 0, 0, NULL, "nothing",
	offsetof(struct settings, unused)},
    {NULL},
};

static const struct setting far_settings[] = {
    {"peer", OPTION_TEXT, "lon", 1, 63, NULL, "who is to be served",
	offsetof(struct far_settings, peer)},
    {"packets", OPTION_RATE, "2/s", 0, 1e9, NULL, "what he would cost",
	offsetof(struct far_settings, packets)},
    {NULL},
};

static const struct metric metrics[] = {
    {.name = "secret",
	.kind = METRIC_COUNT,
	.unit = UNIT_COUNT,
	.better = BETTER_NEITHER,
	.help = "sum of the secret's bytes"},
    {.name = "told",
	.kind = METRIC_TEXT_KIND,
	.help = "own box, own end, target, number of the target's addresses"},
    {.name = "half", .kind = METRIC_SIDES, .help = "what was done for a guest"},
    {.name = "answer",
	.kind = METRIC_TEXT_KIND,
	.help = "what the far end was told of its guest"},
    {.name = NULL},
};

static const struct manifest about = {
    .name = "guest",
    .version = 1,
    .summary = "who is measured with, and who is served",
    .runs_at = RUNS_AT_DST,
    .either = true,
    .settings = settings,
    .responder_settings = far_settings,
    .metrics = metrics,
};

struct worker {
	char answer[200];
};

struct far {
	struct probe_responder *responder;
	struct probe_ticket *ticket;
};

static void
cost(const void *given, struct cost *price)
{
	*price = (struct cost){.packets = 1, .bits = 1, .seconds = 1};
}

static void
tell_peer(struct probe_run *run)
{
	const struct probe_host *host = run->worker->host;
	const struct probe_peer *peer = host->peer(run->worker, run->name);
	const char *box = run->worker->box;
	char text[200];
	int sum = 0;

	for (size_t i = 0; peer != NULL && i < sizeof(peer->secret); i++)
		sum += peer->secret[i];
	host->count(run, "secret", sum);
	snprintf(text, sizeof(text), "%s %s %s %zu", box != NULL ? box : "-",
	    run->end == RUNS_AT_SRC ? "src" : "dst", run->name,
	    peer != NULL ? peer->address_count : 0);
	host->text(run, "told", text);
}

static int
start(struct probe_run *run, struct error *err)
{
	const struct worker *worker = run->worker->state;
	const struct probe_host *host = run->worker->host;

	tell_peer(run);
	host->text(run, "answer", worker->answer);
	host->stamps(run, STAMP_USER, STAMP_KERNEL);
	host->far_clock(run, run->end == RUNS_AT_SRC, 250 * NS_PER_US);
	host->done(run, PROBE_MEASURED, NULL);
	return (0);
}

static void
stop(struct probe_run *run)
{
}

static void
on_answer(void *arg, const char *why_not)
{
	struct far *far = arg;
	struct worker *worker = far->responder->worker->state;

	snprintf(worker->answer, sizeof(worker->answer), "%s",
	    why_not != NULL ? why_not : "may be served");
}

static int
respond(struct probe_responder *responder, struct error *err)
{
	const struct far_settings *s = responder->settings;
	const struct probe_ask ask = {
	    .peer = s->peer, .cost = {.packets = s->packets}};
	struct far *far = responder->state;

	if (s->packets == 0)
		return (responder->worker->host->error_set(
		    err, "packets: expected more than none"));
	far->responder = responder;
	far->ticket =
	    responder->worker->host->admit(responder, &ask, on_answer, far);
	return (0);
}

/* Of whom it served. */
static void
state_side(struct probe_responder *responder)
{
	const struct probe_host *host = responder->worker->host;
	const struct far_settings *s = responder->settings;

	host->state(responder, &(const struct probe_statement){.test = "visits",
				   .box = s->peer,
				   .end = RUNS_AT_SRC,
				   .family = 6,
				   .from = host->wall() - 60 * NS_PER_S,
				   .to = host->wall(),
				   .metric = "half",
				   .json = "[{\"is\":\"k\",\"add\":{}}]"});
}

static void
respond_stop(struct probe_responder *responder)
{
	struct worker *worker = responder->worker->state;
	struct far *far = responder->state;

	if (worker->answer[0] == 'm')
		state_side(responder);
	if (far->ticket != NULL)
		responder->worker->host->release(far->ticket);
	worker->answer[0] = '\0';
}

const struct probe_ops probe = {
    .abi = PROBE_ABI,
    .size = sizeof(struct probe_ops),
    .about = &about,
    .settings_size = sizeof(struct settings),
    .responder_settings_size = sizeof(struct far_settings),
    .worker_size = sizeof(struct worker),
    .responder_size = sizeof(struct far),
    .cost = cost,
    .start = start,
    .stop = stop,
    .respond = respond,
    .respond_stop = respond_stop,
};
