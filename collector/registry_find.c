/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each request asks whose it is, and the answer is seldom another one.
 */
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/registry_private.h"
#include "common/database.h"
#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"

struct found {
	char fingerprint[65];
	char box[NAME_TEXT], mark[NAME_TEXT];
};

static int
by_fingerprint(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	return (strcmp(x->fingerprint, y->fingerprint));
}

void
registry_find_anew(struct registry *registry)
{
	tdestroy(registry->found, free);
	registry->found = NULL;
}

/* 1: a member's, 0: nobody's */
static int
ask(struct registry *registry, struct found *found, struct error *err)
{
	sqlite3_stmt *question = registry_statement(registry, REGISTRY_FIND,
	    "SELECT name, mark FROM box JOIN certificate ON box = name"
	    " WHERE fingerprint = ?",
	    err);
	int row = -1;

	if (question == NULL)
		return (-1);
	database_bind(question, "t", found->fingerprint);
	row = database_step(question, err);
	if (row == 1) {
		snprintf(found->box, sizeof(found->box), "%s",
		    database_text(question, 0));
		snprintf(found->mark, sizeof(found->mark), "%s",
		    database_text(question, 1));
	}
	sqlite3_reset(question);
	return (row);
}

static const struct found *
find(struct registry *registry, const char *fingerprint)
{
	struct found key = {""}, **known, *found;
	struct error err;
	int row;

	snprintf(key.fingerprint, sizeof(key.fingerprint), "%s", fingerprint);
	known = tfind(&key, &registry->found, by_fingerprint);
	if (known != NULL)
		return (*known);
	row = ask(registry, &key, &err);
	if (row == -1)
		log_warnx("%s", err.text);
	if (row != 1)
		return (NULL);
	found = memory_new(1, sizeof(*found));
	*found = key;
	if (tsearch(found, &registry->found, by_fingerprint) == NULL)
		log_fatal("out of memory");
	return (found);
}

bool
registry_find(struct registry *registry, const char *certificate_fingerprint,
    char box[static NAME_TEXT], char mark[static NAME_TEXT])
{
	const struct found *found = find(registry, certificate_fingerprint);

	if (found == NULL)
		return (false);
	memcpy(box, found->box, NAME_TEXT);
	memcpy(mark, found->mark, NAME_TEXT);
	return (true);
}
