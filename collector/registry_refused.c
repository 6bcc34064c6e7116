/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "collector/registry.h"
#include "collector/registry_private.h"
#include "common/database.h"
#include "common/error.h"
#include "common/hash.h"

static int
keep_aside(struct registry *registry, const char *box, const char *line,
    const char *why, nanoseconds now, struct error *err)
{
	size_t length = strlen(line);
	uint8_t digest[HASH_SIZE];

	hash_sha256(line, length, digest);
	if (length > REGISTRY_REFUSED_LINE)
		length = REGISTRY_REFUSED_LINE;
	return (database_apply(registry->db, err,
	    "INSERT OR IGNORE INTO refused (box, digest, at, why, line)"
	    " VALUES (?, ?, ?, ?, ?)",
	    "tbitb", box, digest, sizeof(digest), now, why, line, length));
}

int
registry_forget_refused(struct registry *registry, struct error *err)
{
	char box[NAME_TEXT];

	if (registry->refused[0] == '\0')
		return (0);
	memcpy(box, registry->refused, sizeof(box));
	registry->refused[0] = '\0';
	return (database_apply(registry->db, err,
	    "DELETE FROM refused WHERE box = ?1 AND number <="
	    " (SELECT number FROM refused WHERE box = ?1"
	    " ORDER BY number DESC LIMIT 1 OFFSET ?2)",
	    "ti", box, (int64_t)REGISTRY_REFUSED_MOST));
}

/* When another box's come, or at the commit: once for many. */
static int
forget_later(struct registry *registry, const char *box, struct error *err)
{
	if (strcmp(registry->refused, box) != 0 &&
	    registry_forget_refused(registry, err) == -1)
		return (-1);
	snprintf(registry->refused, sizeof(registry->refused), "%s", box);
	return (0);
}

int
registry_commit_refused(struct registry *registry, struct error *err)
{
	int result = registry_commit(registry, err);

	if (result == 0 && registry->lost)
		result = error_set(err, "what was kept aside has been undone "
					"with another change that failed");
	registry->lost = false;
	return (result);
}

int
registry_count_refused(struct registry *registry, const char *box,
    unsigned count, struct error *err)
{
	if (registry_begin(registry, err) == -1)
		return (-1);
	registry->refusing = true;
	return (database_apply(registry->db, err,
	    "UPDATE box SET refused = refused + ? WHERE name = ?", "it",
	    (int64_t)count, box));
}

int
registry_refuse(struct registry *registry, const char *box, const char *line,
    const char *why, nanoseconds now, struct error *err)
{
	if (registry_begin(registry, err) == -1)
		return (-1);
	registry->refusing = true;
	if (keep_aside(registry, box, line, why, now, err) == -1)
		return (-1);
	if (sqlite3_changes(registry->db) == 0)
		return (0); /* it was sent again */
	if (registry_count_refused(registry, box, 1, err) == -1)
		return (-1);
	return (forget_later(registry, box, err));
}
