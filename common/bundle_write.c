/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/bundle.h"
#include "common/bundle_parts.h"
#include "common/draft.h"
#include "common/manifest.h"
#include "common/sides.h"
#include "common/summary.h"

static void
add_whole(struct draft *draft, const char *name, int64_t value)
{
	draft_member(draft, name);
	draft_whole(draft, value);
}

static void
add_number(struct draft *draft, const char *name, double value)
{
	draft_member(draft, name);
	draft_number(draft, value);
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
	draft_member(draft, metric->name);
	switch (metric->kind) {
	case METRIC_COUNT:
		draft_whole(draft, f->count);
		break;
	case METRIC_VALUE:
		add_value(draft, f);
		break;
	case METRIC_DISTRIBUTION:
		summary_write(f->distribution, draft, draft_number);
		break;
	case METRIC_SIDES:
		sides_write(f->sides, draft);
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
