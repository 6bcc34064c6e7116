/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * experiment.h - what a topology's file expects to be measured in it.
 *
 *   experiment:
 *     measure: {from: was, to: stl, probe: NAME, every: 100ms}
 *     lasts: 50s
 *     align: {link: den-kan, hello: 3s}
 *     phases:
 *       - {name: primary, rtt: 76ms, within: 3ms, least: 9s}
 *       - {name: outage, lost: yes, least: 5s, most: 9s}
 *       - {name: backup, rtt: 88ms, within: 3ms}
 *
 * The judge divides what was measured into these phases, in this order, so that
 * as few packets as possible are of another kind than their phase expects. The
 * expectation is met if each phase has three packets and more, four in five of
 * them as expected, and takes from least to most. So neither a lost packet nor a
 * step of an instant between two phases matters, but a phase that is missing,
 * elsewhere or too short does.
 */
#ifndef PHAROS_LAB_EXPERIMENT_H
#define PHAROS_LAB_EXPERIMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/clock.h"
#include "common/name.h"

struct error;
struct topology;
struct yml;

#define EXPERIMENT_PHASES 32
#define EXPERIMENT_PACKETS 65535 /* at most, as ping can */
#define EXPERIMENT_LEAST 3       /* packets of a phase */
#define EXPERIMENT_MATCHED 0.8   /* of them are as expected */

struct experiment_phase {
	char name[NAME_TEXT];
	bool lost;               /* packets of it are lost; else: */
	nanoseconds rtt, within; /* rtt +- within */
	nanoseconds least, most; /* of its duration; most 0: no bound */
};

struct topology_experiment {
	size_t from, to; /* nodes */
	char probe[NAME_TEXT];
	nanoseconds every; /* between two packets */
	nanoseconds lasts; /* from when the lab has converged */
	bool
	    aligned; /* this link fails so long after a hello seen on it, at the
	                 first occasion from the event's time on */
	size_t align_link;
	nanoseconds align_hello;
	struct experiment_phase phases[EXPERIMENT_PHASES];
	size_t phase_count;
};

/* Against a topology whose nodes and links are read; NULL with the place in err. */
struct topology_experiment *experiment_read(
    const struct topology *topology, const struct yml *node, struct error *err);
void experiment_free(struct topology_experiment *experiment); /* NULL is fine */

struct experiment_sample {
	nanoseconds sent; /* since the experiment began, ascending */
	nanoseconds rtt;  /* -1: lost */
};

struct experiment_found {
	size_t first, count; /* samples */
	size_t lost;
	nanoseconds begins, lasts;
	nanoseconds median; /* of the round trips; -1: there are none */
	double matched;     /* how many packets were as expected, a ratio */
	char why[80];       /* it is not what was expected; "": it is */
};

/* found has one for each phase. Is all as expected? */
bool experiment_judge(const struct topology_experiment *experiment,
    const struct experiment_sample *samples, size_t count,
    struct experiment_found *found);

#endif
