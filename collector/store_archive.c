/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdlib.h>

#include "collector/archive.h"
#include "collector/fleet.h"
#include "collector/settings.h"
#include "collector/store.h"
#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"

#define TIDY (30 * NS_PER_MS)         /* at a time */
#define EXPIRE_EVERY (600 * NS_PER_S) /* looks at what is too much */

/* The journal cannot give again what it has let go; that is said, and the store
 * goes on with what there is. */
static int
begin(struct store *store, const char *journal, struct error *err)
{
	uint64_t checkpoint = archive_checkpoint(store->archive), oldest;

	if (journal_oldest(journal, &oldest, err) == -1)
		return (-1);
	if (oldest <= checkpoint + 1)
		return (0);
	log_warnx("archive: records %" PRIu64 " to %" PRIu64
		  " of the journal are not in it, and the journal has them "
		  "no more",
	    checkpoint + 1, oldest - 1);
	archive_begin_at(store->archive, oldest);
	return (0);
}

int
store_archive_open(struct store *store, const char *journal, struct error *err)
{
	char *dir = collector_settings_path(store->settings, "archive");

	store->archive = archive_open(dir, false, err);
	free(dir);
	return (store->archive == NULL ? -1 : begin(store, journal, err));
}

int
store_archive_commit(struct store *store, struct error *err)
{
	if (archive_due(store->archive) == INT64_MAX)
		return (0);
	if (archive_commit(store->archive, store->at, err) == -1)
		return (-1);
	store_tell_parent(store);
	return (0);
}

static int
expire(struct store *store, struct error *err)
{
	const struct fleet *fleet = store->board->fleet;
	struct archive_keep *tests =
	    memory_new(fleet->test_count + 1, sizeof(*tests));
	struct archive_bounds bounds = {.size = store->settings->archive,
	    .usual = {.age = fleet_keep_usual()->records},
	    .tests = tests,
	    .count = fleet->test_count};
	int more;

	for (size_t i = 0; i < fleet->test_count; i++)
		tests[i] = (struct archive_keep){
		    .test = fleet->tests[i].name,
		    .age = fleet->tests[i].keep.records,
		    .size = fleet->tests[i].keep.size,
		};
	more =
	    archive_expire(store->archive, &bounds, store_steady(store), err);
	free(tests);
	return (more);
}

bool
store_archive_tidy(struct store *store)
{
	nanoseconds now = clock_monotonic();
	bool more = archive_tidy(store->archive, now + TIDY);
	struct error err;
	int result;

	if (now < store->expire)
		return (more);
	result = expire(store, &err);
	if (result == -1)
		log_warnx("archive: nothing is forgotten now: %s", err.text);
	if (result != 1)
		store->expire = now + EXPIRE_EVERY;
	return (more || result == 1);
}
