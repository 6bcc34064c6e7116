/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * probe.h - what the files of "pharos probe" share.
 */
#ifndef PHAROS_CLI_PROBE_H
#define PHAROS_CLI_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "common/manifest.h"
#include "common/record.h"

struct json_object;

struct probe_order {
	const struct manifest *manifest;
	struct json_object *settings; /* base units; what was given */
	int family;                   /* 0: any */
	bool json;
	char **targets;
	size_t count;
};

/* Measures all targets at once and prints what comes; the exit status. The
 * first SIGINT ends with what there is so far, the second at once. */
int probe_measure(const struct probe_order *order);

/* One line for people: "lon (198.51.100.7): rtt ..., loss 0 %, sent 10, ..." */
void probe_print(const struct manifest *manifest, const char *target,
    struct json_object *record, FILE *out);
/* The record that an agent would send, without id, plan and test (new
 * reference). found is the worker's. */
struct json_object *probe_complete(const struct manifest *manifest,
    const char *target, struct json_object *found);

void probe_help(const struct manifest *manifest, FILE *out);

#endif
