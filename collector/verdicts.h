/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdicts.h - what the court wrote last, for web: STATE/clocks.json (clocks.h).
 *
 * Looked at once a second at most. What is older than VERDICTS_AGE says nothing
 * of now.
 */
#ifndef PHAROS_COLLECTOR_VERDICTS_H
#define PHAROS_COLLECTOR_VERDICTS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/clock.h"

struct json_object;
struct verdicts;
struct web;

#define VERDICTS_AGE (600 * NS_PER_S)

struct verdicts *verdicts_new(struct web *web);  /* borrowed */
void verdicts_free(struct verdicts *verdicts);   /* NULL is fine */
void verdicts_forget(struct verdicts *verdicts); /* the fleet goes */
/* Is the clock of this end of the fleet named as wrong? */
bool verdicts_is_wrong(struct verdicts *verdicts, size_t end);
/* The last sitting as it was written, borrowed; NULL: none, or too old. */
struct json_object *verdicts_last(struct verdicts *verdicts);

#endif
