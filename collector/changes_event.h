/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * changes_event.h - a change as the text of a server-sent event; for changes.c.
 */
#ifndef PHAROS_COLLECTOR_CHANGES_EVENT_H
#define PHAROS_COLLECTOR_CHANGES_EVENT_H

#include <stddef.h>

struct evbuffer;
struct matrix;

struct changes_choice {
	const size_t *cells;
	size_t count;
};
/* Adds the event of this id: what is known of the chosen cells, or a "reset" when
 * they are too many. silent is JSON; NULL: without it and the summary. */
void changes_event(struct evbuffer *out, const struct matrix *m, const char *id,
    const char *silent, const struct changes_choice *choice);

/* Without cells: how many there are of each kind, and who is silent. */
void changes_summary(
    struct evbuffer *out, const struct matrix *m, const char *silent);

#endif
