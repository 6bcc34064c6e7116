/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * output.h - what the subcommands that print tables share.
 */
#ifndef PHAROS_CLI_OUTPUT_H
#define PHAROS_CLI_OUTPUT_H

#include <stdint.h>

#include "common/error.h"

/* Columns of the terminal on standard output; 0: no terminal, do not cut. */
int output_width(void);
/* What a word has at its end beside that number: "s", or nothing. */
const char *output_plural(uint64_t count);
/* "pharos: TEXT" on standard error; the exit status given. */
int output_fail(int status, const struct error *err);
/* Standard output cannot be written, for this reason (errno). */
void output_broken(int cause);
/* The status to end with: 3, and why on standard error, when not all of standard
 * output was written. Who reads it may have had enough, though. */
int output_end(int status);

#endif
