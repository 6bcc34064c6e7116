/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log.h - what a daemon tells its operator, on standard error.
 *
 * One line each, "program: text", with the priority prefix that journald
 * understands when standard error is a journal. A line that says the same as
 * one of the last minute is counted, not written; the count follows.
 * A failure is logged once, by the function that handles it.
 */
#ifndef PHAROS_COMMON_LOG_H
#define PHAROS_COMMON_LOG_H

#include <stdbool.h>

#define LOG_FORMAT __attribute__((format(printf, 1, 2)))

void log_open(const char *program, bool debug);
/* Writes out the pending counts of repeated lines. */
void log_close(void);

void log_fatal(const char *fmt, ...) LOG_FORMAT __attribute__((noreturn));
void log_warn(const char *fmt, ...) LOG_FORMAT; /* adds ": strerror" */
void log_warnx(const char *fmt, ...) LOG_FORMAT;
void log_info(const char *fmt, ...) LOG_FORMAT;
void log_debug(const char *fmt, ...) LOG_FORMAT;

#endif
