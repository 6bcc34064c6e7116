/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/fleet.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/daemon.h"
#include "common/manifest.h"
#include "common/member.h"
#include "common/memory.h"

#define FLEET_MOST (64 * 1024 * 1024)
/* From a run's end to its record at the collector: spool, uplink, journal. */
#define DELIVERY (10 * NS_PER_S)
#define AGES 3153600000 /* a hundred years */
#define AT(field) offsetof(struct fleet_keep, field)

static void
free_test(struct fleet_test *test)
{
	json_object_put(test->options);
	free(test->sources);
	free(test->destinations);
}

void
fleet_free(struct fleet *fleet)
{
	if (fleet == NULL)
		return;
	for (size_t i = 0; i < fleet->site_count; i++) {
		json_object_put(fleet->sites[i].label);
		free(fleet->sites[i].groups);
	}
	for (size_t i = 0; i < fleet->end_count; i++)
		free(fleet->ends[i].groups);
	for (size_t i = 0; i < fleet->test_count; i++)
		free_test(&fleet->tests[i]);
	free(fleet->sites);
	free(fleet->ends);
	free(fleet->tests);
	renames_clear(&fleet->renames);
	json_object_put(fleet->meshes);
	catalog_free(fleet->catalog);
	free(fleet);
}

struct fleet *
fleet_load(const char *path, struct error *err)
{
	struct fleet *fleet = NULL;
	json_object *json;
	size_t length;
	char *text;

	if ((text = daemon_read_file(path, FLEET_MOST, &length, err)) == NULL)
		return (NULL);
	if ((json = member_parse(text, length, err)) != NULL)
		fleet = fleet_parse(json, err);
	if (fleet == NULL)
		error_place(err, "%s", path);
	json_object_put(json);
	free(text);
	return (fleet);
}

const struct fleet_test *
fleet_test(const struct fleet *fleet, const char *name)
{
	for (size_t i = 0; i < fleet->test_count; i++)
		if (strcmp(fleet->tests[i].name, name) == 0)
			return (&fleet->tests[i]);
	return (NULL);
}

const struct fleet_end *
fleet_end(const struct fleet *fleet, const char *name)
{
	for (size_t i = 0; i < fleet->end_count; i++)
		if (strcmp(fleet->ends[i].name, name) == 0)
			return (&fleet->ends[i]);
	return (NULL);
}

size_t
fleet_written(const struct fleet *fleet)
{
	size_t written = 0;

	for (size_t i = 0; i < fleet->test_count; i++)
		written += !fleet->tests[i].calibrates &&
			   !fleet->tests[i].manifest->of_host;
	return (written);
}

static const char *
address_of(const struct fleet_end *end, int family)
{
	for (size_t i = 0; i < end->address_count; i++)
		if (end->families[i] == family)
			return (end->addresses[i]);
	return (NULL);
}

/* An end without known addresses may well have one of that family. */
static bool
may_speak(const struct fleet_end *end, int family)
{
	return (end->address_count == 0 || address_of(end, family) != NULL);
}

/* Where its probe runs, or at the other end, if there is no agent at that. -1:
 * nowhere. */
static int
find_near(const struct fleet_test *test, const struct fleet_end *dst)
{
	if (test->manifest->runs_at == RUNS_AT_DST && dst->is_box)
		return (RUNS_AT_DST);
	return (test->manifest->runs_at == RUNS_AT_SRC || test->manifest->either
		    ? RUNS_AT_SRC
		    : -1);
}

static void
choose_family(const struct fleet_test *test, const struct fleet_end *near,
    const struct fleet_end *far, struct fleet_pair *pair)
{
	static const int preferred[] = {6, 4};

	for (size_t i = 0; i < 2; i++) {
		int family = preferred[i];

		if ((test->family != 0 && test->family != family) ||
		    (!test->manifest->of_host && !may_speak(near, family)) ||
		    address_of(far, family) == NULL)
			continue;
		pair->tested = true;
		pair->family = family;
		pair->address = address_of(far, family);
		return;
	}
}

/* Is it a pair that this test is about? */
static bool
is_meant(const struct fleet *fleet, const struct fleet_test *test, size_t src,
    size_t dst)
{
	const struct fleet_end *ends = fleet->ends;

	return (src != dst && (!test->calibrates || !ends[dst].is_box ||
				  ends[src].site == ends[dst].site));
}

/* Packets have to reach the destination, and who measures the far end. */
void
fleet_pair(const struct fleet *fleet, const struct fleet_test *test,
    size_t source, size_t destination, struct fleet_pair *pair)
{
	size_t src = test->sources[source],
	       dst = test->destinations[destination];
	int end = find_near(test, &fleet->ends[dst]);
	const struct fleet_end *far;

	memset(pair, 0, sizeof(*pair));
	if (!is_meant(fleet, test, src, dst) || end == -1)
		return;
	pair->end = (enum manifest_end)end;
	pair->near = end == RUNS_AT_SRC ? src : dst;
	pair->far = end == RUNS_AT_SRC ? dst : src;
	far = &fleet->ends[pair->far];
	if (!fleet->ends[dst].inbound || !far->inbound)
		return;
	if (far->address_count > 0) {
		choose_family(test, &fleet->ends[pair->near], far, pair);
		return;
	}
	/* only a target has a name that others can resolve */
	pair->tested = !far->is_box;
	pair->family = test->family;
}

/* Of a stream: from the end of an interval to its record. */
static nanoseconds
run_lasts(const struct fleet_test *test)
{
	const struct manifest *manifest = test->manifest;

	return (
	    clock_of_seconds(test->timing.kind == TIMING_CONTINUOUS
				 ? manifest_reports(manifest, test->options)
				 : manifest_lasts(manifest, test->options)));
}

nanoseconds
fleet_stale_after(const struct fleet_test *test)
{
	return (timing_silence(&test->timing) + run_lasts(test) + DELIVERY);
}

size_t
fleet_place(const struct fleet *fleet, const size_t *ends, size_t count,
    const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(fleet->ends[ends[i]].name, name) == 0)
			return (i);
	return (FLEET_NOWHERE);
}

void
fleet_pair_named(const struct fleet *fleet, const struct fleet_test *test,
    const char *src, const char *dst, struct fleet_pair *pair)
{
	size_t source =
	    fleet_place(fleet, test->sources, test->source_count, src);
	size_t destination = fleet_place(
	    fleet, test->destinations, test->destination_count, dst);

	*pair = (struct fleet_pair){0};
	if (source != FLEET_NOWHERE && destination != FLEET_NOWHERE)
		fleet_pair(fleet, test, source, destination, pair);
}

size_t *
fleet_places(const struct fleet *fleet, const size_t *ends, size_t count)
{
	size_t *places = memory_new(fleet->end_count, sizeof(*places));

	for (size_t i = 0; i < fleet->end_count; i++)
		places[i] = FLEET_NOWHERE;
	for (size_t i = 0; i < count; i++)
		places[ends[i]] = i;
	return (places);
}

nanoseconds
fleet_lasts(const struct fleet_test *test)
{
	if (test->timing.kind == TIMING_CONTINUOUS)
		return (test->timing.every + run_lasts(test));
	return (run_lasts(test));
}

const struct setting fleet_keep_settings[] = {
    {"records", OPTION_DURATION, "1y", 0, AGES, NULL,
	"How long every record is kept; 0: no bound", AT(records)},
    {"size", OPTION_SIZE, "0", 0, 1e15, NULL,
	"How much the test's records may take up; 0: no bound", AT(size)},
    {"hours", OPTION_DURATION, "2y", 0, AGES, NULL,
	"How long what is merged by hour is kept; 0: no bound", AT(hours)},
    {"days", OPTION_DURATION, "20y", 0, AGES, NULL,
	"How long what is merged by day is kept; 0: no bound", AT(days)},
    {NULL}};

const struct fleet_keep *
fleet_keep_usual(void)
{
	static struct fleet_keep usual;

	if (usual.records == 0)
		option_load(fleet_keep_settings, &usual, NULL, NULL);
	return (&usual);
}
