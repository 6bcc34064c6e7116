/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/measuring.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdlib.h>

#include "agent/commits.h"
#include "agent/crew.h"
#include "agent/plan.h"
#include "agent/runs.h"
#include "agent/spool.h"
#include "agent/trust.h"
#include "agent/watch.h"
#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"

struct measuring {
	struct measuring_about about;
	const struct catalog *catalog; /* the crew's */
	bool on;                       /* something is scheduled */
	char *resting; /* why nothing is scheduled, once it is again */
	char *refused; /* why the last plan was refused; NULL: it was not */
};

/*
 * On and off.
 */

/* From when on runs may start. A first start is one that can be noted in time. */
static nanoseconds
begin(struct measuring *measuring)
{
	const struct measuring_about *about = &measuring->about;
	nanoseconds since = watch_now(about->watch) + RUNS_LEAD;

	if (!measuring->on && watch_doubt(about->watch) == NULL) {
		since = spool_resume(about->spool, since, measuring->resting);
		measuring->on = true;
		commits_soon(about->commits);
	}
	return (since);
}

/* What was measured by a clock that is far ahead is of no use to anybody. */
static void
discredit(const struct measuring_about *about)
{
	nanoseconds ahead, now = watch_overtaken(about->watch, &ahead);
	struct error err;

	if (now != 0 && spool_discredit(about->spool, now + TRUST_CONTRADICTS,
			    ahead, now, &err) < 0)
		log_warnx("%s", err.text);
}

static void
stop(struct measuring *measuring, const char *doubt)
{
	const struct measuring_about *about = &measuring->about;
	char *why = measuring->resting;

	measuring->resting = measuring->on
				 ? memory_text(doubt)
				 : memory_print("%.500s; then %s", why, doubt);
	free(why);
	measuring->on = false;
	spool_rest(about->spool);
	runs_hold(about->runs, spool_lived(about->spool), doubt);
	discredit(about);
}

void
measuring_look(struct measuring *measuring)
{
	struct runs *runs = measuring->about.runs;
	const char *doubt = watch_doubt(measuring->about.watch);

	if (doubt != NULL)
		stop(measuring, doubt);
	else
		runs_release(
		    runs, runs_plan(runs) != NULL ? begin(measuring) : 0);
}

/*
 * The plan.
 */

static void
refuse(struct measuring *measuring, const char *why)
{
	log_warnx("%s; %s", why,
	    runs_plan(measuring->about.runs) != NULL
		? "the plan before it goes on"
		: "nothing is measured");
	free(measuring->refused);
	measuring->refused = memory_text(why);
}

static void
use(struct measuring *measuring, struct plan *plan)
{
	struct runs *runs = measuring->about.runs;

	runs_set_plan(runs, plan, begin(measuring));
	log_info("plan %lld: %zu tests, %zu jobs", (long long)plan->revision,
	    plan->test_count, runs_jobs(runs));
	free(measuring->refused);
	measuring->refused = NULL;
}

void
measuring_take(struct measuring *measuring, struct json_object *json)
{
	const struct measuring_about *about = &measuring->about;
	struct error err;
	struct plan *plan;

	plan = plan_parse(json, about->box, measuring->catalog, &err);
	if (plan == NULL) {
		refuse(measuring, err.text);
		return;
	}
	if (plan_save(plan, about->path, &err) < 0)
		log_warnx("%s", err.text);
	use(measuring, plan);
}

void
measuring_load(struct measuring *measuring)
{
	const struct measuring_about *about = &measuring->about;
	struct error err = {""};
	struct plan *plan;

	plan = plan_load(about->path, about->box, measuring->catalog, &err);
	if (plan != NULL)
		use(measuring, plan);
	else if (err.text[0] != '\0')
		refuse(measuring, err.text);
}

const char *
measuring_refused(const struct measuring *measuring)
{
	return (measuring->refused);
}

/*
 * Life.
 */

struct measuring *
measuring_new(const struct measuring_about *about)
{
	struct measuring *measuring = memory_new(1, sizeof(*measuring));

	measuring->about = *about;
	measuring->resting = memory_text("pharosd was not running");
	if (watch_doubt(about->watch) != NULL)
		stop(measuring, watch_doubt(about->watch));
	measuring->catalog = crew_catalog(runs_crew(about->runs));
	return (measuring);
}

void
measuring_free(struct measuring *measuring)
{
	if (measuring == NULL)
		return;
	free(measuring->resting);
	free(measuring->refused);
	free(measuring);
}
