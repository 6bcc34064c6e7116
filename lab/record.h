/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * record.h - what happens on a link, recorded while somebody wants it: by
 * pharos-truth at both ends, and by the emulator's verdicts.
 */
#ifndef PHAROS_LAB_RECORD_H
#define PHAROS_LAB_RECORD_H

#include <stdbool.h>

#include "lab/links.h"

struct error;
struct record;

struct record_about {
	const struct links_about *links;
	size_t link;
	const char *file; /* of pharos-truth */
};

/* Starts the recorder; ready is called, from the loop, when it sees every frame,
 * or with why it does not (stop it then). Borrows all but file. */
struct record *record_new(const struct record_about *about,
    void (*ready)(void *arg, const char *why), void *arg, struct error *err);
/* Ends it in order; done is called, from the loop, when the file is whole; then
 * free it. False: it has ended before, and done is not called. */
bool record_stop(struct record *record, void (*done)(void *arg), void *arg);
void record_free(struct record *record); /* NULL is fine */

#endif
