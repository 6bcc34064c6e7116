/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/silent.h"

#include "collector/archive.h"
#include "collector/arrival.h"
#include "common/bundle.h"
#include "common/tree.h"

#define FIRST_LOOK (86400 * NS_PER_S) /* back; each further one twice that */

void
silent_note(struct silent *silent, const struct arrival *a,
    const struct manifest *manifest)
{
	struct cell_news *news = &silent->news;

	if (!arrival_is_finding(a->outcome) || a->end < news->finding)
		return;
	news->finding = a->end;
	news->outcome = a->outcome;
	bundle_free(news->last);
	news->last = arrival_bundle(a, manifest);
	silent->start = a->start;
	silent->family = a->family;
}

/* All that a search finds. */
static int
note_all(struct archive *archive, struct tree *tree,
    const struct archive_query *query, int family,
    const struct manifest *manifest, struct silent *silent, struct error *err)
{
	struct archive_cursor *cursor = archive_find(archive, query, err);
	struct archive_record record;
	int more = cursor != NULL ? 1 : -1;

	while (more == 1 && (more = archive_next(cursor, &record, err)) == 1) {
		const struct tree_node *json =
		    tree_parse(tree, record.line, record.length, NULL);
		struct arrival a;

		if (json != NULL && arrival_read(&a, json, NULL) == 0 &&
		    (family == 0 || a.family == 0 || a.family == family)) {
			arrival_bound_end(&a, clock_wall());
			silent_note(silent, &a, manifest);
		}
	}
	archive_cursor_free(cursor);
	return (more);
}

int
silent_find(struct archive *archive, struct tree *tree,
    const struct bins_key *key, const struct manifest *manifest,
    nanoseconds before, struct silent *silent, struct error *err)
{
	nanoseconds to = before, back = FIRST_LOOK;
	int result = 0;

	for (; to > 0 && silent->news.finding == 0 && result == 0; back *= 2) {
		const struct archive_query query = {.test = key->test,
		    .src = key->src,
		    .dst = key->dst,
		    .from = to > back ? to - back : 0,
		    .to = to};

		result = note_all(
		    archive, tree, &query, key->family, manifest, silent, err);
		to = query.from;
	}
	return (result);
}

void
silent_clear(struct silent *silent)
{
	bundle_free(silent->news.last);
	*silent = (struct silent){0};
}

void
silent_show(const struct silent *silent, struct cell *cell)
{
	struct latest *latest = cell->test->latest;
	const struct cell_news *news = &silent->news;

	latest_begin(latest);
	if (latest_finding(latest, cell->source, cell->destination,
		news->outcome, news->finding))
		latest_set(latest, LATEST_LAST, cell->source, cell->destination,
		    news->last);
	latest_end(latest);
}
