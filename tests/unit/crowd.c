/* SPDX-License-Identifier: BSD-2-Clause */
/* When the store writes histories while records wait for it. */
#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "collector/fleet.h"
#include "collector/store.h"
#include "common/daemon.h"
#include "common/error.h"
#include "common/memory.h"
#include "tests/unit/folder.h"
#include "tests/unit/sample.h"

#define STEP (10 * NS_PER_S)
#define FEW 7 /* bins that are not worth a call of librrd for now */
#define LONG (60 * NS_PER_S)

struct stage {
	void *dir;
	struct store store;
	struct cell *cell;
	nanoseconds next; /* start of the next bin */
};

static const char shape[] =
    "{\"v\":1,\"revision\":1,\"sites\":[{\"name\":\"lon\",\"groups\":[]},"
    "{\"name\":\"nyc\",\"groups\":[]}],\"ends\":[{\"name\":\"lon\","
    "\"site\":\"lon\",\"addresses\":[\"192.0.2.1\"]},{\"name\":\"nyc\","
    "\"site\":\"nyc\",\"addresses\":[\"192.0.2.2\"]}],\"meshes\":{},"
    "\"tests\":[{\"test\":\"core\",\"mesh\":\"m\",\"probe\":\"sample\","
    "\"schedule\":{\"kind\":\"periodic\",\"every\":10},\"history\":true,"
    "\"options\":{},\"from\":[\"lon\",\"nyc\"],\"to\":[\"lon\",\"nyc\"],"
    "\"rectangle\":false}],\"manifests\":[%s]}";

static struct board *
make_board(void **dir)
{
	json_object *manifest = manifest_json(&sample_manifest);
	char *text = memory_print(shape, json_object_to_json_string(manifest));
	char *path = folder_path(dir, "fleet.json");
	struct error err;
	struct board *board;

	assert_int_equal(
	    daemon_write_file(path, text, strlen(text), 0640, &err), 0);
	board = board_new(fleet_load(path, &err), *dir, &err);
	if (board == NULL)
		fail_msg("%s", err.text);
	json_object_put(manifest);
	free(path);
	free(text);
	return (board);
}

static int
make_stage(void **state)
{
	static const struct bins_key key = {"core", "nyc", "lon", 4};
	struct stage *stage = memory_new(1, sizeof(*stage));
	struct store *store = &stage->store;
	struct error err;
	char *path;

	assert_int_equal(folder_make(&stage->dir), 0);
	path = folder_path(&stage->dir, "bins.db");
	store->bins = bins_open(path, false, &err);
	store->board = make_board(&stage->dir);
	store->rrd = folder_path(&stage->dir, "rrd");
	steady_begin(&store->steady, 0, clock_monotonic());
	stage->cell = board_cell(store->board, "core", "nyc", "lon");
	stage->cell->pair = bins_pair(store->bins, &key, &err);
	stage->cell->family = 4;
	stage->cell->box = board_end(store->board, "nyc");
	/* more of them than fit into memory are older than a day */
	stage->next = clock_wall() / STEP * STEP - 6 * 86400 * NS_PER_S;
	free(path);
	*state = stage;
	return (0);
}

static int
remove_stage(void **state)
{
	struct stage *stage = *state;
	void *dir = stage->dir;

	board_free(stage->store.board);
	bins_free(stage->store.bins);
	free(stage->store.rrd);
	free(stage);
	return (folder_remove(&dir));
}

static void
add(struct stage *stage, size_t count)
{
	struct bundle *bundle =
	    sample_bundle(&sample_manifest, 10, 10, NS_PER_MS);
	struct error err;

	for (size_t i = 0; i < count; i++, stage->next += STEP) {
		const struct bins_record record = {stage->next,
		    stage->next + NS_PER_S, OUTCOME_MEASURED, bundle};

		if (bins_add(stage->store.bins, stage->cell->pair, STEP,
			stage->cell->test->fleet->manifest, &record,
			&err) == -1)
			fail_msg("%s", err.text);
	}
	bundle_free(bundle);
}

/* A whole sweep, if it is time for one. */
static void
flush(struct stage *stage)
{
	while (store_flush(&stage->store, clock_monotonic() + LONG))
		continue;
}

static void
sweep_now(struct stage *stage)
{
	stage->store.sweep = 0;
	flush(stage);
}

static bool
is_written(const struct stage *stage)
{
	struct bins_standing standing;

	bins_standing(stage->store.bins, stage->cell->pair, &standing);
	return (standing.due == BINS_NONE);
}

static void
few_bins_wait_while_records_do(void **state)
{
	struct stage *stage = *state;

	stage->store.behind = NS_PER_S;
	add(stage, FEW);
	sweep_now(stage);
	assert_false(is_written(stage));
	stage->store.behind = 0;
	sweep_now(stage);
	assert_true(is_written(stage));
}

static void
many_bins_do_not_wait(void **state)
{
	struct stage *stage = *state;

	stage->store.behind = NS_PER_S;
	add(stage, 10 * FEW);
	sweep_now(stage);
	assert_true(is_written(stage));
}

/* Bins that wait for a drained journal would be read from disk then. */
static void
bins_are_written_while_they_are_in_memory(void **state)
{
	struct stage *stage = *state;

	stage->store.behind = NS_PER_S;
	add(stage, 10 * FEW);
	sweep_now(stage);
	stage->store.sweep = INT64_MAX; /* it is not time for one */
	add(stage, 10 * FEW);
	flush(stage);
	assert_false(store_is_crowded(&stage->store));
	assert_false(is_written(stage));
	add(stage, BINS_ROOM);
	assert_true(store_is_crowded(&stage->store));
	flush(stage);
	assert_true(is_written(stage));
	assert_false(store_is_crowded(&stage->store));
}

static void
late_bins_do_not_wait_for_others(void **state)
{
	struct stage *stage = *state;

	add(stage, 10 * FEW);
	sweep_now(stage);
	stage->store.behind = NS_PER_S;
	stage->next -= 5 * STEP;
	add(stage, 1);
	assert_true(is_written(stage));
	sweep_now(stage);
	assert_true(stage->cell->not_before > 0); /* it was made anew */
}

#define STAGED(name) \
	cmocka_unit_test_setup_teardown(name, make_stage, remove_stage)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STAGED(few_bins_wait_while_records_do),
	    STAGED(many_bins_do_not_wait),
	    STAGED(bins_are_written_while_they_are_in_memory),
	    STAGED(late_bins_do_not_wait_for_others),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
