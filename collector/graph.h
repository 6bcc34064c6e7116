/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * graph.h - a picture of a pair's history, for where no page can be: mail, wiki,
 * paper (librrd draws it).
 *
 * A distribution is a line of its p50 over a band from min to p95; along its foot
 * lie the losses in the colours of their grades. What is a share or a count are
 * bars. Where nothing was measured the ground is grey, where nothing was answered
 * it is red. Of what the history has; the last bin or two are not in it yet.
 */
#ifndef PHAROS_COLLECTOR_GRAPH_H
#define PHAROS_COLLECTOR_GRAPH_H

#include <stdbool.h>
#include <stddef.h>

#include "common/clock.h"

struct error;
struct manifest;
struct metric;

struct graph_question {
	const char *path; /* of the history's file */
	const char *title;
	const struct manifest *manifest;
	const struct metric *metric; /* one that is a number */
	nanoseconds from, to;
	int width, height; /* of all of it, in pixels */
	bool dark, chinese;
};

/* A PNG; free() it. NULL with err set. Changes the process: its time zone is UTC
 * from here on. */
void *graph_draw(
    const struct graph_question *question, size_t *length, struct error *err);

#endif
