/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * probe.h - what the files of "pharos probe" share.
 */
#ifndef PHAROS_CLI_PROBE_H
#define PHAROS_CLI_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "common/address.h"
#include "common/manifest.h"
#include "common/name.h"
#include "common/record.h"

struct discipline;
struct error;
struct json_object;
struct tree_node;

/* All runs together send this many packets a second at most, unless one of
 * them alone is to send more; targets beyond wait until others are done. */
#define PROBE_PACKETS 20000

#define PROBE_OWN (NAME_TEXT + ADDRESS_TEXT)

enum probe_direction { PROBE_FROM, PROBE_TO, PROBE_BOTH };

struct probe_order {
	const struct manifest *manifest;
	enum probe_direction direction; /* of packets, seen from here; counts
	                                   where the probe runs at either end */
	struct json_object *settings;   /* base units; what was given */
	int family;                     /* 0: any */
	bool json;
	bool live;   /* lines while it runs, whoever reads them */
	bool quiet;  /* the summary alone */
	size_t most; /* targets at once; 0: as PROBE_PACKETS has it */
	char **targets;
	size_t count, room;
};

/* What a record is about. */
struct probe_aim {
	const char *target;
	enum manifest_end end; /* that this host is */
};

/* Measures all targets and prints what comes; the exit status. The first SIGINT
 * ends with what there is so far, the second at once. */
int probe_measure(const struct probe_order *order);

/* Adds a copy of the name, in small letters, to the targets. */
void probe_add_target(struct probe_order *order, const char *name);
int probe_check_target(const char *name, struct error *err);
/* One a line, the first word of it; "#" begins a remark. path "-": standard
 * input. */
int probe_read_targets(
    struct probe_order *order, const char *path, struct error *err);

/* One line for people: "lon (198.51.100.7): rtt ..., loss 0 %, sent 10, ...", of
 * a probe that runs at either end "from lon (...)" or "to lon (...)". */
void probe_print(const struct manifest *manifest, const struct probe_aim *aim,
    struct json_object *record, FILE *out);
/* "", "from " or "to " */
const char *probe_way(
    const struct manifest *manifest, const struct probe_aim *aim);
/* ", rtt min/p50/p95/max ..., loss 0 %, ..." of metrics; gap comes first. */
void probe_print_metrics(const struct manifest *manifest,
    struct json_object *metrics, const char *gap, FILE *out);
/* The record that an agent would send, without id, plan and test (new
 * reference). found is the worker's. */
struct json_object *probe_complete(const struct manifest *manifest,
    const struct probe_aim *aim, struct json_object *found);

/* This host's name, or the address that it sends to target from, or "localhost". */
const char *probe_own_name(const char *target, char text[static PROBE_OWN]);
/* What is known of this host's clock; borrowed, to be done before the others. */
void probe_use_clock(const struct discipline *clock);
/* The "clock" of a record (new reference). found is the worker's. */
struct json_object *probe_clock(
    enum manifest_end end, struct json_object *found);

/* The same as a line of JSON; found has the worker's "m", "run" and "last" in
 * it, too. */
void probe_write(const struct manifest *manifest, const struct probe_aim *aim,
    const struct tree_node *found, FILE *out);

/* What was found over all targets: counts summed, ratios of them,
 * distributions merged. */
struct probe_sum;
struct probe_sum *probe_sum_new(const struct manifest *manifest);
void probe_sum_free(struct probe_sum *sum); /* NULL is fine */
void probe_sum_add(struct probe_sum *sum, struct json_object *metrics);
/* As the "metrics" of a record; new reference. */
struct json_object *probe_sum_json(const struct probe_sum *sum);

void probe_help_settings(const struct setting *settings, FILE *out);
void probe_help(const struct manifest *manifest, FILE *out);

#endif
