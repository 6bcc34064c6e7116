/* SPDX-License-Identifier: BSD-2-Clause */
#include <math.h>

#include "common/clock.h"
#include "common/draft.h"
#include "common/summary.h"

struct pen {
	struct draft *draft;
	summary_number number;
};

static void
add_number(const struct pen *pen, const char *name, double value)
{
	draft_member(pen->draft, name);
	pen->number(pen->draft, value);
}

static void
add_histogram(const struct pen *pen, const struct histogram *histogram)
{
	struct draft *draft = pen->draft;

	add_number(pen, "base", clock_seconds(histogram->base));
	draft_member(draft, "bins");
	draft_add(draft, "[");
	for (size_t i = 0; i < histogram->size; i++) {
		draft_add(draft, i > 0 ? ",[" : "[");
		draft_whole(draft, histogram->bins[i].bucket);
		draft_add(draft, ",");
		draft_whole(draft, histogram->bins[i].count);
		draft_add(draft, "]");
	}
	draft_add(draft, "]");
}

void
summary_write(
    const struct summary *s, struct draft *draft, summary_number number)
{
	const struct pen pen = {draft, number};

	draft_add(draft, "{");
	draft_member(draft, "n");
	draft_whole(draft, (int64_t)s->n);
	add_number(&pen, "min", s->min);
	for (size_t i = 0; i < SUMMARY_QUANTILES; i++) {
		if (!isnan(s->quantile[i]))
			add_number(&pen, summary_names[i], s->quantile[i]);
		if (i == SUMMARY_P50)
			add_number(&pen, "median", s->median);
	}
	add_number(&pen, "max", s->max);
	add_number(&pen, "mean", s->mean);
	if (s->n > 1)
		add_number(&pen, "sd", s->sd);
	if (s->merged) {
		draft_member(draft, "merged");
		draft_add(draft, "true");
	}
	add_histogram(&pen, &s->histogram);
	draft_add(draft, "}");
}
