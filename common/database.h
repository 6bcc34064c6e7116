/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * database.h - SQLite the way we use it: WAL, synchronous FULL, one writer.
 *
 * Statements are prepared once and kept by the caller. Whatever SQLite says
 * goes into err with the file's path.
 */
#ifndef PHAROS_COMMON_DATABASE_H
#define PHAROS_COMMON_DATABASE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

struct error;

/* A file's format is its user_version. steps (NULL-ended) says how to get
 * there: the first makes the tables (CREATE ... IF NOT EXISTS ...), each other
 * one brings a file of the format before to the next and is never changed once
 * it has been in a release. What a file lacks is done in one transaction. A
 * newer format is refused by name; so is an older one when read_only, for then
 * the file must exist and nothing is changed. */
sqlite3 *database_open_steps(const char *path, bool read_only,
    const char *const *steps, struct error *err);
/* The same for a file that has had one format so far. read_only: schema is
 * NULL. */
sqlite3 *database_open(
    const char *path, bool read_only, const char *schema, struct error *err);
/* For a process that is mostly at rest, before it opens any: pages take memory
 * as they are read, instead of that of twenty with each file. */
void database_spare(void);
void database_close(sqlite3 *db); /* NULL is fine */
/* All that was committed is in the file itself from here on, which may have another
 * name once it is closed; a close does so, too, but tells nobody when there is no
 * room for it. For who has it alone. */
int database_settle(sqlite3 *db, struct error *err);
int database_run(sqlite3 *db, const char *sql, struct error *err);
sqlite3_stmt *database_prepare(sqlite3 *db, const char *sql, struct error *err);
/* Binds by the letters: i int64_t, d double, t const char * (NULL is NULL),
 * b const void * and size_t. Strings must live until the statement is reset. */
void database_bind(sqlite3_stmt *stmt, const char *types, ...);
/* For what is rare: prepared and bound in one go; finalize what comes back. */
sqlite3_stmt *database_ask(
    sqlite3 *db, struct error *err, const char *sql, const char *types, ...);
/* The same, run to the end and finalized. */
int database_apply(
    sqlite3 *db, struct error *err, const char *sql, const char *types, ...);
/* 1: a row, 0: done, -1: error; at 0 and -1 the statement has been reset. */
int database_step(sqlite3_stmt *stmt, struct error *err);
/* Binds nothing, runs to the end. */
int database_do(sqlite3_stmt *stmt, struct error *err);
/* Column as text, never NULL; as 0 when NULL. */
const char *database_text(sqlite3_stmt *stmt, int column);

#endif
