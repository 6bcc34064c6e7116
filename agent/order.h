/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * order.h - a "start" or a "cost" of worker.h, read and checked.
 */
#ifndef PHAROS_AGENT_ORDER_H
#define PHAROS_AGENT_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "probes/probe.h"

struct json_object;

struct order_settings;

struct order {
	char *target;
	char *test;            /* NULL: none */
	int family;            /* 4, 6; 0: any */
	union address address; /* family 0: the target is to be resolved */
	const void *settings;  /* the plug-in's, filled */
	struct order_settings *shared; /* where they are */
	uint64_t flow;
	enum manifest_end end; /* that this host is */
	nanoseconds report;    /* of a stream: its intervals; 0: a run */
	nanoseconds at;        /* monotonic; now, if it was not timed */
	bool timed;
	bool watched;
	nanoseconds planned; /* wall-clock, if it was timed */
};

/* The settings that were read last: thousands of runs have the same, and share
 * them. */
struct order_memo { /* zeroed: none */
	char *text;
	struct order_settings *settings;
};
void order_forget(struct order_memo *memo);

/* What is read before something wrong is found stays in it: clear it anyway. */
int order_read(struct order *order, const struct probe_ops *ops,
    struct order_memo *memo, struct json_object *json, struct error *err);
/* What a run with the settings of this order would cost; finite numbers. */
int order_price(const struct probe_ops *ops, struct json_object *json,
    struct cost *cost, struct error *err);
void order_clear(struct order *order);

#endif
