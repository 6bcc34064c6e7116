/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/registry.h"
#include "collector/registry_private.h"
#include "common/database.h"
#include "common/error.h"
#include "common/hash.h"
#include "common/memory.h"

#define FORGET_AFTER (INT64_C(30) * 86400 * NS_PER_S) /* since it expired */

static int
add_token(struct registry *registry, const char *box,
    const uint8_t secret[static 32], nanoseconds now, nanoseconds until,
    struct error *err)
{
	uint8_t digest[HASH_SIZE];

	hash_sha256(secret, 32, digest);
	if (registry_begin(registry, err) == -1 ||
	    database_apply(registry->db, err,
		"DELETE FROM token WHERE until < ?", "i",
		now - FORGET_AFTER) == -1)
		return (-1);
	return (database_apply(registry->db, err,
	    "INSERT INTO token (secret, box, made, until) VALUES (?, ?, ?, ?)",
	    "btii", digest, sizeof(digest), box, now, until));
}

int
registry_add_token(struct registry *registry, const char *box,
    const uint8_t secret[static 32], nanoseconds now, nanoseconds until,
    struct error *err)
{
	if (add_token(registry, box, secret, now, until, err) == -1)
		return (registry_fail(registry));
	return (registry_commit(registry, err));
}

static int
judge(sqlite3_stmt *token, const char *key_fingerprint, nanoseconds now,
    char box[static NAME_TEXT], char **certificate, struct error *err)
{
	const char *name = database_text(token, 0);
	nanoseconds until = sqlite3_column_int64(token, 1);
	const char *key = database_text(token, 2);
	nanoseconds revoked = sqlite3_column_int64(token, 4);
	char text[40];

	if (revoked != 0)
		return (error_set(err,
		    "the token for %s was revoked at %s; make another with "
		    "\"pharos token new %s\"",
		    name, clock_format(revoked, 0, text), name));
	if (now >= until)
		return (error_set(err,
		    "the token for %s expired at %s; make another with "
		    "\"pharos token new %s\"",
		    name, clock_format(until, 0, text), name));
	if (*key != '\0' && strcmp(key, key_fingerprint) != 0)
		return (error_set(err,
		    "the token for %s was used with another key; make another "
		    "with \"pharos token new %s\"",
		    name, name));
	snprintf(box, NAME_TEXT, "%s", name);
	if (*key != '\0')
		*certificate = memory_text(database_text(token, 3));
	return (0);
}

int
registry_use_token(struct registry *registry, const uint8_t secret[static 32],
    const char *key_fingerprint, nanoseconds now, char box[static NAME_TEXT],
    char **certificate, struct error *err)
{
	uint8_t digest[HASH_SIZE];
	sqlite3_stmt *stmt;
	int result;

	*certificate = NULL;
	hash_sha256(secret, 32, digest);
	stmt = database_ask(registry->db, err,
	    "SELECT box, until, key, certificate, revoked FROM token"
	    " WHERE secret = ?",
	    "b", digest, sizeof(digest));
	if (stmt == NULL)
		return (-1);
	result = database_step(stmt, err);
	if (result == 1)
		result =
		    judge(stmt, key_fingerprint, now, box, certificate, err);
	else if (result == 0)
		result = error_set(err,
		    "the token is not known here; make one on the collector "
		    "with \"pharos token new BOX\"");
	sqlite3_finalize(stmt);
	return (result);
}

static int
enrol(struct registry *registry, const uint8_t secret[static 32],
    const struct registry_certificate *certificate, nanoseconds now,
    struct error *err)
{
	uint8_t digest[HASH_SIZE];

	hash_sha256(secret, 32, digest);
	if (registry_begin(registry, err) == -1 ||
	    database_apply(registry->db, err,
		"UPDATE token SET key = ?, certificate = ?, used = ?"
		" WHERE secret = ?",
		"ttib", certificate->key, certificate->pem, now, digest,
		sizeof(digest)) == -1 ||
	    database_apply(registry->db, err,
		"DELETE FROM certificate WHERE box = ?", "t",
		certificate->box) == -1 ||
	    database_apply(registry->db, err,
		"INSERT INTO box (name, enrolled, mark) VALUES (?1, ?2,"
		" CASE WHEN EXISTS (SELECT 1 FROM box WHERE mark = ?1)"
		" THEN '~' || ?2 ELSE ?1 END)"
		" ON CONFLICT DO UPDATE SET enrolled = excluded.enrolled,"
		" removed = 0, second = NULL",
		"ti", certificate->box, now) == -1)
		return (-1);
	return (registry_put_certificate(registry, certificate, now, err));
}

int
registry_enrol(struct registry *registry, const uint8_t secret[static 32],
    const struct registry_certificate *certificate, nanoseconds now,
    struct error *err)
{
	if (enrol(registry, secret, certificate, now, err) == -1)
		return (registry_fail(registry));
	return (registry_commit(registry, err));
}

/*
 * For people.
 */

void
registry_token_id(
    const uint8_t secret[static 32], char id[static REGISTRY_TOKEN_ID + 1])
{
	uint8_t digest[HASH_SIZE];

	hash_sha256(secret, 32, digest);
	hash_hex(digest, REGISTRY_TOKEN_ID / 2, id);
}

static const char columns[] =
    "SELECT lower(substr(hex(secret), 1, 8)), box, made, until, used, revoked"
    " FROM token";

static void
read_token(sqlite3_stmt *stmt, struct registry_token *token)
{
	snprintf(token->id, sizeof(token->id), "%s", database_text(stmt, 0));
	snprintf(token->box, sizeof(token->box), "%s", database_text(stmt, 1));
	token->made = sqlite3_column_int64(stmt, 2);
	token->until = sqlite3_column_int64(stmt, 3);
	token->used = sqlite3_column_int64(stmt, 4);
	token->revoked = sqlite3_column_int64(stmt, 5);
}

int
registry_tokens(struct registry *registry, struct registry_token **tokens,
    struct error *err)
{
	char *question = memory_print("%s ORDER BY made, secret", columns);
	sqlite3_stmt *stmt = database_prepare(registry->db, question, err);
	int count = 0, row = -1;

	free(question);
	*tokens = NULL;
	while (stmt != NULL && (row = database_step(stmt, err)) == 1) {
		*tokens =
		    memory_resize(*tokens, (size_t)count + 1, sizeof(**tokens));
		read_token(stmt, &(*tokens)[count++]);
	}
	sqlite3_finalize(stmt);
	if (row == 0)
		return (count);
	free(*tokens);
	*tokens = NULL;
	return (-1);
}

/* 1, 0: there is none, -1 */
static int
find_token(struct registry *registry, const char *id,
    struct registry_token *token, struct error *err)
{
	char *question = memory_print(
	    "%s WHERE lower(substr(hex(secret), 1, 8)) = lower(?)", columns);
	sqlite3_stmt *stmt = database_ask(registry->db, err, question, "t", id);
	int row = stmt == NULL ? -1 : database_step(stmt, err);

	if (row == 1)
		read_token(stmt, token);
	sqlite3_finalize(stmt);
	free(question);
	return (row);
}

static int
revoke(struct registry *registry, const char *id, nanoseconds now,
    struct error *err)
{
	if (registry_begin(registry, err) == -1 ||
	    database_apply(registry->db, err,
		"UPDATE token SET revoked = ? WHERE"
		" lower(substr(hex(secret), 1, 8)) = lower(?) AND revoked = 0",
		"it", now, id) == -1)
		return (registry_fail(registry));
	return (registry_commit(registry, err));
}

int
registry_revoke_token(struct registry *registry, const char *id,
    nanoseconds now, struct registry_token *token, struct error *err)
{
	int found = find_token(registry, id, token, err);

	if (found == -1)
		return (-1);
	if (found == 0)
		return (error_set(err,
		    "%s: there is no such token; \"pharos token list\" shows "
		    "them",
		    id));
	if (token->used != 0)
		return (error_set(err,
		    "%s: %s has been enrolled with it; \"pharos remove %s\" "
		    "takes its certificate away",
		    id, token->box, token->box));
	return (revoke(registry, id, now, err));
}
