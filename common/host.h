/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * host.h - what this host's clock runs on.
 */
#ifndef PHAROS_COMMON_HOST_H
#define PHAROS_COMMON_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Ticks of the processors since the boot; zeroed: none were read. */
struct host_ticks {
	uint64_t all, stolen;
};

/* The counter that the kernel keeps time by: tsc, kvm-clock, xen, ...; "" where
 * it does not say. */
void host_clocksource(char *text, size_t size);
/* Whether this is a virtual machine. */
bool host_is_guest(void);
/* The first line of /proc/stat. False: it is none. */
bool host_read_ticks(const char *line, struct host_ticks *ticks);
/* The share of their time that a host of ours has given to others since `last`
 * (zeroed: since the boot), which is replaced; below 0: that cannot be told. */
double host_steal(struct host_ticks *last);

#endif
