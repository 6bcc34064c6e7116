/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/registry.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "collector/registry_private.h"
#include "common/catalog.h"
#include "common/database.h"
#include "common/error.h"
#include "common/log.h"
#include "common/manifest.h"
#include "common/member.h"
#include "common/memory.h"

static const char *const steps[] = {
    "CREATE TABLE IF NOT EXISTS token (secret BLOB PRIMARY KEY,"
    " box TEXT NOT NULL, made INTEGER NOT NULL, until INTEGER NOT NULL,"
    " key TEXT, certificate TEXT) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS box (name TEXT PRIMARY KEY,"
    " enrolled INTEGER NOT NULL, certificate TEXT NOT NULL,"
    " heard INTEGER NOT NULL DEFAULT 0, hello TEXT,"
    " refused INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS manifest (name TEXT PRIMARY KEY,"
    " version INTEGER NOT NULL, json TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS refused (number INTEGER PRIMARY KEY,"
    " box TEXT NOT NULL, digest BLOB NOT NULL, at INTEGER NOT NULL,"
    " why TEXT NOT NULL, line BLOB NOT NULL, UNIQUE (box, digest))",

    /* 2: several certificates a box, each of which then lived 90 days */
    "CREATE TABLE certificate (fingerprint TEXT PRIMARY KEY,"
    " box TEXT NOT NULL, issued INTEGER NOT NULL, until INTEGER NOT NULL)"
    " WITHOUT ROWID;"
    "CREATE INDEX certificate_box ON certificate (box, issued);"
    "INSERT INTO certificate SELECT certificate, name, enrolled,"
    " enrolled + 90 * 86400 * 1000000000 FROM box;"
    "ALTER TABLE box DROP COLUMN certificate;"
    "ALTER TABLE box ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE box ADD COLUMN second TEXT;"
    "ALTER TABLE token ADD COLUMN used INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE token ADD COLUMN revoked INTEGER NOT NULL DEFAULT 0;"
    "UPDATE token SET used = made WHERE key IS NOT NULL",

    /* 3: boxes are renamed; what they keep for life is what the journal knows
     * them by */
    "ALTER TABLE box ADD COLUMN mark TEXT;"
    "UPDATE box SET mark = name;"
    "CREATE UNIQUE INDEX box_mark ON box (mark);"
    "CREATE TABLE renamed (one INTEGER PRIMARY KEY,"
    " revision INTEGER NOT NULL);"
    "INSERT INTO renamed VALUES (1, 0)",

    /* 4: a time that has passed for certain */
    "CREATE TABLE seen (one INTEGER PRIMARY KEY, wall INTEGER NOT NULL);"
    "INSERT INTO seen VALUES (1, 0)",
    NULL};

struct registry *
registry_open(const char *path, bool read_only, struct error *err)
{
	struct registry *registry = memory_new(1, sizeof(*registry));

	registry->db = database_open_steps(path, read_only, steps, err);
	if (registry->db != NULL)
		return (registry);
	free(registry);
	return (NULL);
}

void
registry_free(struct registry *registry)
{
	struct error err;

	if (registry == NULL)
		return;
	if (registry_commit(registry, &err) == -1)
		log_warnx("%s", err.text);
	registry_find_anew(registry);
	for (int i = 0; i < REGISTRY_STATEMENTS; i++)
		sqlite3_finalize(registry->kept[i]);
	database_close(registry->db);
	free(registry);
}

sqlite3_stmt *
registry_statement(struct registry *registry, enum registry_statement which,
    const char *sql, struct error *err)
{
	if (registry->kept[which] == NULL)
		registry->kept[which] =
		    database_prepare(registry->db, sql, err);
	return (registry->kept[which]);
}

int
registry_begin(struct registry *registry, struct error *err)
{
	if (!registry->begun &&
	    database_run(registry->db, "BEGIN IMMEDIATE", err) == -1)
		return (-1);
	registry->begun = true;
	return (0);
}

int
registry_commit(struct registry *registry, struct error *err)
{
	int result;

	if (!registry->begun)
		return (0);
	result = registry_forget_refused(registry, err);
	if (result == -1 || database_run(registry->db, "COMMIT", err) == -1)
		return (registry_fail(registry));
	registry->begun = registry->refusing = false;
	return (0);
}

int
registry_fail(struct registry *registry)
{
	registry_find_anew(registry);
	if (registry->begun)
		database_run(registry->db, "ROLLBACK", NULL);
	registry->lost |= registry->refusing;
	registry->begun = registry->refusing = false;
	return (-1);
}

int64_t
registry_number(sqlite3_stmt *question, struct error *err)
{
	int found = question == NULL ? -1 : database_step(question, err);
	int64_t number = 0;

	if (found == 1)
		number = sqlite3_column_int64(question, 0);
	sqlite3_finalize(question);
	if (found == -1)
		log_warnx("%s", err->text);
	return (number);
}

nanoseconds
registry_seen(struct registry *registry)
{
	struct error err;

	return (registry_number(
	    database_ask(registry->db, &err, "SELECT wall FROM seen", ""),
	    &err));
}

int
registry_see(struct registry *registry, nanoseconds wall, struct error *err)
{
	if (registry_begin(registry, err) == -1)
		return (-1);
	return (database_apply(
	    registry->db, err, "UPDATE seen SET wall = ?", "i", wall));
}

/* The manifest's own rules decide whether others shall see it. */
static bool
is_sound(json_object *json, const char *box)
{
	struct error err;
	struct manifest *manifest = manifest_parse(json, &err);

	if (manifest == NULL)
		log_warnx("%s: its manifest is not used: %s", box, err.text);
	manifest_free(manifest);
	return (manifest != NULL);
}

static bool
is_known(struct registry *registry, const char *name, int64_t version)
{
	struct error err;

	return (registry_number(database_ask(registry->db, &err,
				    "SELECT 1 FROM manifest WHERE name = ?"
				    " AND version >= ?",
				    "ti", name, version),
		    &err) == 1);
}

/* A box that makes names up does not fill the disk, nor everybody's fleet. */
static bool
has_room(struct registry *registry, const char *box, const char *name)
{
	struct error err;
	int64_t others = registry_number(
	    database_ask(registry->db, &err,
		"SELECT count(*) FROM manifest WHERE name <> ?", "t", name),
	    &err);

	if (others < REGISTRY_MANIFESTS)
		return (true);
	log_warnx("%s: its manifest is not used: %s is one probe too many, "
		  "expected at most %d",
	    box, name, REGISTRY_MANIFESTS);
	return (false);
}

/* 1: it was not known */
static int
merge_manifest(struct registry *registry, const char *box, json_object *json,
    struct error *err)
{
	const char *name = member_text_or(json, "name", "");
	int64_t version = member_whole_or(json, "version", 0);

	if (is_known(registry, name, version) || !is_sound(json, box) ||
	    !has_room(registry, box, name))
		return (0);
	if (database_apply(registry->db, err,
		"INSERT OR REPLACE INTO manifest VALUES (?, ?, ?)", "tit", name,
		version, json_object_to_json_string(json)) == -1)
		return (-1);
	return (1);
}

static int
merge_manifests(struct registry *registry, const char *box,
    json_object *manifests, struct error *err)
{
	size_t count =
	    manifests == NULL ? 0 : json_object_array_length(manifests);
	int found = 0;

	for (size_t i = 0; i < count; i++) {
		int result = merge_manifest(registry, box,
		    json_object_array_get_idx(manifests, i), err);

		if (result == -1)
			return (-1);
		found |= result;
	}
	return (found);
}

/* A hello of NULL leaves the last one. */
static int
note_heard(struct registry *registry, const char *box, const char *hello,
    nanoseconds now, struct error *err)
{
	sqlite3_stmt *stmt = registry_statement(registry, REGISTRY_HEARD,
	    "UPDATE box SET heard = ?, hello = coalesce(?, hello)"
	    " WHERE name = ?",
	    err);

	if (stmt == NULL)
		return (-1);
	database_bind(stmt, "itt", now, hello, box);
	return (database_do(stmt, err));
}

static int
note_hello(struct registry *registry, const char *box, json_object *hello,
    nanoseconds now, struct error *err)
{
	json_object *rest = json_object_new_object();
	int result;

	json_object_object_foreach (hello, name, value) {
		if (strcmp(name, "manifests") != 0)
			json_object_object_add(
			    rest, name, json_object_get(value));
	}
	result = note_heard(
	    registry, box, json_object_to_json_string(rest), now, err);
	json_object_put(rest);
	return (result);
}

int
registry_heard(struct registry *registry, const char *box, json_object *hello,
    nanoseconds now, struct error *err)
{
	json_object *manifests = NULL;
	int found;

	member_array(hello, "manifests", &manifests, NULL);
	if (registry_begin(registry, err) == -1 ||
	    (found = merge_manifests(registry, box, manifests, err)) == -1 ||
	    note_hello(registry, box, hello, now, err) == -1)
		return (-1);
	return (found);
}

void
registry_alive(struct registry *registry, const char *box, nanoseconds now)
{
	struct error err;

	if (registry_begin(registry, &err) == -1 ||
	    note_heard(registry, box, NULL, now, &err) == -1)
		log_warnx("%s", err.text);
}

static json_object *
read_json(sqlite3_stmt *stmt, int column)
{
	const char *text = database_text(stmt, column);

	return (member_parse(text, strlen(text), NULL));
}

static void
read_box(sqlite3_stmt *stmt, struct registry_box *box)
{
	memset(box, 0, sizeof(*box));
	strncpy(box->name, database_text(stmt, 0), sizeof(box->name) - 1);
	box->enrolled = sqlite3_column_int64(stmt, 1);
	box->heard = sqlite3_column_int64(stmt, 2);
	box->hello = read_json(stmt, 3);
	box->refused = (uint64_t)sqlite3_column_int64(stmt, 4);
	box->removed = sqlite3_column_int64(stmt, 5);
	box->second = read_json(stmt, 6);
	box->until = sqlite3_column_int64(stmt, 7);
}

int
registry_boxes(
    struct registry *registry, struct registry_box **boxes, struct error *err)
{
	sqlite3_stmt *stmt = database_prepare(registry->db,
	    "SELECT name, enrolled, heard, hello, refused, removed, second,"
	    " (SELECT max(until) FROM certificate WHERE box = name) FROM box"
	    " ORDER BY name",
	    err);
	int count = 0, result = -1;

	*boxes = NULL;
	while (stmt != NULL && (result = database_step(stmt, err)) == 1) {
		*boxes =
		    memory_resize(*boxes, (size_t)count + 1, sizeof(**boxes));
		read_box(stmt, &(*boxes)[count++]);
	}
	sqlite3_finalize(stmt);
	if (result == 0)
		return (count);
	registry_boxes_free(*boxes, count);
	*boxes = NULL;
	return (-1);
}

void
registry_boxes_free(struct registry_box *boxes, int count)
{
	for (int i = 0; i < count; i++) {
		json_object_put(boxes[i].hello);
		json_object_put(boxes[i].second);
	}
	free(boxes);
}

int
registry_catalog(
    struct registry *registry, struct catalog *catalog, struct error *err)
{
	sqlite3_stmt *stmt = database_prepare(
	    registry->db, "SELECT json FROM manifest ORDER BY name", err);
	int result = -1;

	while (stmt != NULL && (result = database_step(stmt, err)) == 1) {
		const char *text = database_text(stmt, 0);
		json_object *json = member_parse(text, strlen(text), err);

		if (json == NULL || catalog_add(catalog, json, err) == -1)
			log_warnx("registry: %s", err->text);
		json_object_put(json);
	}
	sqlite3_finalize(stmt);
	return (result);
}
