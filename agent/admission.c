/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/admission.h"

#include <stdlib.h>

#include "agent/crew.h"
#include "agent/prices.h"
#include "agent/refusals.h"
#include "common/memory.h"

struct admission {
	struct limits *limits;
	struct prices *prices;
	struct refusals *refusals;
	struct limits_refusal last;
};

struct admission *
admission_new(struct crew *crew, const struct limits_rules *rules,
    void (*news)(void *arg), void *arg)
{
	struct admission *admission = memory_new(1, sizeof(*admission));

	admission->limits = limits_new(rules);
	admission->prices = prices_new(crew, news, arg);
	admission->refusals = refusals_new();
	return (admission);
}

void
admission_free(struct admission *admission)
{
	if (admission == NULL)
		return;
	refusals_free(admission->refusals);
	prices_free(admission->prices);
	limits_free(admission->limits);
	free(admission);
}

void
admission_set(struct admission *admission, const struct limits_rules *rules)
{
	limits_set(admission->limits, rules);
}

static enum admitted
refuse(struct admission *admission, const struct job *job, const char **why)
{
	refusals_add(admission->refusals, job->test->name, &admission->last,
	    clock_wall());
	*why = admission->last.why;
	return (REFUSED);
}

static void
fill_ask(struct limits_ask *ask, const struct job *job, const struct cost *cost,
    nanoseconds start)
{
	ask->probe = job->test->probe;
	ask->cost = cost;
	ask->family = job->target->family;
	ask->start = start;
	ask->stream = job->test->timing.kind == TIMING_CONTINUOUS;
}

/* What pharosd finds of its own host costs nothing, and disturbs nobody's quiet
 * hours; a site may forbid it all the same. */
static bool
is_forbidden(struct admission *admission, const char *probe, nanoseconds wall)
{
	return (
	    limits_forbid(admission->limits, probe, wall, &admission->last) &&
	    admission->last.limit == LIMIT_FORBID);
}

/* A forbidden probe's worker is not even started to be asked. */
enum admitted
admission_ask(struct admission *admission, const struct job *job,
    nanoseconds start, struct limits_pass **pass, const char **why)
{
	struct limits_ask ask;
	struct cost cost;
	enum price price;

	*pass = NULL;
	if (job->test->own)
		return (is_forbidden(admission, job->test->probe, start)
			    ? refuse(admission, job, why)
			    : ADMITTED);
	if (limits_forbid(
		admission->limits, job->test->probe, start, &admission->last))
		return (refuse(admission, job, why));
	price = prices_get(admission->prices, job->test->probe,
	    job->test->options, &cost, why);
	if (price != PRICE_KNOWN)
		return (price == PRICE_ASKED ? ADMITTED_LATER : ADMITTED_NEVER);
	fill_ask(&ask, job, &cost, start);
	*pass = limits_admit(admission->limits, &ask, &admission->last);
	return (*pass != NULL ? ADMITTED : refuse(admission, job, why));
}

bool
admission_stays(struct admission *admission, const struct job *job,
    nanoseconds now, struct limits_pass **pass)
{
	struct limits_ask ask;
	struct cost cost;
	const char *why;

	if (job->test->own)
		return (!is_forbidden(admission, job->test->probe, now));
	if (prices_get(admission->prices, job->test->probe, job->test->options,
		&cost, &why) != PRICE_KNOWN)
		return (true);
	fill_ask(&ask, job, &cost, now);
	limits_release(admission->limits, *pass);
	*pass = limits_admit(admission->limits, &ask, &admission->last);
	return (*pass != NULL);
}

struct limits_pass *
admission_serve(struct admission *admission, const struct crew_guest *guest,
    const char **why)
{
	const struct limits_ask ask = {
	    .probe = guest->probe,
	    .cost = &guest->cost,
	    .start = clock_wall(),
	    .stream = guest->cost.seconds == 0,
	};
	struct limits_pass *pass =
	    limits_admit(admission->limits, &ask, &admission->last);
	char *name;

	if (pass != NULL)
		return (pass);
	name = memory_print("%s for %.64s", guest->probe, guest->peer);
	refusals_add(admission->refusals, name, &admission->last, ask.start);
	free(name);
	*why = admission->last.why;
	return (NULL);
}

bool
admission_forbids(
    struct admission *admission, const char *probe, const char **why)
{
	*why = admission->last.why;
	return (is_forbidden(admission, probe, clock_wall()));
}

void
admission_release(struct admission *admission, struct limits_pass *pass)
{
	limits_release(admission->limits, pass);
}

nanoseconds
admission_change(const struct admission *admission, nanoseconds wall)
{
	return (limits_change(admission->limits, wall));
}

struct json_object *
admission_refused(const struct admission *admission)
{
	return (refusals_json(admission->refusals));
}
