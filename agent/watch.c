/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/watch.h"

#include <stdbool.h>
#include <stdlib.h>

#include "agent/alarm.h"
#include "agent/identity.h"
#include "agent/settings.h"
#include "agent/spool.h"
#include "agent/trust.h"
#include "common/discipline.h"
#include "common/error.h"
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/timekeeper.h"
#include "common/tls.h"
#include "common/unit.h"
#include "scheduler/schedule.h"

struct watch {
	const struct agent_settings *settings;
	const struct spool *spool;
	void (*changed)(void *arg);
	void *arg;
	bool quiet; /* nobody is told yet */
	struct alarm *alarm;
	void (*sampled)(void *arg);
	struct timekeeper *keeper;
	bool looking;       /* and judging, when all has been looked at */
	nanoseconds offset; /* wall-clock less monotonic, when last looked at */
	nanoseconds slept;  /* beside it: what monotonic leaves out */
	bool vouched;       /* it is the operator's word that counts */
	bool told, apart;   /* from the collector's */
	nanoseconds ahead;
	struct error doubt; /* empty: it is believed */
};

static nanoseconds
read_offset(void)
{
	return (clock_wall() - clock_monotonic());
}

static nanoseconds
read_slept(void)
{
	return (clock_boot() - clock_monotonic());
}

/* A certificate that cannot be read says nothing here. */
static void
read_life(const struct watch *watch, struct trust_facts *facts)
{
	X509 *certificate = identity_certificate(watch->settings, NULL);
	struct tls_life life;

	if (certificate != NULL && tls_life(certificate, &life, NULL) == 0) {
		facts->from = life.from;
		facts->until = life.until;
	}
	X509_free(certificate);
}

static void
believe(struct watch *watch, const struct error *doubt)
{
	bool before = watch->doubt.text[0] == '\0';
	bool now = doubt->text[0] == '\0';

	if (!now && before)
		log_warnx("nothing is measured: %s", doubt->text);
	else if (now && !before)
		log_info("the clock can be believed");
	watch->doubt = *doubt;
	if (now != before && !watch->quiet)
		watch->changed(watch->arg);
}

/* A word is about how far off it is, and may be about other boxes' clocks, not
 * about the date. */
static bool
is_synchronised(const struct discipline *clock)
{
	return (discipline_bounded_at(clock, clock_monotonic()) &&
		!discipline_is_vouched(clock));
}

/* set: or has it not been believed? */
static void
judge(struct watch *watch, bool set)
{
	struct trust_facts facts = {
	    .synchronised = is_synchronised(watch_discipline(watch)),
	    .lived = watch->spool != NULL ? spool_lived(watch->spool) : 0,
	    .told = watch->told,
	    .ahead = watch->ahead,
	};
	struct error doubt = {""};

	if (set || watch->doubt.text[0] != '\0') {
		read_life(watch, &facts);
		trust_judge(&facts, clock_wall(), &doubt);
	} else {
		trust_still(&facts, &doubt);
	}
	believe(watch, &doubt);
}

static void
say_apart(struct watch *watch)
{
	bool apart = watch->told && llabs(watch->ahead) > TRUST_AGREES;
	char by[UNIT_TEXT];

	if (apart && !watch->apart)
		log_warnx("the clock is %s %s the collector's",
		    unit_format(
			UNIT_SECONDS, clock_seconds(llabs(watch->ahead)), by),
		    watch->ahead > 0 ? "ahead of" : "behind");
	else if (watch->apart && !apart)
		log_info("the clock agrees with the collector's");
	watch->apart = apart;
}

/* How far it was set since this was last asked, or the host slept: that takes it no
 * further from the collector's. */
static nanoseconds
take_step(struct watch *watch)
{
	nanoseconds offset = read_offset(), step = offset - watch->offset;
	nanoseconds slept = read_slept();

	watch->ahead += step - (slept - watch->slept);
	watch->offset = offset;
	watch->slept = slept;
	return (step);
}

static void
look(struct watch *watch, nanoseconds step)
{
	watch->looking = true;
	timekeeper_notice(watch->keeper);
	watch->looking = false;
	say_apart(watch);
	judge(watch, llabs(step) > SCHEDULE_BACK);
}

static void
say_vouched(struct watch *watch)
{
	const struct discipline *clock = watch_discipline(watch);
	bool now = discipline_is_vouched(clock);
	char error[UNIT_TEXT];

	if (now && !watch->vouched)
		log_info("the operator vouches for this clock, within %s: %s",
		    unit_format(UNIT_SECONDS, clock->error, error),
		    clock->reference);
	else if (watch->vouched && !now && clock->trouble[0] != '\0')
		log_warnx("%s", clock->trouble);
	watch->vouched = now;
}

/* The keeper has asked everybody, and they have answered. */
static void
on_sample(void *arg)
{
	struct watch *watch = arg;

	say_vouched(watch);
	if (!watch->looking)
		judge(watch, false);
	if (!watch->quiet)
		watch->sampled(watch->arg);
}

void
watch_look(struct watch *watch)
{
	look(watch, take_step(watch));
}

void
watch_notice(struct watch *watch)
{
	if (llabs(read_offset() - watch->offset) > NS_PER_S)
		watch_look(watch);
}

void
watch_vouch(struct watch *watch)
{
	timekeeper_vouch(watch->keeper, &watch->settings->vouched);
}

nanoseconds
watch_overtaken(const struct watch *watch, nanoseconds *ahead)
{
	*ahead = watch->ahead;
	if (!watch->told || watch->ahead < TRUST_CONTRADICTS)
		return (0);
	return (watch_now(watch) - watch->ahead);
}

nanoseconds
watch_now(const struct watch *watch)
{
	return (clock_monotonic() + watch->offset);
}

void
watch_told(struct watch *watch, nanoseconds now, nanoseconds here)
{
	nanoseconds step = take_step(watch);

	watch->told = true;
	watch->ahead = here - now;
	look(watch, step);
}

static void
ring(void *arg)
{
	struct watch *watch = arg;

	alarm_set(watch->alarm, INT64_MAX);
	watch_look(watch);
}

void
watch_spool(struct watch *watch, const struct spool *spool)
{
	watch->spool = spool;
	judge(watch, true);
	watch->quiet = false;
}

nanoseconds
watch_time(const struct watch *watch)
{
	nanoseconds now = clock_wall();
	nanoseconds step = now - clock_monotonic() - watch->offset;

	return (watch->doubt.text[0] == '\0' && llabs(step) <= SCHEDULE_BACK
		    ? now
		    : 0);
}

const char *
watch_doubt(const struct watch *watch)
{
	return (watch->doubt.text[0] != '\0' ? watch->doubt.text : NULL);
}

const struct discipline *
watch_discipline(const struct watch *watch)
{
	return (timekeeper_state(watch->keeper));
}

struct json_object *
watch_json(const struct watch *watch)
{
	json_object *json =
	    discipline_json(watch_discipline(watch), clock_monotonic());

	if (watch->told)
		member_add_number(
		    json, "ahead", (double)(watch->ahead / NS_PER_MS) / 1000);
	if (watch_doubt(watch) != NULL)
		member_add_text(json, "doubt", watch_doubt(watch));
	return (json);
}

struct watch *
watch_new(struct event_base *base, const struct agent_settings *settings,
    const struct watch_calls *calls, void *arg, struct error *err)
{
	struct watch *watch = memory_new(1, sizeof(*watch));
	const struct timekeeper_about about = {
	    .changed = on_sample, .arg = watch};

	watch->alarm = alarm_new(base, ring, watch, err);
	if (watch->alarm == NULL) {
		free(watch);
		return (NULL);
	}
	watch->settings = settings;
	watch->changed = calls->changed;
	watch->sampled = calls->sampled;
	watch->arg = arg;
	watch->offset = read_offset();
	watch->slept = read_slept();
	watch->keeper = timekeeper_new(base, &about);
	watch->quiet = true;
	watch_vouch(watch);
	judge(watch, true);
	alarm_set(watch->alarm, INT64_MAX);
	return (watch);
}

void
watch_free(struct watch *watch)
{
	if (watch == NULL)
		return;
	timekeeper_free(watch->keeper);
	alarm_free(watch->alarm);
	free(watch);
}
