/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is before the court: least delays, and what boxes say.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/courtroom.h"
#include "collector/fleet.h"
#include "collector/latest.h"
#include "collector/registry.h"
#include "collector/settings.h"
#include "common/error.h"
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"

/* A test's last findings, and where each end is on its axes. */
struct table {
	const struct fleet_test *test;
	struct latest_view view, last; /* last: empty: it is not told */
	size_t *row_of, *column_of;
	nanoseconds now, span, stale_after;
};

/* From a to b. */
struct way {
	double least, last; /* seconds; NAN: none that is not too old */
	nanoseconds at;     /* middle of the time that it is of */
};

static struct way
way_of(const struct table *t, size_t a, size_t b)
{
	size_t row = t->row_of[a], column = t->column_of[b], cell;
	struct way way = {NAN, NAN, 0};

	if (row == FLEET_NOWHERE || column == FLEET_NOWHERE)
		return (way);
	cell = row * t->test->destination_count + column;
	way.at = t->view.finding[cell] - t->span / 2;
	if (t->view.finding[cell] == 0 ||
	    t->now - t->view.finding[cell] > t->stale_after)
		return (way);
	way.least = t->view.value[cell];
	if (t->last.value != NULL)
		way.last = t->last.value[cell];
	return (way);
}

static void
add_pair(struct courtroom_case *found, const struct court_pair *pair)
{
	if (found->count == found->room) {
		found->room = found->room * 2 + 64;
		found->pairs = memory_resize(
		    found->pairs, found->room, sizeof(*found->pairs));
	}
	found->pairs[found->count++] = *pair;
}

/* Both directions of a pair; each pair once. */
static void
take_pair(
    const struct table *t, size_t a, size_t b, struct courtroom_case *found)
{
	struct way there = way_of(t, a, b), back = way_of(t, b, a);
	struct court_pair pair = {.a = (uint32_t)a,
	    .b = (uint32_t)b,
	    .there = there.least,
	    .back = back.least,
	    .last_there = there.last,
	    .last_back = back.last,
	    .span = clock_seconds(t->span)};

	if (isnan(pair.there) && isnan(pair.back))
		return;
	pair.at = isnan(pair.there)  ? back.at
		  : isnan(pair.back) ? there.at
				     : there.at / 2 + back.at / 2;
	if (!isnan(pair.there) && !isnan(pair.back))
		pair.span += fabs(clock_seconds(there.at - back.at));
	if (llabs(there.at - back.at) > t->span / 4) /* not of one interval */
		pair.last_there = pair.last_back = NAN;
	add_pair(found, &pair);
}

static void
take_pairs(const struct fleet *fleet, const struct table *t,
    struct courtroom_case *found)
{
	const struct fleet_test *test = t->test;

	for (size_t i = 0; i < test->source_count; i++)
		for (size_t j = 0; j < test->destination_count; j++) {
			size_t a = test->sources[i], b = test->destinations[j];
			bool mirrored = t->row_of[b] != FLEET_NOWHERE &&
					t->column_of[a] != FLEET_NOWHERE;

			if (a != b && fleet->ends[a].is_box &&
			    fleet->ends[b].is_box && !(mirrored && a > b))
				take_pair(t, a, b, found);
		}
}

/* A probe may tell what was least in the last third of an interval. */
static void
view_last(
    struct latest *latest, const struct metric *metric, struct table *table)
{
	char name[NAME_TEXT];

	snprintf(name, sizeof(name), "%s_last", metric->name);
	if (metric_find(table->test->manifest->metrics, name) != NULL)
		latest_view(
		    latest, LATEST_LAST, name, "last", &table->last, NULL);
}

static void
take_test(const struct courtroom *courtroom, const struct fleet_test *test,
    const struct metric *metric, nanoseconds now, struct courtroom_case *found)
{
	char *dir = collector_settings_path(courtroom->settings, "latest");
	struct latest *latest = latest_open(dir, courtroom->fleet, test, NULL);
	struct table t = {.test = test,
	    .now = now,
	    .span = test->timing.kind == TIMING_CONTINUOUS ? test->timing.every
							   : fleet_lasts(test),
	    .stale_after = fleet_stale_after(test)};

	free(dir);
	if (latest == NULL)
		return; /* the store has not made it yet */
	if (latest_view(
		latest, LATEST_LAST, metric->name, "min", &t.view, NULL) == 0) {
		view_last(latest, metric, &t);
		t.row_of = fleet_places(
		    courtroom->fleet, test->sources, test->source_count);
		t.column_of = fleet_places(courtroom->fleet, test->destinations,
		    test->destination_count);
		take_pairs(courtroom->fleet, &t, found);
		free(t.row_of);
		free(t.column_of);
		latest_view_clear(&t.view);
		latest_view_clear(&t.last);
	}
	latest_free(latest);
}

/* A bound is as of the hello; it grows from there on. */
static struct court_claim
claim_of(const struct registry_box *box, nanoseconds now)
{
	json_object *clock = member_get(box->hello, "clock");
	double error = member_number_or(clock, "error", NAN);
	double growth = member_number_or(clock, "growth", 0);
	double host = registry_host_error(box);

	if (!(error >= 0) || registry_is_silent(box->heard, now))
		return ((struct court_claim){false, 0, host});
	if (now > box->heard && growth > 0)
		error += growth * clock_seconds(now - box->heard);
	return ((struct court_claim){true, error, host});
}

static void
take_claims(const struct courtroom *courtroom, nanoseconds now,
    struct courtroom_case *found)
{
	char *path =
	    collector_settings_path(courtroom->settings, "registry.db");
	struct registry *registry = registry_open(path, true, NULL);
	const struct fleet *fleet = courtroom->fleet;
	struct registry_box *boxes = NULL;
	struct error err;
	int count = 0;

	free(path);
	if (registry == NULL)
		return; /* intake has not made it yet */
	if ((count = registry_boxes(registry, &boxes, &err)) == -1)
		log_warnx("registry: %s", err.text);
	for (int i = 0; i < count; i++) {
		const struct fleet_end *end = fleet_end(fleet, boxes[i].name);

		if (end != NULL)
			found->claims[end - fleet->ends] =
			    claim_of(&boxes[i], now);
	}
	if (count > 0)
		registry_boxes_free(boxes, count);
	registry_free(registry);
}

bool
courtroom_gather(const struct courtroom *courtroom, nanoseconds now,
    struct courtroom_case *found)
{
	const struct fleet *fleet = courtroom->fleet;
	bool any = false;

	*found = (struct courtroom_case){
	    .claims = memory_new(fleet->end_count, sizeof(*found->claims))};
	for (size_t i = 0; i < fleet->test_count; i++) {
		const struct fleet_test *test = &fleet->tests[i];
		const struct metric *metric =
		    metric_bounded(test->manifest->metrics);

		if (metric == NULL)
			continue;
		take_test(courtroom, test, metric, now, found);
		any = true;
	}
	if (any)
		take_claims(courtroom, now, found);
	return (any);
}

void
courtroom_clear(struct courtroom_case *found)
{
	free(found->claims);
	free(found->pairs);
}
