/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tool.h - a program of the system, run to its end.
 */
#ifndef PHAROS_LAB_TOOL_H
#define PHAROS_LAB_TOOL_H

struct error;

struct tool {
	const char *const *argv; /* NULL-ended; argv[0] as in PATH */
	const char *input;       /* its standard input; NULL: empty */
	char **output;           /* what it printed, to free; may be NULL */
	int net;                 /* namespace to run it in; -1: ours */
};

/* Its full path, in PATH or where administrators' programs are, to free; NULL
 * with err naming the package that has it. */
char *tool_find(const char *name, struct error *err);
/* 0, or -1 with what it said on standard error. It blocks. */
int tool_run(const struct tool *tool, struct error *err);

#endif
