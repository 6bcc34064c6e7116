/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/owamp/distribution.h"

#include <stdlib.h>

#include "common/memory.h"

#define HIGH 0.999

void
distribution_clear(struct distribution *d)
{
	free(d->samples);
	summary_clear(&d->merged);
	*d = (struct distribution){0};
}

/* What is in memory joins the histogram. */
static void
merge(struct distribution *d)
{
	struct summary lot = {0};

	summary_fill(&lot, d->samples, d->count);
	summary_merge(&d->merged, &lot);
	summary_clear(&lot);
	d->count = 0;
}

void
distribution_add(struct distribution *d, nanoseconds sample)
{
	if (d->count == DISTRIBUTION_EXACT)
		merge(d);
	if (d->count == d->room) {
		d->room = d->room > 0 ? 2 * d->room : 64;
		if (d->room > DISTRIBUTION_EXACT)
			d->room = DISTRIBUTION_EXACT;
		d->samples =
		    memory_resize(d->samples, d->room, sizeof(*d->samples));
	}
	d->samples[d->count++] = sample;
}

static nanoseconds
merged_pdv(const struct summary *s)
{
	return (
	    histogram_quantile(&s->histogram, HIGH) - clock_of_seconds(s->min));
}

bool
distribution_finish(
    struct distribution *d, struct summary *summary, nanoseconds *pdv)
{
	bool held, exact = d->merged.n == 0;

	if (exact)
		summary_fill(summary, d->samples, d->count);
	else {
		merge(d);
		*summary = d->merged;
		d->merged = (struct summary){0};
	}
	held = summary_holds(summary->n, HIGH);
	if (held && exact) /* summary_fill has sorted them */
		*pdv = d->samples[histogram_rank(summary->n, HIGH) - 1] -
		       d->samples[0];
	else if (held)
		*pdv = merged_pdv(summary);
	distribution_clear(d);
	return (held);
}
