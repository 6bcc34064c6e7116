/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/archive.h"
#include "collector/arrival.h"
#include "collector/fleet.h"
#include "collector/rebuild_target.h"
#include "collector/rollup.h"
#include "common/bundle.h"
#include "common/error.h"
#include "common/log.h"
#include "common/tree.h"

#define FAMILIES 2 /* 4 and 6: of one pair records of both go by */

/* The pair that goes by. */
struct stream {
	struct rebuild *rebuild;
	const struct fleet_test *test;
	char src[NAME_TEXT], dst[NAME_TEXT];
	struct fleet_pair measured;  /* by the fleet, if it is */
	int family;                  /* of its last record; 0: not known */
	bool sought;                 /* which of them is known */
	struct lane lanes[FAMILIES]; /* test NULL: not begun */
};

static void
begin_pair(struct stream *s, const struct archive_record *record)
{
	snprintf(s->src, sizeof(s->src), "%s", record->src);
	snprintf(s->dst, sizeof(s->dst), "%s", record->dst);
	fleet_pair_named(
	    s->rebuild->fleet, s->test, s->src, s->dst, &s->measured);
	s->family = s->measured.family;
	s->sought = false;
}

static void
name_key(const struct stream *s, int family, struct bins_key *key)
{
	snprintf(key->test, sizeof(key->test), "%s", s->test->name);
	memcpy(key->src, s->src, sizeof(key->src));
	memcpy(key->dst, s->dst, sizeof(key->dst));
	key->family = family;
}

static int
end_bin(struct lane *lane, struct error *err)
{
	int result;

	if (lane->current.bundle == NULL)
		return (0);
	result = lane->rebuild->target->bin(lane, &lane->current, err);
	bundle_free(lane->current.bundle);
	lane->current = (struct bin){0};
	return (result);
}

static int
end_pair(struct stream *s, struct error *err)
{
	int result = 0;

	for (size_t i = 0; i < FAMILIES; i++) {
		struct lane *lane = &s->lanes[i];

		if (lane->test == NULL)
			continue;
		if (result == 0)
			result = end_bin(lane, err);
		bundle_free(lane->current.bundle);
		if (s->rebuild->target->lane_end(lane, err) == -1)
			result = -1;
		s->rebuild->pairs++;
		*lane = (struct lane){0};
	}
	return (result);
}

/* 1, 0: nobody wants it, -1 */
static int
begin_lane(struct stream *s, struct lane *lane, int family, nanoseconds start,
    struct error *err)
{
	struct bins_key key;
	int64_t pair;

	name_key(s, family, &key);
	pair = rebuild_pair(s->rebuild, &s->measured, &key, err);
	if (pair <= 0)
		return ((int)pair);
	*lane = (struct lane){.rebuild = s->rebuild,
	    .test = s->test,
	    .key = key,
	    .pair = pair,
	    .step = timing_step(&s->test->timing),
	    .reach = s->rebuild->reach};
	start += ROLLUP_DAY - 1;
	start -= start % ROLLUP_DAY;
	if (start > lane->reach)
		lane->reach = start;
	bins_standing(s->rebuild->bins, pair, &lane->standing);
	return (s->rebuild->target->lane_begin(lane, err) == -1 ? -1 : 1);
}

static bool
merge(struct bin *bin, const struct arrival *a, const struct bundle *bundle)
{
	if (arrival_is_finding(a->outcome) && a->end >= bin->finding) {
		bin->finding = a->end;
		bin->outcome = a->outcome;
	}
	if (a->outcome != OUTCOME_STATED && a->end > bin->tried)
		bin->tried = a->end;
	return (bundle_merge(bin->bundle, bundle));
}

static int
add(struct lane *lane, const struct arrival *a, struct error *err)
{
	const struct manifest *manifest = lane->test->manifest;
	struct bin *bin = &lane->current;
	struct bundle *bundle;
	nanoseconds start = a->start - a->start % lane->step;

	if (bin->bundle != NULL && bin->key.start != start &&
	    end_bin(lane, err) == -1)
		return (-1);
	if (bin->bundle == NULL)
		*bin = (struct bin){.key = {lane->pair, lane->step, start},
		    .bundle = bundle_new(manifest)};
	bundle = arrival_bundle(a, manifest);
	lane->met = merge(bin, a, bundle);
	if (lane->rebuild->target->record != NULL)
		lane->rebuild->target->record(lane, a, bundle);
	bundle_free(bundle);
	lane->rebuild->records++;
	return (0);
}

/* The pair's that a record belongs to; 0: cannot be told, -1. One whose name did
 * not resolve has none: it is the pair's that was measured before, as in the
 * store. */
static int
family_of(struct stream *s, const struct arrival *a, struct error *err)
{
	struct bins_key names;

	if (a->family != 0 && s->measured.family == 0)
		s->family = a->family;
	if (a->family != 0)
		return (a->family);
	if (s->family == 0 && !s->sought) {
		s->sought = true;
		name_key(s, 0, &names);
		s->family = rebuild_known_family(s->rebuild, &names, err);
	}
	return (s->family);
}

static int
take(struct stream *s, const struct arrival *a, struct error *err)
{
	int family = family_of(s, a, err);
	struct lane *lane = &s->lanes[family == 6];
	int begun = 1;

	if (family <= 0)
		return (family);
	if (lane->test == NULL)
		begun = begin_lane(s, lane, family, a->start, err);
	return (begun == 1 ? add(lane, a, err) : begun);
}

/* A box may have been renamed since: the line has its old name. When the record
 * came is known no more, only that it was before now. */
static int
take_record(
    struct stream *s, const struct archive_record *record, struct error *err)
{
	const struct tree_node *json;
	struct arrival arrival;

	if (strcmp(record->src, s->src) != 0 ||
	    strcmp(record->dst, s->dst) != 0) {
		if (end_pair(s, err) == -1)
			return (-1);
		begin_pair(s, record);
	}
	json = tree_parse(s->rebuild->tree, record->line, record->length, err);
	if (json != NULL && arrival_read(&arrival, json, err) == 0) {
		arrival_bound_end(&arrival, clock_wall());
		return (take(s, &arrival, err));
	}
	log_warnx("a record from %s to %s is left out: %s", s->src, s->dst,
	    err->text);
	return (0);
}

static int
stream_test(
    struct rebuild *rebuild, const struct fleet_test *test, struct error *err)
{
	const struct archive_query query = {.test = test->name,
	    .from = rebuild->target->since(rebuild),
	    .to = INT64_MAX};
	struct archive_cursor *cursor =
	    archive_find(rebuild->archive, &query, err);
	struct stream stream = {.rebuild = rebuild, .test = test};
	struct archive_record record;
	int more = cursor != NULL ? 1 : -1;

	while (more == 1 && (more = archive_next(cursor, &record, err)) == 1)
		if (take_record(&stream, &record, err) == -1)
			more = -1;
	if (end_pair(&stream, more == -1 ? NULL : err) == -1)
		more = -1;
	if (more == 0 && archive_cursor_damage(cursor) != NULL)
		more = error_set(err, "%s; nothing was changed",
		    archive_cursor_damage(cursor));
	archive_cursor_free(cursor);
	return (more);
}

int
rebuild_stream(struct rebuild *rebuild, struct error *err)
{
	for (size_t i = 0; i < rebuild->fleet->test_count; i++) {
		const struct fleet_test *test = &rebuild->fleet->tests[i];

		if ((test->history || rebuild->target->every_test) &&
		    stream_test(rebuild, test, err) == -1)
			return (-1);
	}
	return (0);
}
