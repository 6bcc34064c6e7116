/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * append.h - what the disk alone needs to have something for sure.
 */
#ifndef PHAROS_BENCH_APPEND_H
#define PHAROS_BENCH_APPEND_H

#include <stdbool.h>
#include <stddef.h>

struct append_about {
	const char *file; /* is made and removed */
	size_t length;    /* bytes of each write */
	size_t count;
	double pause; /* seconds between them */
	bool again;   /* over what was written before; false: the file grows */
};

/* The median of a write and its fdatasync in seconds. Ends the process when one
 * fails. */
double append_median(const struct append_about *about);

#endif
