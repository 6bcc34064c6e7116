/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * views.h - the views of matrices that are watched; for live.c.
 *
 * All who watch the same view share it. One that nobody watches is kept for a
 * minute, for whoever comes back, unless its room is wanted.
 */
#ifndef PHAROS_COLLECTOR_VIEWS_H
#define PHAROS_COLLECTOR_VIEWS_H

#include <stddef.h>
#include <sys/queue.h>

#include "common/clock.h"

struct changes;
struct error;
struct matrix_question;
struct web;

struct view {
	TAILQ_ENTRY(view) link;
	struct changes *changes;
	size_t size, watchers;
	nanoseconds left; /* monotonic: when the last watcher went */
};

struct views {
	TAILQ_HEAD(, view) list;
	size_t count, size;
};

void views_init(struct views *views);
void views_clear(struct views *views);
/* The view of this question, after a look at it; NULL: there are too many, or it
 * cannot be looked at now. */
struct view *views_find(struct views *views, struct web *web,
    const struct matrix_question *question, struct error *err);
void views_join(struct view *view);
void views_leave(struct view *view);
/* Looks at all that are watched; forgets those that have not been for long. */
void views_look(struct views *views, struct web *web);

#endif
