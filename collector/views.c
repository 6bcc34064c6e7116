/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/views.h"

#include <stdbool.h>
#include <stdlib.h>

#include "collector/changes.h"
#include "common/error.h"
#include "common/memory.h"

#define KEPT (60 * NS_PER_S)
#define VIEWS_MOST 64
#define BYTES_MOST (512u * 1024 * 1024)

void
views_init(struct views *views)
{
	*views = (struct views){0};
	TAILQ_INIT(&views->list);
}

static void
forget(struct views *views, struct view *view)
{
	TAILQ_REMOVE(&views->list, view, link);
	views->count--;
	views->size -= view->size;
	changes_free(view->changes);
	free(view);
}

void
views_clear(struct views *views)
{
	struct view *view;

	while ((view = TAILQ_FIRST(&views->list)) != NULL)
		forget(views, view);
}

/* Views that nobody watches make room, the oldest first. */
static bool
make_room(struct views *views, size_t size)
{
	struct view *view, *oldest;

	while (views->count >= VIEWS_MOST || views->size + size > BYTES_MOST) {
		oldest = NULL;
		TAILQ_FOREACH (view, &views->list, link)
			if (view->watchers == 0 &&
			    (oldest == NULL || view->left < oldest->left))
				oldest = view;
		if (oldest == NULL)
			return (false);
		forget(views, oldest);
	}
	return (true);
}

static struct view *
new_view(struct views *views, struct web *web,
    const struct matrix_question *question, struct error *err)
{
	size_t size = changes_size(question);
	struct changes *changes;
	struct view *view;

	if (!make_room(views, size)) {
		error_set(err, "too many different views are watched; close "
			       "some, or watch one that others do");
		return (NULL);
	}
	if ((changes = changes_new(web, question, err)) == NULL)
		return (NULL);
	view = memory_new(1, sizeof(*view));
	view->changes = changes;
	view->size = size;
	view->left = clock_monotonic();
	TAILQ_INSERT_TAIL(&views->list, view, link);
	views->count++;
	views->size += size;
	return (view);
}

struct view *
views_find(struct views *views, struct web *web,
    const struct matrix_question *question, struct error *err)
{
	struct view *view;

	TAILQ_FOREACH (view, &views->list, link)
		if (changes_are_of(view->changes, question)) {
			if (view->watchers == 0)
				changes_look(web, view->changes);
			return (view);
		}
	return (new_view(views, web, question, err));
}

void
views_join(struct view *view)
{
	view->watchers++;
}

void
views_leave(struct view *view)
{
	view->watchers--;
	view->left = clock_monotonic();
}

void
views_look(struct views *views, struct web *web)
{
	nanoseconds now = clock_monotonic();
	struct view *view, *next;

	for (view = TAILQ_FIRST(&views->list); view != NULL; view = next) {
		next = TAILQ_NEXT(view, link);
		if (view->watchers > 0)
			changes_look(web, view->changes);
		else if (now - view->left > KEPT)
			forget(views, view);
	}
}
