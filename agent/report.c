/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/report.h"

#include "agent/calibration.h"
#include "agent/crew.h"
#include "agent/interfaces.h"
#include "agent/lately.h"
#include "agent/renewal.h"
#include "agent/runs.h"
#include "agent/spool.h"
#include "agent/uplink.h"
#include "agent/watch.h"
#include "common/catalog.h"
#include "common/clock.h"
#include "common/member.h"
#include "defines.h"

static json_object *
spool_report(const struct report *report)
{
	json_object *o = json_object_new_object();
	struct spool_depth depth;

	spool_depth(report->spool, &depth);
	member_add_whole(o, "records", (int64_t)depth.records);
	member_add_whole(o, "bytes", (int64_t)depth.bytes);
	if (depth.oldest != 0)
		member_add_duration(o, "oldest", depth.oldest);
	else
		json_object_object_add(o, "oldest", NULL);
	member_add_whole(o, "dropped", (int64_t)depth.dropped);
	member_add_text(o, "error", report->disk);
	return (o);
}

static json_object *
plan_report(const struct report *report)
{
	const struct plan *plan = runs_plan(report->runs);
	json_object *o = json_object_new_object();

	if (plan != NULL) {
		member_add_whole(o, "revision", plan->revision);
		member_add_whole(o, "tests", (int64_t)plan->test_count);
		member_add_whole(o, "jobs", (int64_t)runs_jobs(report->runs));
	}
	member_add_text(o, "refused", report->refused);
	return (o);
}

/* With what the box's own stamps are off by, beside its clock. */
static json_object *
clock_report(const struct report *report)
{
	json_object *o = watch_json(report->watch);

	json_object_object_add(o, "host",
	    calibration_json(report->calibration, clock_monotonic()));
	return (o);
}

struct json_object *
report_hello(const struct report *report, bool manifests)
{
	const struct plan *plan = runs_plan(report->runs);
	json_object *o = json_object_new_object();

	member_add_text(o, "version", PACKAGE_VERSION);
	member_add_text(o, "epoch", spool_epoch(report->spool));
	member_add_duration(o, "now", clock_wall());
	if (manifests)
		json_object_object_add(o, "manifests",
		    catalog_json(crew_catalog(runs_crew(report->runs))));
	json_object_object_add(o, "addresses", interfaces_addresses());
	json_object_object_add(o, "clock", clock_report(report));
	json_object_object_add(o, "spool", spool_report(report));
	if (plan != NULL)
		member_add_whole(o, "plan", plan->revision);
	member_add_text(o, "plan_refused", report->refused);
	return (o);
}

struct json_object *
report_status(const struct report *report)
{
	json_object *o = json_object_new_object();

	member_add_text(o, "box", report->box);
	member_add_text(o, "version", PACKAGE_VERSION);
	member_add_text(o, "epoch", spool_epoch(report->spool));
	member_add_text(o, "collector", report->collector);
	json_object_object_add(o, "plan", plan_report(report));
	json_object_object_add(o, "clock", clock_report(report));
	json_object_object_add(o, "spool", spool_report(report));
	json_object_object_add(o, "uplink", uplink_status(report->uplink));
	json_object_object_add(
	    o, "certificate", renewal_status(report->renewal));
	json_object_object_add(o, "limited", runs_refused(report->runs));
	json_object_object_add(o, "far_ends", runs_serving(report->runs));
	json_object_object_add(o, "crew", crew_status(runs_crew(report->runs)));
	json_object_object_add(o, "last", lately_json(report->lately));
	return (o);
}
