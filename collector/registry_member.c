/* SPDX-License-Identifier: BSD-2-Clause */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/registry_private.h"
#include "common/database.h"
#include "common/error.h"
#include "common/log.h"
#include "common/member.h"
#include "common/memory.h"

int
registry_put_certificate(struct registry *registry,
    const struct registry_certificate *certificate, nanoseconds now,
    struct error *err)
{
	registry_find_anew(registry);
	if (database_apply(registry->db, err,
		"INSERT OR REPLACE INTO certificate VALUES (?, ?, ?, ?)",
		"ttii", certificate->fingerprint, certificate->box, now,
		certificate->until) == -1)
		return (-1);
	return (database_apply(registry->db, err,
	    "DELETE FROM certificate WHERE box = ?1 AND (until < ?2 OR"
	    " fingerprint NOT IN (SELECT fingerprint FROM certificate"
	    " WHERE box = ?1 ORDER BY issued DESC LIMIT ?3))",
	    "tii", certificate->box, now, (int64_t)REGISTRY_CERTIFICATES));
}

int
registry_renew(struct registry *registry,
    const struct registry_certificate *certificate, nanoseconds now,
    struct error *err)
{
	if (registry_begin(registry, err) == -1 ||
	    registry_put_certificate(registry, certificate, now, err) == -1)
		return (registry_fail(registry));
	return (registry_commit(registry, err));
}

bool
registry_is_member(struct registry *registry, const char *box,
    const char *certificate_fingerprint)
{
	struct error err;

	return (registry_number(
		    database_ask(registry->db, &err,
			"SELECT 1 FROM certificate WHERE fingerprint = ?"
			" AND box = ?",
			"tt", certificate_fingerprint, box),
		    &err) == 1);
}

static void
read_tie(sqlite3_stmt *stmt, struct registry_tie *tie)
{
	snprintf(tie->name, sizeof(tie->name), "%s", database_text(stmt, 0));
	snprintf(tie->mark, sizeof(tie->mark), "%s", database_text(stmt, 1));
	tie->enrolled = sqlite3_column_int64(stmt, 2);
}

int
registry_ties(
    struct registry *registry, struct registry_tie **ties, struct error *err)
{
	sqlite3_stmt *stmt = database_prepare(registry->db,
	    "SELECT name, mark, enrolled FROM box WHERE removed = 0", err);
	int count = 0, row = -1;

	*ties = NULL;
	while (stmt != NULL && (row = database_step(stmt, err)) == 1) {
		*ties = memory_resize(*ties, (size_t)count + 1, sizeof(**ties));
		read_tie(stmt, &(*ties)[count++]);
	}
	sqlite3_finalize(stmt);
	if (row == 0)
		return (count);
	free(*ties);
	*ties = NULL;
	return (-1);
}

nanoseconds
registry_heard_at(struct registry *registry, const char *box)
{
	struct error err;

	return (registry_number(
	    database_ask(registry->db, &err,
		"SELECT heard FROM box WHERE name = ?", "t", box),
	    &err));
}

static int
remove_box(struct registry *registry, const char *box, nanoseconds now,
    struct error *err)
{
	registry_find_anew(registry);
	if (registry_begin(registry, err) == -1 ||
	    database_apply(registry->db, err,
		"UPDATE token SET revoked = ? WHERE box = ? AND revoked = 0",
		"it", now, box) == -1 ||
	    database_apply(registry->db, err,
		"DELETE FROM certificate WHERE box = ?", "t", box) == -1)
		return (-1);
	return (database_apply(registry->db, err,
	    "UPDATE box SET removed = ? WHERE name = ? AND removed = 0", "it",
	    now, box));
}

int
registry_remove(struct registry *registry, const char *box, nanoseconds now,
    struct error *err)
{
	int changed;

	if (remove_box(registry, box, now, err) == -1)
		return (registry_fail(registry));
	changed = sqlite3_changes(registry->db);
	return (registry_commit(registry, err) == -1 ? -1 : changed);
}

nanoseconds
registry_removed(struct registry *registry, const char *box)
{
	struct error err;

	return (registry_number(
	    database_ask(registry->db, &err,
		"SELECT removed FROM box WHERE name = ?", "t", box),
	    &err));
}

int
registry_note_second(struct registry *registry, const char *box,
    json_object *second, struct error *err)
{
	if (registry_begin(registry, err) == -1)
		return (-1);
	return (database_apply(registry->db, err,
	    "UPDATE box SET second = ? WHERE name = ?", "tt",
	    second == NULL ? NULL : json_object_to_json_string(second), box));
}

bool
registry_has_second(const struct registry_box *box, nanoseconds now)
{
	nanoseconds at =
	    clock_of_seconds(member_number_or(box->second, "at", 0));

	return (at != 0 && now - at < REGISTRY_SECOND);
}

double
registry_host_error(const struct registry_box *box)
{
	struct json_object *host =
	    member_get(member_get(box->hello, "clock"), "host");
	double error = member_number_or(host, "error", 0);

	return (error > 0 && error < 1 ? error : 0);
}
