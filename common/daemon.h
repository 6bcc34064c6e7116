/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * daemon.h - what every long-lived process needs once.
 */
#ifndef PHAROS_COMMON_DAEMON_H
#define PHAROS_COMMON_DAEMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct error;
struct event_base;

/* The command line of a daemon: -c FILE (--config), -n (--check), -d (--debug),
 * -V (--version), -h (--help). config is the caller's to free; without -c it
 * is `file` in the system's configuration folder. -1: go on; otherwise the exit
 * status, after what was asked for, or the usage, has been printed. */
struct daemon_arguments {
	char *config;
	bool check, debug;
};
int daemon_read_arguments(struct daemon_arguments *arguments, int argc,
    char **argv, const char *file, void (*usage)(FILE *out));

/* Locks dir for this process (made 0750 if missing) and checks its format:
 * absent: written; newer: refused by name; older: the number is raised, so that
 * an older version refuses the whole from here on, and the files in it, which
 * have formats of their own (database_open_steps), are upgraded as they are
 * opened. kind is what the directory holds, "agent" or "collector".
 * Returns the descriptor that holds the lock, or -1. */
int daemon_claim(
    const char *dir, const char *kind, unsigned format, struct error *err);

/* Raises RLIMIT_NOFILE as far as it is allowed, up to 65536 and some: each
 * connection is a descriptor. Children inherit it. */
void daemon_raise_files(void);

/* SIGTERM and SIGINT call stop, SIGHUP calls reload (NULL: ignored). SIGPIPE is
 * ignored. The handle is freed with daemon_signals_free. */
struct daemon_signals;
struct daemon_signals *daemon_signals_new(struct event_base *base,
    void (*stop)(void *arg), void (*reload)(void *arg), void *arg);
void daemon_signals_free(struct daemon_signals *signals);

/* A file written whole: beside it, synced, renamed over it, directory synced.
 * mode as for open. Written by root, it belongs to whom the directory does. */
int daemon_write_file(const char *path, const void *data, size_t length,
    unsigned mode, struct error *err);
/* The whole file, NUL-terminated, at most `most` bytes; free() it. */
char *daemon_read_file(
    const char *path, size_t most, size_t *length, struct error *err);
/* mkdir -p with 0750 */
int daemon_make_dir(const char *path, struct error *err);
#endif
