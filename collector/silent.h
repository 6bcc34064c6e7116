/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * silent.h - the last finding of a pair that has been silent for longer than
 * bins are kept, from the archive.
 */
#ifndef PHAROS_COLLECTOR_SILENT_H
#define PHAROS_COLLECTOR_SILENT_H

#include "collector/bins.h"
#include "collector/board.h"

struct archive;
struct arrival;
struct error;
struct manifest;
struct tree;

struct silent {
	struct cell_news news; /* finding 0: there is none */
	nanoseconds start;     /* of its record */
	int family;            /* of its record; 0: not said */
};

/* A record, if it is a finding and none newer is known. */
void silent_note(struct silent *silent, const struct arrival *arrival,
    const struct manifest *manifest);
/* The last of the pair's findings that start before that instant; of a key of
 * family 0 that of any family. The tree is of use in between. */
int silent_find(struct archive *archive, struct tree *tree,
    const struct bins_key *key, const struct manifest *manifest,
    nanoseconds before, struct silent *silent, struct error *err);
void silent_clear(struct silent *silent);
/* Into its cell's last numbers, where these are older. */
void silent_show(const struct silent *silent, struct cell *cell);

#endif
