/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/binned.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/memory.h"
#include "tests/unit/folder.h"
#include "tests/unit/sample.h"

const struct bins_key binned_nyc_lon = {"core", "nyc", "lon", 4};

void
binned_reopen(struct binned *binned, bool read_only)
{
	struct error err;

	bins_free(binned->bins);
	binned->bins = bins_open(binned->path, read_only, &err);
	if (binned->bins == NULL)
		fail_msg("%s", err.text);
	binned->pair = bins_pair(binned->bins, &binned_nyc_lon, &err);
	assert_true(binned->pair > 0);
}

int
binned_make(void **state)
{
	struct binned *binned = memory_new(1, sizeof(*binned));
	void *dir;

	assert_int_equal(folder_make(&dir), 0);
	binned->dir = dir;
	binned->path = folder_path(&dir, "bins.db");
	binned_reopen(binned, false);
	*state = binned;
	return (0);
}

int
binned_remove(void **state)
{
	struct binned *binned = *state;
	void *dir = binned->dir;

	bins_free(binned->bins);
	free(binned->path);
	free(binned);
	return (folder_remove(&dir));
}

void
binned_add_step(struct binned *binned, nanoseconds step, nanoseconds start,
    int received, nanoseconds unit)
{
	struct bundle *bundle =
	    sample_bundle(&sample_manifest, 10, received, unit);
	const struct bins_record record = {.start = start,
	    .end = start + NS_PER_S,
	    .outcome = received > 0 ? OUTCOME_MEASURED : OUTCOME_NO_ANSWER,
	    .bundle = bundle};
	struct error err;

	if (bins_add(binned->bins, binned->pair, step, &sample_manifest,
		&record, &err) == -1)
		fail_msg("%s", err.text);
	bundle_free(bundle);
}

void
binned_add(struct binned *binned, nanoseconds start, int received)
{
	binned_add_step(binned, MINUTE, start, received, NS_PER_MS);
}

void
binned_commit(struct binned *binned, uint64_t checkpoint)
{
	struct error err;

	if (bins_commit(binned->bins, checkpoint, &err) == -1)
		fail_msg("%s", err.text);
}

int
binned_expire(struct binned *binned, nanoseconds before)
{
	struct error err;
	int more, calls = 0;

	while ((more = bins_expire(binned->bins, before, &err)) == 1)
		calls++;
	if (more == -1)
		fail_msg("%s", err.text);
	return (calls);
}

static int
see(void *arg, nanoseconds start, const struct bundle *bundle,
    struct error *err)
{
	struct binned_seen *seen = arg;
	double value;

	if (seen->bins++ == 0)
		seen->first = start;
	assert_true(start >= seen->last);
	seen->last = start;
	if (bundle_get(bundle, "sent", "sum", &value))
		seen->sent += value;
	if (bundle_get(bundle, "lost", "sum", &value))
		seen->lost += value;
	seen->measured += (double)bundle_outcomes(bundle, OUTCOME_MEASURED);
	seen->failed += (double)bundle_outcomes(bundle, OUTCOME_FAILED);
	return (0);
}

struct binned_seen
binned_read(struct binned *binned, nanoseconds step)
{
	struct binned_seen seen = {0};
	struct error err;

	if (bins_read(binned->bins, binned->pair, step, &sample_manifest, 0,
		BINS_NONE, see, &seen, &err) == -1)
		fail_msg("%s", err.text);
	return (seen);
}

struct bins_standing
binned_standing(struct binned *binned)
{
	struct bins_standing standing;

	bins_standing(binned->bins, binned->pair, &standing);
	return (standing);
}
