/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plan.h - what this agent shall measure.
 *
 *   {"v":1,"revision":41,"box":"nyc","key":"<64 hex>",
 *    "tests":[{"test":"core-ping","probe":"ping",
 *              "schedule":{"kind":"uniform","every":60},
 *              "options":{"count":10,...},
 *              "targets":[{"name":"lon","address":"198.51.100.7","family":4}],
 *              "calibrates":true}],             absent: it does not
 *    "own":[{"test":"clock","probe":"clock",...}],
 *    "peers":[{"box":"lon","secret":"<64 hex>",
 *              "addresses":["198.51.100.7","2001:db8::7"]}],
 *    "responders":[{"probe":"owd","options":{"control-port":861}}]}
 *
 * own: tests, too, that this pharosd does of its own host; those of a probe that it
 * does not know are for a newer one. A target may say which end this box is, "end":"src", where that is not the one
 * that its probe runs at. peers: whom this box may measure with, agent/peers.h;
 * responders: the far ends that it keeps ready for them.
 *
 * It is taken whole or refused whole, with the place and the reason. The last
 * good one is STATE/plan.json and survives everything.
 */
#ifndef PHAROS_AGENT_PLAN_H
#define PHAROS_AGENT_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/catalog.h"
#include "common/manifest.h"
#include "scheduler/timing.h"

struct error;
struct json_object;

struct plan_target {
	char *name;
	char *address;         /* NULL: the name is resolved here */
	int family;            /* 4, 6; 0: any */
	enum manifest_end end; /* SRC: this box is src, the target dst */
};

struct plan_test {
	char *name, *probe;
	struct timing timing;
	nanoseconds patience; /* the longest a run, or an interval of a stream,
	                         can take until its record comes */
	struct json_object *options; /* base units, checked */
	struct plan_target *targets;
	size_t target_count;
	bool own; /* pharosd itself finds it, and it costs nothing */
	char *
	    calibrates; /* this metric, as it is found with NAME_ITSELF, is what
	                     this box's stamps are off by; NULL: none is */
};

struct plan_responder {
	char *probe;
	struct json_object *options; /* base units, checked */
};

struct plan {
	int64_t revision;
	char *box;
	uint8_t key[32];
	struct plan_test *tests;
	size_t test_count;
	struct plan_responder *responders;
	size_t responder_count;
	struct json_object *json; /* as it came */
};

/* Checked against the manifests installed here; box: whom it must be for. */
struct plan *plan_parse(struct json_object *json, const char *box,
    const struct catalog *catalog, struct error *err);
void plan_free(struct plan *plan); /* NULL is fine */
int plan_save(const struct plan *plan, const char *path, struct error *err);
/* err is not NULL here. NULL without an error text when there is none yet. */
struct plan *plan_load(const char *path, const char *box,
    const struct catalog *catalog, struct error *err);

#endif
