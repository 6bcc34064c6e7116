/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * registry_private.h - what the files of the registry share.
 */
#ifndef PHAROS_COLLECTOR_REGISTRY_PRIVATE_H
#define PHAROS_COLLECTOR_REGISTRY_PRIVATE_H

#include <sqlite3.h>
#include <stdbool.h>

#include "collector/registry.h"

/* Statements of every request, prepared at their first use. */
enum registry_statement { REGISTRY_FIND, REGISTRY_HEARD, REGISTRY_STATEMENTS };

struct registry {
	sqlite3 *db;
	sqlite3_stmt *kept[REGISTRY_STATEMENTS];
	bool begun;              /* a transaction is open */
	bool refusing;           /* records were kept aside in it */
	bool lost;               /* such have been undone since */
	char refused[NAME_TEXT]; /* whose oldest records are to be forgotten */
	void *found; /* tree of members, as they were found before */
};

int registry_begin(struct registry *registry, struct error *err);
/* One that is kept, for this text; to be reset after use. NULL with err set. */
sqlite3_stmt *registry_statement(struct registry *registry,
    enum registry_statement which, const char *sql, struct error *err);
/* The answer to a question that has one row and column (takes it over); 0: it
 * has none, or could not be asked, which is logged. */
int64_t registry_number(sqlite3_stmt *question, struct error *err);
/* Of what was kept aside, more than may stay. Part of a transaction. */
int registry_forget_refused(struct registry *registry, struct error *err);
/* Part of a transaction. */
int registry_put_certificate(struct registry *registry,
    const struct registry_certificate *certificate, nanoseconds now,
    struct error *err);
/* Who is a member, or its name, is about to be another. */
void registry_find_anew(struct registry *registry);
/* Undoes all since the last commit; always -1. */
int registry_fail(struct registry *registry);

#endif
