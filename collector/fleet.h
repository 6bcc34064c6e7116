/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fleet.h - sites, boxes, targets, meshes and tests: fleet.yaml, checked.
 *
 * The parent reads the YAML; its children read STATE/fleet.json, which is the
 * last good one with its revision and the manifests it was checked against.
 * Axes of a test are boxes (or, as destinations, targets), in file order. A
 * site without a boxes list has one box of its own name.
 */
#ifndef PHAROS_COLLECTOR_FLEET_H
#define PHAROS_COLLECTOR_FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/renames.h"
#include "common/address.h"
#include "common/catalog.h"
#include "common/manifest.h"
#include "common/name.h"
#include "common/option.h"
#include "scheduler/timing.h"

struct error;
struct json_object;

struct fleet_site {
	char name[NAME_TEXT];
	struct json_object *label; /* {"en":..,"zh":..} or NULL */
	char (*groups)[NAME_TEXT];
	size_t group_count;
	bool located;
	double latitude, longitude;
};

#define FLEET_ADDRESSES 4

/* A box, or a target: something that is measured but runs no agent. */
struct fleet_end {
	char name[NAME_TEXT]; /* a target's may be a host name */
	bool is_box;
	bool inbound; /* false: others cannot reach it, so nobody tries */
	size_t site;  /* box: index into sites */
	char was[NAME_TEXT];       /* box: the name it had; "": none */
	char (*groups)[NAME_TEXT]; /* target: its own */
	size_t group_count;
	char addresses[FLEET_ADDRESSES][ADDRESS_TEXT];
	int families[FLEET_ADDRESSES]; /* of them: 4, 6 */
	size_t address_count; /* 0: the name is resolved by who measures */
};

/* For how long what is of a test, and how much of it; 0: no bound. */
struct fleet_keep {
	nanoseconds records;     /* every single one */
	int64_t size;            /* of them, bytes on disk */
	nanoseconds hours, days; /* merged by hour, by day */
};
extern const struct setting fleet_keep_settings[];
/* Of what no test says anything. */
const struct fleet_keep *fleet_keep_usual(void);

struct fleet_test {
	char name[NAME_TEXT];
	char mesh[NAME_TEXT]; /* "": from and to given in the test itself */
	const struct manifest *manifest;
	struct timing timing;
	int family;   /* 4, 6; 0: IPv6 if both ends have it */
	bool history; /* false: "history: none" */
	struct fleet_keep keep;
	struct json_object *options;    /* base units */
	size_t *sources, *destinations; /* indexes into ends */
	size_t source_count, destination_count;
	bool rectangle;  /* from/to rather than a full mesh */
	bool calibrates; /* each box with itself (NAME_ITSELF, a target) and the
	                    other boxes of its site, for what its stamps are
	                    worth */
};

struct fleet {
	int64_t revision;
	struct fleet_site *sites;
	size_t site_count;
	struct fleet_end *ends;
	size_t end_count;
	struct fleet_test *tests;
	size_t test_count;
	struct json_object *meshes; /* {"core":{"members":[..]}} as resolved */
	struct renames renames;     /* of all time, these included */
	struct catalog *catalog;    /* owned */
};

#define FLEET_CALIBRATION "calibration" /* that test's name */
/* Of each box with itself: what it finds of its host (manifest.h, of_host). */
#define FLEET_CLOCK "clock"

/* Everything that is wrong is in *problems (an array of texts, "FILE:LINE:
 * COLUMN: what is wrong, what was expected"; new reference, never NULL);
 * *warnings likewise (pairs without a common family, ...). NULL when there is a
 * problem. Takes the catalog over. */
struct fleet *fleet_read(const char *path, struct catalog *catalog,
    struct json_object **problems, struct json_object **warnings);
struct json_object *fleet_json(const struct fleet *fleet);
/* Parts of it, which the API shows as they are: {"name","label","groups",
 * "location"}, {"name","site" or "groups","addresses"}, [names]. */
struct json_object *fleet_site_json(const struct fleet_site *site);
struct json_object *fleet_end_json(
    const struct fleet *fleet, const struct fleet_end *end);
struct json_object *fleet_axis_json(
    const struct fleet *fleet, const size_t *ends, size_t count);
struct fleet *fleet_parse(struct json_object *json, struct error *err);
/* STATE/fleet.json */
struct fleet *fleet_load(const char *path, struct error *err);
void fleet_free(struct fleet *fleet); /* NULL is fine */
/* What changed, as lines for people: array of texts; new reference. */
struct json_object *fleet_difference(
    const struct fleet *before, const struct fleet *after);

const struct fleet_test *fleet_test(
    const struct fleet *fleet, const char *name);
const struct fleet_end *fleet_end(const struct fleet *fleet, const char *name);
/* How many tests the file has: without those that nobody asked for. */
size_t fleet_written(const struct fleet *fleet);

struct fleet_pair {
	bool tested;           /* false: itself, or no family in common */
	enum manifest_end end; /* who measures: its agent runs the probe ... */
	size_t near, far;      /* ... and whom it measures with; into ends */
	int family;          /* 4, 6; 0: the name is resolved by who measures */
	const char *address; /* of the far one; NULL: by name */
};
/* source, destination: positions on the test's axes. */
void fleet_pair(const struct fleet *fleet, const struct fleet_test *test,
    size_t source, size_t destination, struct fleet_pair *pair);
/* The same by their names; not tested: the test does not have both. */
void fleet_pair_named(const struct fleet *fleet, const struct fleet_test *test,
    const char *src, const char *dst, struct fleet_pair *pair);
#define FLEET_NOWHERE SIZE_MAX
/* Where the end of this name is in a list of ends, as a test's sources; or
 * FLEET_NOWHERE. */
size_t fleet_place(const struct fleet *fleet, const size_t *ends, size_t count,
    const char *name);
/* Where each end of the fleet is in a list of ends, as a test's sources; or
 * FLEET_NOWHERE. The caller frees it. */
size_t *fleet_places(
    const struct fleet *fleet, const size_t *ends, size_t count);
/* How long one run, or an interval of a stream and its report, takes at most, the
 * last timeout included; nanoseconds. */
nanoseconds fleet_lasts(const struct fleet_test *test);
/* The age beyond which a finding of this test is stale: the schedule's silence
 * plus how long a run takes and what delivery may take; nanoseconds. */
nanoseconds fleet_stale_after(const struct fleet_test *test);

#endif
