/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * admission.h - may this run start? Limits, prices and what was refused.
 */
#ifndef PHAROS_AGENT_ADMISSION_H
#define PHAROS_AGENT_ADMISSION_H

#include <stdbool.h>

#include "agent/job.h"
#include "agent/limits.h"

struct admission;
struct crew;
struct crew_guest;
struct json_object;

enum admitted {
	ADMITTED,
	ADMITTED_LATER, /* its cost is being asked for; news is called then */
	ADMITTED_NEVER, /* its cost cannot be told */
	REFUSED         /* by a limit; it has been counted */
};

/* The crew is borrowed and to be freed first. */
struct admission *admission_new(struct crew *crew,
    const struct limits_rules *rules, void (*news)(void *arg), void *arg);
/* All passes have been given back. NULL is fine. */
void admission_free(struct admission *admission);
void admission_set(
    struct admission *admission, const struct limits_rules *rules);

/* *pass is to be released; *why, where it may not start, is borrowed until the
 * next call. */
enum admitted admission_ask(struct admission *admission, const struct job *job,
    nanoseconds start, struct limits_pass **pass, const char **why);
/* Would a stream that runs still be admitted? *pass is replaced; NULL: no. */
bool admission_stays(struct admission *admission, const struct job *job,
    nanoseconds now, struct limits_pass **pass);
/* May a far end serve him? A pass, or NULL: a limit refused, and has counted. */
struct limits_pass *admission_serve(struct admission *admission,
    const struct crew_guest *guest, const char **why);
/* Is this probe none that may be used here at any time? */
bool admission_forbids(
    struct admission *admission, const char *probe, const char **why);
void admission_release(
    struct admission *admission, struct limits_pass *pass); /* NULL is fine */
/* When quiet hours begin or end next. */
nanoseconds admission_change(
    const struct admission *admission, nanoseconds wall);
struct json_object *admission_refused(
    const struct admission *admission); /* agent/refusals.h */

#endif
