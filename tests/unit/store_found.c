/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/store_found.h"

#include <math.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/archive.h"
#include "collector/fleet.h"
#include "collector/history.h"
#include "collector/rollup.h"
#include "common/error.h"
#include "tests/unit/sample.h"

double
found_latest(struct stage *stage, enum latest_window window, const char *stat,
    size_t source, size_t destination)
{
	char *dir = stage_path(stage, "latest");
	struct latest *latest = latest_open(
	    dir, stage->fleet, fleet_test(stage->fleet, "core"), NULL);
	struct latest_view view;
	double value = NAN;

	free(dir);
	if (latest == NULL)
		return (NAN);
	if (latest_view(latest, window,
		strcmp(stat, "sum") == 0 ? "sent" : "rtt", stat, &view,
		NULL) == 0)
		value = view.value[source * view.destinations + destination];
	latest_view_clear(&view);
	latest_free(latest);
	return (value);
}

static int
add_up(
    void *arg, nanoseconds at, const struct bundle *bundle, struct error *err)
{
	struct found *sums = arg;
	double value;

	sums->bins++;
	if (bundle_get(bundle, "sent", "sum", &value))
		sums->sent += value;
	if (bundle_get(bundle, "lost", "sum", &value))
		sums->lost += value;
	sums->findings += (double)bundle_outcomes(bundle, OUTCOME_MEASURED);
	sums->findings += (double)bundle_outcomes(bundle, OUTCOME_NO_ANSWER);
	sums->others += (double)bundle_outcomes(bundle, OUTCOME_FAILED);
	sums->others += (double)bundle_outcomes(bundle, OUTCOME_SKIPPED);
	return (0);
}

static struct bins *
open_bins(struct stage *stage)
{
	char *path = stage_path(stage, "bins.db");
	struct bins *bins = bins_open(path, true, NULL);

	free(path);
	assert_non_null(bins);
	return (bins);
}

struct found
found_bins(struct stage *stage, const struct bins_key *key)
{
	struct bins *bins = open_bins(stage);
	int64_t pair = bins_pair(bins, key, NULL);
	struct found sums = {0};

	if (pair > 0)
		assert_int_equal(bins_read(bins, pair, STEP, &sample_manifest,
				     0, BINS_NONE, add_up, &sums, NULL),
		    0);
	bins_free(bins);
	return (sums);
}

static int
add_row_up(
    void *arg, nanoseconds at, const struct rollup *rollup, struct error *err)
{
	return (add_up(arg, at, rollup_bundle(rollup), err));
}

struct found
found_rows(struct stage *stage, const struct bins_key *key, nanoseconds row)
{
	struct bins *bins = open_bins(stage);
	int64_t pair = bins_pair(bins, key, NULL);
	struct found sums = {0};

	assert_int_equal(rollup_read(bins, pair, row, &sample_manifest, 0,
			     clock_wall(), add_row_up, &sums, NULL),
	    0);
	bins_free(bins);
	return (sums);
}

struct found
found_days(struct stage *stage, const struct bins_key *key)
{
	return (found_rows(stage, key, ROLLUP_DAY));
}

uint64_t
found_checkpoint(struct stage *stage)
{
	char *path = stage_path(stage, "bins.db");
	struct bins *bins =
	    access(path, F_OK) == 0 ? bins_open(path, true, NULL) : NULL;
	uint64_t number = bins != NULL ? bins_checkpoint(bins) : 0;

	bins_free(bins);
	free(path);
	return (number);
}

int64_t
found_number(struct stage *stage, const char *sql)
{
	char *path = stage_path(stage, "bins.db");
	int64_t answer = 0;
	sqlite3_stmt *stmt;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 10000);
	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	if (sqlite3_step(stmt) == SQLITE_ROW)
		answer = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	free(path);
	return (answer);
}

double
found_history(
    struct stage *stage, const struct bins_key *key, nanoseconds step, int n)
{
	char *dir = stage_path(stage, "rrd");
	char *path = history_path(dir, key);
	nanoseconds from = stage->start + n * step;
	struct history_span span;
	struct error err;
	double value;

	if (history_read(path, &sample_manifest, "sent", step, from,
		from + step, 100, &span, &err) == -1)
		fail_msg("%s", err.text);
	value = span.count == 1 ? span.values[0] : NAN;
	history_span_clear(&span);
	free(path);
	free(dir);
	return (value);
}

bool
found_has_history(struct stage *stage, const struct bins_key *key)
{
	char *dir = stage_path(stage, "rrd");
	char *path = history_path(dir, key);
	bool has = access(path, F_OK) == 0;

	free(path);
	free(dir);
	return (has);
}

nanoseconds
found_end(struct stage *stage)
{
	char *dir = stage_path(stage, "rrd");
	char *path = history_path(dir, &nyc_lon);
	nanoseconds last;

	history_fits(path, &sample_manifest, STEP, &last);
	free(path);
	free(dir);
	return (last);
}

size_t
found_archived(struct stage *stage)
{
	const struct archive_query all = {.from = 0, .to = INT64_MAX};
	char *dir = stage_path(stage, "archive");
	struct archive *archive = archive_open(dir, true, NULL);
	struct archive_cursor *cursor = archive_find(archive, &all, NULL);
	struct archive_record record;
	nanoseconds last = 0;
	size_t count = 0;

	while (archive_next(cursor, &record, NULL) == 1) {
		assert_true(record.start > last);
		last = record.start;
		count++;
	}
	archive_cursor_free(cursor);
	archive_free(archive);
	free(dir);
	return (count);
}

bool
found_file(struct stage *stage, const char *name)
{
	char *path = stage_path(stage, name);
	bool has = access(path, F_OK) == 0;

	free(path);
	return (has);
}
