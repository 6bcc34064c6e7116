/* SPDX-License-Identifier: BSD-2-Clause */
#include <math.h>

#include "common/bundle.h"
#include "common/bundle_parts.h"
#include "common/clock.h"
#include "common/draft.h"
#include "common/manifest.h"
#include "common/summary.h"

/* "NAME": behind a comma where it is not the first. */
static void
begin_member(struct draft *draft, const char *name)
{
	if (draft->text[draft->length - 1] != '{')
		draft_add(draft, ",");
	draft_add(draft, "\"");
	draft_add(draft, name);
	draft_add(draft, "\":");
}

static void
add_whole(struct draft *draft, const char *name, int64_t value)
{
	begin_member(draft, name);
	draft_whole(draft, value);
}

static void
add_number(struct draft *draft, const char *name, double value)
{
	begin_member(draft, name);
	draft_number(draft, value);
}

static void
add_histogram(struct draft *draft, const struct histogram *histogram)
{
	add_number(draft, "base", clock_seconds(histogram->base));
	begin_member(draft, "bins");
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

/* As summary_json. */
static void
add_summary(struct draft *draft, const struct summary *s)
{
	draft_add(draft, "{");
	add_whole(draft, "n", (int64_t)s->n);
	add_number(draft, "min", s->min);
	for (size_t i = 0; i < SUMMARY_QUANTILES; i++)
		if (!isnan(s->quantile[i]))
			add_number(draft, summary_names[i], s->quantile[i]);
	add_number(draft, "median", s->median);
	add_number(draft, "max", s->max);
	add_number(draft, "mean", s->mean);
	if (s->n > 1)
		add_number(draft, "sd", s->sd);
	if (s->merged) {
		begin_member(draft, "merged");
		draft_add(draft, "true");
	}
	add_histogram(draft, &s->histogram);
	draft_add(draft, "}");
}

static void
add_value(struct draft *draft, const struct finding *finding)
{
	draft_add(draft, "{");
	add_whole(draft, "n", (int64_t)finding->n);
	add_number(draft, "sum", finding->sum);
	add_number(draft, "min", finding->min);
	add_number(draft, "max", finding->max);
	add_number(draft, "last", finding->last);
	draft_add(draft, "}");
}

static void
add_finding(
    struct draft *draft, const struct metric *metric, const struct finding *f)
{
	begin_member(draft, metric->name);
	switch (metric->kind) {
	case METRIC_COUNT:
		draft_whole(draft, f->count);
		break;
	case METRIC_VALUE:
		add_value(draft, f);
		break;
	case METRIC_DISTRIBUTION:
		add_summary(draft, f->distribution);
		break;
	default:
		draft_quoted(draft, f->text);
		break;
	}
}

void
bundle_write(const struct bundle *bundle, struct draft *draft)
{
	const struct metric *table = bundle->manifest->metrics;

	draft_add(draft, "{\"outcomes\":{");
	for (int i = 0; i < OUTCOMES; i++)
		if (bundle->outcomes[i] > 0)
			add_whole(draft, outcome_names[i],
			    (int64_t)bundle->outcomes[i]);
	draft_add(draft, "},\"metrics\":{");
	for (size_t i = 0; i < bundle->size; i++)
		if (bundle->findings[i].n > 0)
			add_finding(draft, &table[i], &bundle->findings[i]);
	draft_add(draft, "}}");
}
