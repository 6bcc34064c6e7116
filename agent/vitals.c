/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/vitals.h"

#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/report.h"
#include "agent/uplink.h"
#include "agent/watch.h"
#include "common/clock.h"
#include "common/discipline.h"
#include "common/error.h"
#include "common/exposition.h"
#include "common/http.h"
#include "common/listener.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/record.h"

#define BODY_MOST 1024
#define IDLE_SECONDS 120
/* Records wait this long at most while all is well. */
#define WAIT_MOST (120 * NS_PER_S)
#define HELLO_MOST (60 * NS_PER_S)

struct vitals {
	void (*fill)(void *arg, struct report *report);
	void *arg;
	struct http *http;
	nanoseconds since; /* monotonic */
};

/* What the box is, as `pharos status` shows it. */
static json_object *
ask(const struct vitals *vitals, struct report *report)
{
	vitals->fill(vitals->arg, report);
	return (report_status(report));
}

/*
 * Metrics.
 */

/* A number of the status; the object's name and the member's. */
static const struct row {
	const char *name;
	enum exposition_type type;
	const char *help, *object, *member;
} rows[] = {
    {"pharos_agent_spool_records", EXPOSITION_GAUGE,
	"Records that wait for the collector", "spool", "records"},
    {"pharos_agent_spool_bytes", EXPOSITION_GAUGE, "Their size", "spool",
	"bytes"},
    {"pharos_agent_spool_oldest_timestamp_seconds", EXPOSITION_GAUGE,
	"When the oldest of them was added", "spool", "oldest"},
    {"pharos_agent_dropped_total", EXPOSITION_COUNTER,
	"Records dropped because the spool was full or they were too old",
	"spool", "dropped"},
    {"pharos_agent_delivered_total", EXPOSITION_COUNTER,
	"Records that the collector has acknowledged", "uplink", "delivered"},
    {"pharos_agent_refused_total", EXPOSITION_COUNTER,
	"Records that the collector has kept aside", "uplink", "refused"},
    {"pharos_agent_ack_timestamp_seconds", EXPOSITION_GAUGE,
	"When the collector last acknowledged records", "uplink", "last_ack"},
    {"pharos_agent_hello_timestamp_seconds", EXPOSITION_GAUGE,
	"When the collector last answered a hello", "uplink", "last_hello"},
    {"pharos_agent_plan_revision", EXPOSITION_GAUGE,
	"Revision of the plan that is carried out", "plan", "revision"},
    {"pharos_agent_jobs", EXPOSITION_GAUGE,
	"Pairs of the plan that this box measures", "plan", "jobs"},
    {"pharos_clock_error_seconds", EXPOSITION_GAUGE,
	"Bound of this host's clock error; absent when it has none", "clock",
	"error"},
};

static void
add_rows(struct exposition *out, json_object *status)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_object *o = member_get(status, rows[i].object);

		exposition_family(
		    out, rows[i].name, rows[i].type, rows[i].help);
		if (member_get(o, rows[i].member) != NULL)
			exposition_add(out,
			    member_number_or(o, rows[i].member, 0), NULL, NULL);
	}
}

static void
add_outcomes(struct exposition *out, const struct report *report)
{
	exposition_family(out, "pharos_agent_records_total", EXPOSITION_COUNTER,
	    "Records that runs have yielded, by outcome");
	for (int i = 0; i < OUTCOMES; i++)
		exposition_add(out, (double)report->outcomes[i], "outcome",
		    outcome_names[i]);
}

static void
add_workers(struct exposition *out, json_object *crew, const char *name,
    enum exposition_type type, const char *help, const char *member)
{
	exposition_family(out, name, type, help);
	for (size_t i = 0; i < json_object_array_length(crew); i++) {
		json_object *mate = json_object_array_get_idx(crew, i);

		exposition_add(out, (double)member_whole_or(mate, member, 0),
		    "probe", member_text_or(mate, "probe", ""));
	}
}

static void
get_metrics(struct http_request *request, void *arg)
{
	struct exposition *out = exposition_new();
	struct report report;
	json_object *status = ask(arg, &report);
	json_object *crew = member_get(status, "crew");

	exposition_family(out, "pharos_build_info", EXPOSITION_GAUGE,
	    "The version that runs");
	exposition_add(
	    out, 1, "version", member_text_or(status, "version", ""));
	add_outcomes(out, &report);
	add_rows(out, status);
	exposition_one(out, "pharos_agent_connected", EXPOSITION_GAUGE,
	    "Whether the collector's last answer was a good one",
	    json_object_get_boolean(
		member_get(member_get(status, "uplink"), "connected")));
	exposition_one(out, "pharos_agent_second", EXPOSITION_GAUGE,
	    "Whether the collector refuses us because another agent has our "
	    "identity",
	    json_object_get_boolean(
		member_get(member_get(status, "uplink"), "second")));
	exposition_one(out, "pharos_agent_plan_refused", EXPOSITION_GAUGE,
	    "Whether the newest plan could not be carried out",
	    report.refused != NULL);
	exposition_one(out, "pharos_agent_disk_refuses", EXPOSITION_GAUGE,
	    "Whether records could not be put on disk the last time",
	    report.disk != NULL);
	add_workers(out, crew, "pharos_agent_worker_restarts_total",
	    EXPOSITION_COUNTER, "How often a worker had to be started again",
	    "restarts");
	add_workers(out, crew, "pharos_agent_worker_runs", EXPOSITION_GAUGE,
	    "Runs that are open", "runs");
	exposition_one(out, "pharos_clock_synchronised", EXPOSITION_GAUGE,
	    "Whether anything disciplines this host's clock",
	    discipline_bounded_at(
		watch_discipline(report.watch), clock_monotonic()));
	json_object_put(status);
	exposition_reply(out, request);
}

/*
 * Health.
 */

static void __attribute__((format(printf, 2, 3)))
add_reason(json_object *reasons, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	json_object_array_add(reasons, member_new_text(text));
}

static void
look_at_uplink(const struct vitals *vitals, const struct report *report,
    json_object *status, json_object *reasons)
{
	json_object *uplink = member_get(status, "uplink");
	json_object *spool = member_get(status, "spool");
	const char *why = member_text_or(uplink, "error", "no reason is known");
	nanoseconds unheard = uplink_unheard(report->uplink);
	double now = clock_seconds(clock_wall());
	double oldest = member_number_or(spool, "oldest", now);

	if (json_object_get_boolean(member_get(uplink, "second")))
		add_reason(reasons,
		    "another agent has this box's identity, so the collector "
		    "refuses this one; records are kept (%s)",
		    why);
	else if (unheard > HELLO_MOST)
		add_reason(reasons,
		    "the collector has not answered for %.0f s (%s); records "
		    "are kept",
		    clock_seconds(unheard), why);
	else if (now - oldest > clock_seconds(WAIT_MOST) &&
		 clock_monotonic() - vitals->since > WAIT_MOST)
		add_reason(
		    reasons, "records wait for %.0f s (%s)", now - oldest, why);
}

static void
look_at_crew(json_object *crew, json_object *reasons)
{
	for (size_t i = 0; i < json_object_array_length(crew); i++) {
		json_object *mate = json_object_array_get_idx(crew, i);
		const char *why = member_text_or(mate, "why", NULL);

		if (why != NULL)
			add_reason(reasons, "%s is not measured: %s",
			    member_text_or(mate, "probe", ""), why);
	}
}

static void
get_health(struct http_request *request, void *arg)
{
	const struct vitals *vitals = arg;
	json_object *reasons = json_object_new_array();
	json_object *json = json_object_new_object();
	struct report report;
	json_object *status = ask(vitals, &report);
	bool fine;

	if (watch_doubt(report.watch) != NULL)
		add_reason(reasons, "nothing is measured: %s",
		    watch_doubt(report.watch));
	if (report.disk != NULL)
		add_reason(reasons,
		    "records cannot be put on disk, so none are sent: %s",
		    report.disk);
	if (member_get(member_get(status, "plan"), "revision") == NULL)
		add_reason(reasons, "nothing is measured: %s",
		    report.refused != NULL ? report.refused
					   : "no plan has come yet");
	look_at_uplink(vitals, &report, status, reasons);
	look_at_crew(member_get(status, "crew"), reasons);
	fine = json_object_array_length(reasons) == 0;
	member_add_text(json, "status", fine ? "ok" : "failing");
	json_object_object_add(json, "reasons", reasons);
	json_object_put(status);
	http_set_header(request, "Cache-Control", "no-cache");
	http_reply_json(request, fine ? 200 : 503, json);
}

struct vitals *
vitals_new(struct event_base *base, const char *address,
    void (*fill)(void *arg, struct report *report), void *arg,
    struct error *err)
{
	int fd = listener_open("metrics", address, err);
	struct vitals *vitals;

	if (fd < 0)
		return (error_place(err, "metrics"), NULL);
	vitals = memory_new(1, sizeof(*vitals));
	vitals->fill = fill;
	vitals->arg = arg;
	vitals->since = clock_monotonic();
	vitals->http = http_new(base, NULL, BODY_MOST, IDLE_SECONDS);
	http_route(vitals->http, HTTP_GET, "/metrics", get_metrics, vitals);
	http_route(vitals->http, HTTP_GET, "/healthz", get_health, vitals);
	if (http_listen(vitals->http, fd) == 0)
		return (vitals);
	error_set(err, "metrics: %s: %m", address);
	vitals_free(vitals);
	return (NULL);
}

void
vitals_free(struct vitals *vitals)
{
	if (vitals == NULL)
		return;
	http_free(vitals->http);
	free(vitals);
}
