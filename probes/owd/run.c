/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owd/run.h"

#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "probes/owamp/ntp.h"
#include "probes/owd/keyring.h"

#define DAY (86400 * NS_PER_S)

const size_t owd_run_size = sizeof(struct run);

bool
run_streams(const struct run *run)
{
	return (run->probe->report > 0);
}

static void
set_timer(struct run *run, nanoseconds wait)
{
	struct timeval tv;

	if (wait > 3600 * NS_PER_S)
		wait = 3600 * NS_PER_S;
	tv = clock_timeval(wait);
	event_add(run->timer, &tv);
}

void
run_look_soon(struct run *run)
{
	if (!run->done)
		set_timer(run, 0);
}

static void
on_news(void *arg)
{
	run_look_soon(arg);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct run *run = arg;
	nanoseconds now = run->host->wall(), chain, report;

	run_chain(run, now);
	run_report(run, now);
	if (run->done)
		return;
	chain = run_chain_next(run, now);
	report = run_report_next(run, now);
	set_timer(run, (chain < report ? chain : report) - now);
}

static int
find_key(struct run *run, struct error *err)
{
	const struct owd_settings *s = run->course.settings;
	struct leg_course *course = &run->course;
	struct keyring *ring = keyring_new(s->keys, err);
	const void *secret;
	size_t length;

	if (ring == NULL)
		return (-1);
	secret = keyring_find(ring, s->key_id, &length);
	if (secret == NULL || length > sizeof(course->secret)) {
		keyring_free(ring);
		return (error_set(err, "%s: there is no key \"%s\"%s", s->keys,
		    s->key_id, secret != NULL ? " of up to 256 bytes" : ""));
	}
	memcpy(course->secret, secret, length);
	course->secret_length = length;
	strcpy(course->key_id, s->key_id);
	keyring_free(ring);
	return (0);
}

/* A fleet's member is never met in open mode, unless that is asked for: who
 * answers there may be anybody. */
int
run_take_key(struct run *run, struct error *err)
{
	struct probe_worker *worker = run->probe->worker;
	struct leg_course *course = &run->course;
	const struct probe_peer *peer =
	    worker->box != NULL ? run->host->peer(worker, run->probe->name)
				: NULL;
	uint32_t wished;

	course->modes = MODE_OPEN;
	course->secret_length = 0;
	if (course->settings->key_id[0] != '\0') {
		if (find_key(run, err) == -1)
			return (-1);
	} else if (peer != NULL) {
		memcpy(course->secret, peer->secret, sizeof(peer->secret));
		course->secret_length = sizeof(peer->secret);
		strncpy(course->key_id, worker->box, MESSAGE_KEY_ID);
	} else if (course->key_id[0] != '\0')
		return (error_set(err, "%s is no box of the fleet any more",
		    run->probe->name));
	if (course->secret_length > 0)
		course->modes = MODE_AUTHENTICATED | MODE_ENCRYPTED;
	if (wish_modes(course->settings, &wished, err) == -1)
		return (-1);
	if (wished == 0)
		return (0);
	if ((wished & ~MODE_OPEN) != 0 && course->secret_length == 0 &&
	    (wished & MODE_OPEN) == 0)
		return (error_set(err,
		    "modes %s: %s is no box of the fleet: expected key-id and "
		    "keys",
		    course->settings->modes, run->probe->name));
	course->modes = course->secret_length > 0 ? wished : wished & MODE_OPEN;
	return (0);
}

static int
take_addresses(struct run *run, struct error *err)
{
	const struct owd_settings *s = run->course.settings;
	struct leg_course *course = &run->course;

	course->peer = *run->probe->target;
	if (course->peer.sa.sa_family == AF_INET6)
		course->peer.in6.sin6_port = htons((uint16_t)s->control_port);
	else
		course->peer.in.sin_port = htons((uint16_t)s->control_port);
	course->local = *run->probe->source;
	if (s->source[0] == '\0')
		return (0);
	if (!address_parse(s->source, 0, &course->local) ||
	    course->local.sa.sa_family != course->peer.sa.sa_family)
		return (error_set(err,
		    "source %s: expected an IPv%d address, as the target's is",
		    s->source, address_family(&course->peer)));
	return (0);
}

/* Up to a day, not all of them to the same hour, and half of what numbers of
 * packets there are. */
static nanoseconds
choose_longest(const struct run *run)
{
	uint64_t spread = run->probe->flow * UINT64_C(0x9e3779b97f4a7c15);
	nanoseconds longest = DAY / 2 + (nanoseconds)(spread % (DAY / 2));
	double seconds = (double)INT32_MAX * run->course.mean;

	return (clock_seconds(longest) < seconds ? longest
						 : clock_of_seconds(seconds));
}

/* Most have one, of sixty-four that there may be. */
static int
take_slots(struct leg_course *course, struct error *err)
{
	struct slot slots[OWD_SLOTS];

	if (wish_slots(course->settings, slots, &course->slot_count, err) == -1)
		return (-1);
	course->slots = memory_new(course->slot_count, sizeof(*slots));
	memcpy(course->slots, slots, course->slot_count * sizeof(*slots));
	course->mean = wish_mean(slots, course->slot_count);
	return (0);
}

static int
take_course(struct run *run, struct error *err)
{
	struct leg_course *course = &run->course;

	course->run = run->probe;
	course->settings = run->probe->settings;
	course->interval = run->probe->report;
	course->began = run->host->wall();
	course->sends = run->probe->end == RUNS_AT_SRC;
	course->fetches = wish_fetch(course->settings, course->sid);
	course->keeps = !run_streams(run) &&
			(course->settings->samples ||
			    (course->settings->raw && run->probe->watched));
	course->news = on_news;
	course->arrived = run->probe->watched ? run_show : NULL;
	course->arg = run;
	if (take_slots(course, err) == -1 ||
	    wish_ports(course->settings, &course->least, &course->most, err) ==
		-1 ||
	    take_addresses(run, err) == -1)
		return (-1);
	course->longest = choose_longest(run);
	return (run_take_key(run, err));
}

int
owd_start(struct probe_run *given, struct error *err)
{
	struct run *run = given->state;

	run->probe = given;
	run->host = given->worker->host;
	TAILQ_INIT(&run->legs);
	STAILQ_INIT(&run->owed);
	findings_begin(&run->findings);
	if (take_course(run, err) == -1)
		return (-1);
	if (run->course.fetches && run_streams(run))
		return (error_set(err, "fetch: expected a run that ends"));
	run->course.turns = turns_take(given->worker->base, err);
	if (run->course.turns == NULL)
		return (-1);
	run->timer = evtimer_new(given->worker->base, on_timer, run);
	run_look_soon(run);
	return (0);
}

void
owd_stop(struct probe_run *given)
{
	struct run *run = given->state;
	struct run_owed *owed;

	run->done = true;
	while (!TAILQ_EMPTY(&run->legs))
		run_drop_leg(run, TAILQ_FIRST(&run->legs));
	while ((owed = STAILQ_FIRST(&run->owed)) != NULL) {
		STAILQ_REMOVE_HEAD(&run->owed, next);
		free(owed);
	}
	turns_give(run->course.turns);
	findings_clear(&run->findings);
	keys_forget(run->course.secret, sizeof(run->course.secret));
	free(run->course.slots);
	if (run->timer != NULL)
		event_free(run->timer);
}

/* What has been sent is still waited for; it is over soon after. */
void
owd_finish(struct probe_run *given)
{
	struct run *run = given->state;
	struct run_leg *it;

	if (run->finished != 0)
		return;
	run->finished = run->host->wall();
	TAILQ_FOREACH (it, &run->legs, next)
		leg_stop(it->leg);
	run_look_soon(run);
}

void
owd_interval(struct probe_run *given, nanoseconds from, nanoseconds to)
{
	struct run *run = given->state;
	struct run_owed *owed = memory_new(1, sizeof(*owed));
	struct run_leg *it;

	owed->from = from;
	owed->to = to;
	STAILQ_INSERT_TAIL(&run->owed, owed, next);
	run->course.cut = to;
	TAILQ_FOREACH (it, &run->legs, next) {
		struct ledger *ledger = leg_ledger(it->leg);

		/* what it has lost was of this interval, not of the next */
		leg_look(it->leg, to - 1);
		if (ledger != NULL)
			ledger_cut(ledger, to);
	}
	run_look_soon(run);
}
