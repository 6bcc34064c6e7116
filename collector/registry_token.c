/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
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
	char text[40];

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
	    "SELECT box, until, key, certificate FROM token WHERE secret = ?",
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
    const char *box, const char *key_fingerprint, const char *certificate_pem,
    const char *certificate_fingerprint, nanoseconds now, struct error *err)
{
	uint8_t digest[HASH_SIZE];

	hash_sha256(secret, 32, digest);
	if (registry_begin(registry, err) == -1 ||
	    database_apply(registry->db, err,
		"UPDATE token SET key = ?, certificate = ? WHERE secret = ?",
		"ttb", key_fingerprint, certificate_pem, digest,
		sizeof(digest)) == -1)
		return (-1);
	return (database_apply(registry->db, err,
	    "INSERT INTO box (name, enrolled, certificate) VALUES (?, ?, ?)"
	    " ON CONFLICT DO UPDATE SET enrolled = excluded.enrolled,"
	    " certificate = excluded.certificate",
	    "tit", box, now, certificate_fingerprint));
}

int
registry_enrol(struct registry *registry, const uint8_t secret[static 32],
    const char *box, const char *key_fingerprint, const char *certificate_pem,
    const char *certificate_fingerprint, nanoseconds now, struct error *err)
{
	if (enrol(registry, secret, box, key_fingerprint, certificate_pem,
		certificate_fingerprint, now, err) == -1)
		return (registry_fail(registry));
	return (registry_commit(registry, err));
}
