/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reader.h - what the parts that read a fleet file share.
 *
 * Every mistake is collected with its place and reading goes on, so that all
 * of them are named at once. What comes out is the normal form of a fleet.
 */
#ifndef PHAROS_COLLECTOR_READER_H
#define PHAROS_COLLECTOR_READER_H

#include <json-c/json.h>
#include <stdbool.h>

#include "common/error.h"
#include "common/yaml.h"

struct catalog;
struct fleet;
struct fleet_test;

/* "was:" of a box. */
struct reader_was {
	const struct yml *node;
	json_object *end; /* borrowed */
};

struct reader {
	json_object *problems, *warnings; /* arrays of texts */
	json_object *json;                /* the normal form */
	json_object *sites, *ends;        /* in it */
	json_object *by_name;             /* end's name: the end */
	json_object *by_address;          /* of a box: the first one's name */
	json_object *site_boxes;          /* site's name: names of its boxes */
	struct reader_was *was;           /* to be looked at in the end */
	size_t was_count;
	struct catalog *catalog;
	bool itself; /* NAME_ITSELF is an end of ours, not of the file */
};

void reader_say(json_object *list, const struct error *err);
void reader_problem(struct reader *r, const struct yml *node, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));
/* The same of what may be meant so. */
void reader_warning(struct reader *r, const struct yml *node, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));
/* The node has this kind, or that is a problem. */
bool reader_is(struct reader *r, const struct yml *node, enum yml_kind kind,
    const char *what);
/* Each key of the map that is not in the list is a problem. */
void reader_only(
    struct reader *r, const struct yml *map, const char *const *keys);
/* A new array as a member; borrowed. */
json_object *reader_add_array(json_object *json, const char *name);
/* Unless the array has it already. */
void reader_add_once(json_object *array, const char *text);

/* sites.c: sites with their boxes, and targets; node may be NULL. */
void sites_read(struct reader *r, const struct yml *node);
void sites_read_targets(struct reader *r, const struct yml *node);
/* was.c: notes what a box was called, and, when all names are known, says what
 * cannot be. */
void was_read(struct reader *r, const struct yml *node, json_object *end);
void was_check(struct reader *r);

/* itself.c: tests that nobody has to ask for, from boxes to themselves. Is there
 * to be one of this name? node: what the file says of it, "none" or nothing. Not if
 * the file has such a test, or NAME_ITSELF, in a way of its own. */
bool itself_wanted(struct reader *r, const struct yml *node, const char *name);
/* Takes options over; from nobody yet; borrowed. */
json_object *itself_add_test(struct reader *r, const char *name,
    const char *probe, json_object *options);
/* What each box finds of its own host; and, calibration.c, what its own stamps are
 * off by. */
void clock_read(struct reader *r, const struct yml *node);
void calibration_read(struct reader *r, const struct yml *node);

/* doubts.c: warnings. A box with the address of one before it, unless both are of
 * one host, or nobody is to reach it. */
void doubts_address(struct reader *r, const struct yml *node, json_object *box);
/* A test without any pair; one of which pairs cannot be measured. */
void doubts_pairs(struct reader *r, const struct yml *node, json_object *test);
void doubts_untested(
    struct reader *r, const struct fleet *fleet, const struct fleet_test *test);

/* members.c: a list of members ("@group", a site, a box, a target, targets) as
 * the names of ends; new reference. */
json_object *members_axis(struct reader *r, const struct yml *node,
    bool destination, const char *what);
/* Adds "from" and "to"; false when neither is given. */
bool members_axes(struct reader *r, const struct yml *node, json_object *json);

#endif
