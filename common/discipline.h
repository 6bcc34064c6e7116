/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * discipline.h - what keeps this host's clock right, and how right it is.
 *
 * Today the kernel's own word (ntp_adjtime): its maximum error is believed
 * only while it says synchronised and the bound is under 16 s. RFC 2330
 * section 10 has the terms. Anything else is "none" and has no bound; an
 * absent bound is never 0.
 */
#ifndef PHAROS_COMMON_DISCIPLINE_H
#define PHAROS_COMMON_DISCIPLINE_H

#include <stdbool.h>

struct json_object;

struct discipline {
	const char *source;   /* "kernel" or "none" */
	bool bounded;         /* error holds a bound */
	double error;         /* seconds, >= 0 */
	char clocksource[32]; /* the kernel's: tsc, kvm-clock, xen, ... */
};

void discipline_read(struct discipline *state);
/* {"source":"kernel","error":0.000012,"clocksource":"tsc"}; new reference */
struct json_object *discipline_json(const struct discipline *state);

#endif
