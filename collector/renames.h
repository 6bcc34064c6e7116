/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * renames.h - what boxes were called before.
 *
 * Records never change, so they bear the names of the fleet whose plan they were
 * made by; all else goes by the names of today. Renames of one revision happen
 * at once: two boxes may change names. Whatever keeps things by name (registry,
 * bins with their files, archive) remembers up to which revision it has
 * followed.
 */
#ifndef PHAROS_COLLECTOR_RENAMES_H
#define PHAROS_COLLECTOR_RENAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/name.h"

struct error;
struct json_object;

struct rename {
	int64_t revision; /* of the fleet that has it first */
	char was[NAME_TEXT], name[NAME_TEXT];
};

/* In the order of revisions. */
struct renames {
	struct rename *list;
	size_t count;
};

void renames_add(struct renames *renames, int64_t revision, const char *was,
    const char *name);
void renames_clear(struct renames *renames);
/* [{"revision":42,"was":"lon","name":"london"},..]; new reference. */
struct json_object *renames_json(const struct renames *renames);
/* NULL is none. */
int renames_parse(
    struct renames *renames, struct json_object *json, struct error *err);

/* What the end of this name in the fleet of this revision is called now; one of
 * the texts given. */
const char *renames_now(
    const struct renames *renames, const char *name, int64_t revision);
/* Has the box of today's name ever been called so? */
bool renames_had(
    const struct renames *renames, const char *box, const char *name);
int64_t renames_last(const struct renames *renames); /* revision; 0: none */

#endif
