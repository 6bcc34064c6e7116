/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * journal_files.h - the files of a journal, named by their first number.
 *
 * DIR/NUMBER.db, the number with leading zeros. A file appears under its name
 * only when it is whole, so a reader never meets half of one. For journal*.c
 * only.
 */
#ifndef PHAROS_COLLECTOR_JOURNAL_FILES_H
#define PHAROS_COLLECTOR_JOURNAL_FILES_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

#include "common/clock.h"

struct error;

/* As database_open_steps has them. */
extern const char *const journal_steps[];

/* First numbers in rising order; free() it. A missing dir has none. The count
 * or -1. */
int journal_files(const char *dir, uint64_t **firsts, struct error *err);
char *journal_file(const char *dir, uint64_t first); /* path; free() it */
/* A new file that starts at first; what earlier batches brought is carried over
 * from the file `before` (NULL: none), but for epochs whose last record ended
 * before `since`, wall-clock. */
int journal_file_make(const char *dir, uint64_t first, const char *before,
    nanoseconds since, struct error *err);
/* As journal_forgotten. */
int journal_file_forgotten(
    sqlite3 *db, nanoseconds *forgotten, struct error *err);
/* The file and what SQLite keeps beside it. */
void journal_file_unlink(const char *path);
int64_t journal_file_size(const char *path); /* with what is beside it */
/* What SQLite writes first, and only then into the file, has its room on disk from
 * here on: a commit writes over it and need not wait until the disk knows that a
 * file has grown. Bytes; less when the disk is full. For the writer, once it has
 * opened the file. */
void journal_file_room(const char *path, int64_t bytes);

#endif
