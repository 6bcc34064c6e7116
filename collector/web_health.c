/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GET /healthz: red when data has stopped flowing, with the reasons.
 */
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>

#include "collector/fleet.h"
#include "collector/registry.h"
#include "collector/web.h"
#include "common/member.h"

#define START_GRACE (10 * NS_PER_S)
#define PARENT_QUIET (10 * NS_PER_S)
#define PART_QUIET 10.0 /* seconds; the store may take longer over a slice */
#define STORE_QUIET 15.0
#define BEHIND_MOST 60.0

static void __attribute__((format(printf, 2, 3)))
add_reason(json_object *reasons, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	json_object_array_add(reasons, member_new_text(text));
}

/* True: it runs and speaks. */
static bool
look_at_part(struct web *web, const char *name, double quiet, const char *means,
    json_object *reasons)
{
	json_object *part = web_part(web, name);
	double age = member_number_or(part, "age", 0);

	if (part == NULL)
		return (false);
	if (member_whole_or(part, "pid", 0) == 0)
		add_reason(reasons,
		    "%s is not running: %s; the log of pharos-collectord says "
		    "why it ended, and it is started again",
		    name, means);
	else if (age > quiet)
		add_reason(reasons, "%s has not answered for %.0f s: %s", name,
		    age, means);
	else
		return (true);
	return (false);
}

/* How long this test's records may fail to come while boxes that are to make
 * them are alive; 0: there are none. */
static double
may_be_quiet(struct web *web, const struct fleet_test *test)
{
	for (size_t i = 0; i < test->source_count; i++) {
		const struct fleet_end *end =
		    &web->fleet->ends[test->sources[i]];

		if (end->is_box && !web_is_silent(web, end))
			return (clock_seconds(fleet_stale_after(test)) + 60);
	}
	return (0);
}

static void
look_at_records(struct web *web, json_object *beat, json_object *reasons)
{
	double quiet = member_number_or(beat, "quiet", 0), least = 0;

	for (size_t i = 0; i < web->fleet->test_count; i++) {
		double most = may_be_quiet(web, &web->fleet->tests[i]);

		if (most > 0 && (least == 0 || most < least))
			least = most;
	}
	if (least > 0 && quiet > least)
		add_reason(reasons,
		    "boxes say hello, but no record has come for %.0f s; "
		    "pharos status shows what they say of their plans",
		    quiet);
}

static void
look_at_intake(struct web *web, json_object *reasons)
{
	json_object *beat = member_get(web_part(web, "intake"), "beat");
	const char *full = member_text_or(beat, "full", NULL);

	if (!look_at_part(web, "intake", PART_QUIET,
		"boxes keep their records meanwhile", reasons))
		return;
	if (full != NULL)
		add_reason(reasons, "no records are taken: %s", full);
	else
		look_at_records(web, beat, reasons);
}

static void
look_at_store(struct web *web, json_object *reasons)
{
	json_object *beat = member_get(web_part(web, "store"), "beat");

	if (!look_at_part(web, "store", STORE_QUIET,
		"what comes is kept, but not shown yet", reasons) ||
	    member_get(beat, "sinks") == NULL)
		return;
	json_object_object_foreach (member_get(beat, "sinks"), name, sink) {
		double behind = member_number_or(sink, "behind", 0);

		if (behind > BEHIND_MOST)
			add_reason(reasons,
			    "store: %s lags %.0f s behind what came: it is "
			    "kept, but not shown yet",
			    name, behind);
	}
}

static void
look_at_parts(struct web *web, json_object *reasons)
{
	nanoseconds now = clock_monotonic();
	nanoseconds told = web->parts == NULL ? web->since : web->told;

	if (now - told > PARENT_QUIET && now - web->since > START_GRACE) {
		add_reason(reasons,
		    "pharos-collectord has said nothing for %.0f s",
		    clock_seconds(now - told));
		return;
	}
	look_at_intake(web, reasons);
	look_at_store(web, reasons);
}

/* Those that were heard of before and are not any more. */
static json_object *
find_silent(struct web *web, size_t *boxes, size_t *known)
{
	json_object *silent = json_object_new_array();

	*boxes = *known = 0;
	for (size_t i = 0; i < web->fleet->end_count; i++) {
		const struct fleet_end *end = &web->fleet->ends[i];
		const struct registry_box *box =
		    end->is_box ? web_box(web, end->name) : NULL;

		*boxes += end->is_box;
		if (box == NULL || box->heard == 0)
			continue;
		++*known;
		if (web_is_silent(web, end))
			json_object_array_add(
			    silent, member_new_text(end->name));
	}
	return (silent);
}

/* In a large fleet one or the other is always away; half of them are not. New
 * reference to the names of those that are. */
static json_object *
look_at_boxes(struct web *web, json_object *reasons)
{
	size_t boxes, known, away;
	json_object *silent = find_silent(web, &boxes, &known);

	away = json_object_array_length(silent);
	if (boxes > 0 && away == known)
		add_reason(reasons, "no box has been heard of lately");
	else if (away > 0 && 2 * away >= known)
		add_reason(reasons,
		    "%zu of %zu boxes have not been heard of lately, such as "
		    "%s; pharos status shows since when",
		    away, known,
		    json_object_get_string(
			json_object_array_get_idx(silent, 0)));
	return (silent);
}

void
web_get_health(struct http_request *request, void *arg)
{
	struct web *web = arg;
	json_object *reasons = json_object_new_array(), *json;
	json_object *silent = NULL;
	bool fine;

	if (web->fleet == NULL) {
		add_reason(reasons, "no fleet file has been read");
	} else {
		silent = look_at_boxes(web, reasons);
		look_at_parts(web, reasons);
	}
	fine = json_object_array_length(reasons) == 0;
	json = json_object_new_object();
	member_add_text(json, "status", fine ? "ok" : "failing");
	json_object_object_add(json, "reasons", reasons);
	if (silent != NULL)
		json_object_object_add(json, "silent", silent);
	http_set_header(request, "Cache-Control", "no-cache");
	http_reply_json(request, fine ? 200 : 503, json);
}
