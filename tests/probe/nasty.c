/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nasty.c - a probe that does what a probe must not, past its host.
 *
 * It knows the descriptor by which its host talks to pharosd, and what is said
 * there.
 */
#include <poll.h>
#include <probes/probe.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PARENT 3

struct settings {
	int64_t act;
	int64_t run;
};

enum act {
	GOOD,
	CRASH,
	LEAVE,
	HANG,
	GARBAGE,
	ENDLESS,
	LARGE,
	FLOOD,
	FOLLOW,
	FOREIGN,
	EARLY,
	INFINITE,
	COSTLY,
	MUTE
};

static const char *const acts[] = {
    [GOOD] = "good",
    [CRASH] = "crash",
    [LEAVE] = "leave",
    [HANG] = "hang",
    [GARBAGE] = "garbage",   /* a line that is no JSON */
    [ENDLESS] = "endless",   /* a line that does not end */
    [LARGE] = "large",       /* a record that is too large */
    [FLOOD] = "flood",       /* records of runs that there are not */
    [FOLLOW] = "follow",     /* one record after another of one run */
    [FOREIGN] = "foreign",   /* an outcome that there is not */
    [EARLY] = "early",       /* of 1970 */
    [INFINITE] = "infinite", /* 1e999 */
    [COSTLY] = "costly",     /* a price below zero */
    [MUTE] = "mute",         /* done is never said */
    NULL,
};

static const struct setting settings[] = {
    {"act", OPTION_CHOICE, "good", 0, 0, acts, "what it does",
	offsetof(struct settings, act)},
    {"run", OPTION_COUNT, "1", 1, 1e9, NULL,
	"the number of the run, as guessed", offsetof(struct settings, run)},
    {NULL},
};

static const struct metric metrics[] = {
    {.name = "tries",
	.kind = METRIC_COUNT,
	.unit = UNIT_COUNT,
	.better = BETTER_MORE,
	.help = "how often it was good"},
    {.name = "blob", .kind = METRIC_DETAIL, .help = "a large one"},
    {.name = NULL},
};

static const struct manifest about = {
    .name = "nasty",
    .version = 1,
    .summary = "what a probe must not do",
    .runs_at = RUNS_AT_SRC,
    .settings = settings,
    .metrics = metrics,
};

/* Past the host: blocking, and whole. */
static void
say(const char *text, size_t length)
{
	struct pollfd room = {.fd = PARENT, .events = POLLOUT};

	while (length > 0) {
		ssize_t n = write(PARENT, text, length);

		if (n > 0) {
			text += n;
			length -= (size_t)n;
		} else {
			poll(&room, 1, -1);
		}
	}
}

static void
say_record(int64_t run, const char *rest)
{
	char line[512];
	int length = snprintf(line, sizeof(line),
	    "{\"m\":\"record\",\"run\":%lld,\"start\":1795300000,"
	    "\"end\":1795300001,\"outcome\":\"measured\",%s}\n",
	    (long long)run, rest);

	say(line, (size_t)length);
}

/* For ever, or as long as there is somebody to listen. */
static _Noreturn void
say_again(const char *text, size_t length)
{
	for (;;)
		say(text, length);
}

static void
say_large(struct probe_run *run, size_t length)
{
	char *text = calloc(1, length + 3);

	memset(text, 'x', length + 2);
	text[0] = text[length + 1] = '"';
	run->worker->host->detail(run, "blob", text);
	free(text);
}

static _Noreturn void
flood(void)
{
	for (int64_t run = 1000000;; run++)
		say_record(run, "\"last\":true");
}

static _Noreturn void
follow(int64_t run)
{
	for (;;)
		say_record(run, "\"last\":false");
}

static void
act(struct probe_run *run)
{
	const struct settings *s = run->settings;
	static const char x[65536];

	switch ((enum act)s->act) {
	case CRASH:
		abort();
	case LEAVE:
		_exit(0);
	case HANG:
		for (;;)
			pause();
	case GARBAGE:
		say("what is this?\n", 14);
		break;
	case ENDLESS:
		say_again(x, sizeof(x));
	case LARGE:
		say_large(run, 1200 * 1024);
		break;
	case FLOOD:
		flood();
	case FOLLOW:
		follow(s->run);
	case FOREIGN:
		say_record(s->run, "\"outcome\":\"fine\",\"last\":true");
		break;
	case EARLY:
		say_record(s->run, "\"start\":0,\"last\":true");
		break;
	case INFINITE:
		say_record(s->run, "\"lateness\":1e999,\"last\":true");
		break;
	default:
		break;
	}
}

static int
start(struct probe_run *run, struct error *err)
{
	const struct settings *s = run->settings;

	act(run);
	run->worker->host->count(run, "tries", 1);
	if (s->act != MUTE)
		run->worker->host->done(run, PROBE_MEASURED, NULL);
	return (0);
}

static void
stop(struct probe_run *run)
{
}

static void
cost(const void *data, struct cost *cost)
{
	static const char below[] =
	    "{\"m\":\"cost\",\"ask\":1,\"packets\":-1e300,\"bits\":0,"
	    "\"seconds\":0}\n";
	const struct settings *s = data;

	cost->packets = 1;
	if (s->act == COSTLY)
		say(below, sizeof(below) - 1);
}

const struct probe_ops probe = {
    .abi = PROBE_ABI,
    .size = sizeof(struct probe_ops),
    .about = &about,
    .settings_size = sizeof(struct settings),
    .cost = cost,
    .start = start,
    .stop = stop,
};
