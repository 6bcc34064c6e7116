/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * output.h - what the subcommands that print tables share.
 */
#ifndef PHAROS_CLI_OUTPUT_H
#define PHAROS_CLI_OUTPUT_H

#include "common/error.h"

/* Columns of the terminal on standard output; 0: no terminal, do not cut. */
int output_width(void);
/* "pharos: TEXT" on standard error; the exit status given. */
int output_fail(int status, const struct error *err);

#endif
