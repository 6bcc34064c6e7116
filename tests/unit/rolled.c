/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rolled.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common/error.h"
#include "tests/unit/sample.h"

void
rolled_upto(struct binned *binned, nanoseconds upto)
{
	struct error err;

	if (rollup_make(
		binned->bins, binned->pair, &sample_manifest, upto, &err) == -1)
		fail_msg("%s", err.text);
}

void
rolled_expire(struct binned *binned, nanoseconds before)
{
	struct error err;

	assert_int_equal(bins_set_flushed(binned->bins, binned->pair,
			     before + ROLLUP_DAY, &err),
	    0);
	binned_commit(binned, 1);
	bins_forget(binned->bins);
	binned_expire(binned, before);
	binned_commit(binned, 1);
}

static int
see(void *arg, nanoseconds start, const struct rollup *rollup,
    struct error *err)
{
	struct rolled *seen = arg;
	const struct bundle *bundle = rollup_bundle(rollup);
	double value;

	if (seen->rows++ == 0)
		seen->first = start;
	assert_true(seen->rows == 1 || start > seen->last);
	seen->last = start;
	seen->bins += rollup_bins(rollup);
	assert_true(bundle_get(bundle, "sent", "sum", &value));
	seen->sent += value;
	assert_true(bundle_get(bundle, "lost", "sum", &value));
	seen->lost += value;
	if (bundle_get(bundle, "rtt", "max", &value) && value > seen->max)
		seen->max = value;
	if (bundle_get(bundle, "rtt", "n", &value))
		seen->n += value;
	if (rollup_worst(rollup, "loss", &value, &start) &&
	    value > seen->worst) {
		seen->worst = value;
		seen->worst_start = start;
	}
	return (0);
}

struct rolled
rolled_rows(
    struct binned *binned, nanoseconds row, nanoseconds from, nanoseconds to)
{
	struct rolled seen = {0};
	struct error err;

	if (rollup_read(binned->bins, binned->pair, row, &sample_manifest, from,
		to, see, &seen, &err) == -1)
		fail_msg("%s", err.text);
	return (seen);
}

struct rolled
rolled_all(struct binned *binned, nanoseconds row)
{
	return (rolled_rows(binned, row, 0, MIDNIGHT + 10 * ROLLUP_DAY));
}
