/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rebuild_target.h - what rebuild.c and those it rebuilds for share; for
 * rebuild*.c alone.
 */
#ifndef PHAROS_COLLECTOR_REBUILD_TARGET_H
#define PHAROS_COLLECTOR_REBUILD_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/bins.h"
#include "collector/bins_cache.h"

struct archive;
struct arrival;
struct board;
struct collector_settings;
struct error;
struct fleet;
struct fleet_pair;
struct fleet_test;
struct lane;
struct rebuild;
struct silent;
struct tree;

struct rebuild_target {
	const char *name;
	bool every_test; /* also those without a history */
	int (*begin)(struct rebuild *rebuild, struct error *err);
	/* Records of a pair that start before this are of no use. */
	nanoseconds (*since)(const struct rebuild *rebuild);
	int (*lane_begin)(struct lane *lane, struct error *err);
	/* Both in order; the record before the bin that it ends up in. */
	void (*record)(struct lane *lane, const struct arrival *arrival,
	    const struct bundle *bundle); /* or NULL */
	int (*bin)(struct lane *lane, const struct bin *bin, struct error *err);
	int (*lane_end)(struct lane *lane, struct error *err);
	int (*end)(struct rebuild *rebuild, struct error *err);
};
extern const struct rebuild_target rebuild_rrd, rebuild_rollup, rebuild_latest;

struct rebuild {
	const struct collector_settings *settings;
	const struct rebuild_target *target;
	struct fleet *fleet;
	struct bins *bins;
	struct archive *archive;
	struct tree *tree;   /* the record that goes by */
	nanoseconds reach;   /* the archive has what came since; a midnight */
	struct board *board; /* latest's */
	uint64_t records, pairs, kept;
	unsigned breaths;
};

/* One pair of one family, while its records go by. */
struct lane {
	struct rebuild *rebuild;
	const struct fleet_test *test;
	struct bins_key key;
	int64_t pair;
	struct bins_standing standing; /* before */
	nanoseconds step;
	nanoseconds reach;  /* what there is from before this is better than
	                       what the archive has; a midnight */
	struct bin current; /* bundle NULL: none */
	bool met;           /* the last record told more of another one in it */
	void *own;          /* the target's */
};

/* STATE/name, and STATE/name.new; free() them. */
char *rebuild_path(const struct rebuild *rebuild, const char *name);
char *rebuild_new_path(const struct rebuild *rebuild, const char *name);
/* rm -r; fine when there is none. */
int rebuild_remove(const char *path, struct error *err);
/* STATE/name.new becomes STATE/name. */
int rebuild_replace(
    const struct rebuild *rebuild, const char *name, struct error *err);
/* Commits now and then, so that no transaction grows without end. */
int rebuild_breathe(struct rebuild *rebuild, struct error *err);

/* May bins.db get to know this pair? The fleet measures it, in this family; or it
 * has a history: another bins.db knew it. */
bool rebuild_may_make(const struct rebuild *rebuild,
    const struct fleet_pair *measured, const struct bins_key *key);
/* The number of a pair that there is a record of; 0: nobody wants it, -1 */
int64_t rebuild_pair(const struct rebuild *rebuild,
    const struct fleet_pair *measured, const struct bins_key *key,
    struct error *err);
/* As bins_newest_family; of pairs that the bins do not know, one that has a
 * history. */
int rebuild_known_family(const struct rebuild *rebuild,
    const struct bins_key *names, struct error *err);

/* All records of the archive go by. */
int rebuild_stream(struct rebuild *rebuild, struct error *err);
/* latest: what has not gone by since its bins begin. */
int rebuild_silent(struct rebuild *rebuild, struct error *err);
/* In the matrix that is being made, if the pair is in one. */
void rebuild_show(const struct rebuild *rebuild, const struct bins_key *key,
    const struct silent *silent);
/* Lets the store take all that is in the journal. */
int rebuild_catch_up(
    const struct collector_settings *settings, struct error *err);

#endif
