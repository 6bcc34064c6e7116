/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/waiting.h"

#include <stdlib.h>
#include <string.h>

#include "agent/overflow.h"
#include "common/memory.h"

struct waiting_row {
	TAILQ_ENTRY(waiting_row) link;
	struct shelf_row row;
};

struct waiting_mark {
	TAILQ_ENTRY(waiting_mark) link;
	int64_t run;
	char *note; /* NULL: it has ended */
};

struct waiting_once {
	TAILQ_ENTRY(waiting_once) link;
	char *what;
	nanoseconds at;
};

void
waiting_init(struct waiting *waiting)
{
	TAILQ_INIT(&waiting->rows);
	TAILQ_INIT(&waiting->marks);
	TAILQ_INIT(&waiting->onces);
	waiting->tally = (struct shelf_tally){0, 0};
}

static void
drop_row(struct waiting *waiting, struct waiting_row *entry)
{
	TAILQ_REMOVE(&waiting->rows, entry, link);
	waiting->tally.records--;
	waiting->tally.bytes -= (int64_t)entry->row.length;
	free((void *)(uintptr_t)entry->row.line);
	free(entry);
}

static void
drop_mark(struct waiting *waiting, struct waiting_mark *mark)
{
	TAILQ_REMOVE(&waiting->marks, mark, link);
	free(mark->note);
	free(mark);
}

void
waiting_clear(struct waiting *waiting)
{
	struct waiting_row *entry;
	struct waiting_mark *mark;
	struct waiting_once *once;

	while ((entry = TAILQ_FIRST(&waiting->rows)) != NULL)
		drop_row(waiting, entry);
	while ((mark = TAILQ_FIRST(&waiting->marks)) != NULL)
		drop_mark(waiting, mark);
	while ((once = TAILQ_FIRST(&waiting->onces)) != NULL) {
		TAILQ_REMOVE(&waiting->onces, once, link);
		free(once->what);
		free(once);
	}
}

static struct waiting_row *
new_row(struct waiting *waiting, const struct shelf_row *row)
{
	struct waiting_row *entry = memory_new(1, sizeof(*entry));

	entry->row = *row;
	waiting->tally.records++;
	waiting->tally.bytes += (int64_t)row->length;
	return (entry);
}

void
waiting_append(struct waiting *waiting, const struct shelf_row *row)
{
	struct waiting_row *entry = new_row(waiting, row);

	TAILQ_INSERT_TAIL(&waiting->rows, entry, link);
}

void
waiting_prepend(struct waiting *waiting, const struct shelf_row *row)
{
	struct waiting_row *entry = new_row(waiting, row);

	TAILQ_INSERT_HEAD(&waiting->rows, entry, link);
}

void
waiting_note(struct waiting *waiting, int64_t run, char *note)
{
	struct waiting_mark *mark = memory_new(1, sizeof(*mark));

	mark->run = run;
	mark->note = note;
	TAILQ_INSERT_TAIL(&waiting->marks, mark, link);
}

void
waiting_ended(struct waiting *waiting, int64_t run)
{
	struct waiting_mark *mark = TAILQ_FIRST(&waiting->marks);

	while (mark != NULL && (mark->run != run || mark->note == NULL))
		mark = TAILQ_NEXT(mark, link);
	if (mark != NULL)
		drop_mark(waiting, mark);
	else
		waiting_note(waiting, run, NULL);
}

void
waiting_once(struct waiting *waiting, const char *what, nanoseconds at)
{
	struct waiting_once *once = memory_new(1, sizeof(*once));

	once->what = memory_text(what);
	once->at = at;
	TAILQ_INSERT_TAIL(&waiting->onces, once, link);
}

bool
waiting_was(const struct waiting *waiting, const char *what)
{
	const struct waiting_once *once = TAILQ_FIRST(&waiting->onces);

	while (once != NULL && strcmp(once->what, what) != 0)
		once = TAILQ_NEXT(once, link);
	return (once != NULL);
}

void
waiting_date(struct waiting *waiting, nanoseconds now)
{
	struct waiting_row *entry = TAILQ_FIRST(&waiting->rows);

	for (; entry != NULL; entry = TAILQ_NEXT(entry, link))
		if (entry->row.added == 0)
			entry->row.added = now;
}

int
waiting_write(const struct waiting *waiting, struct shelf *shelf,
    struct shelf_tally *tally, struct error *err)
{
	const struct waiting_row *entry = TAILQ_FIRST(&waiting->rows);
	const struct waiting_mark *mark = TAILQ_FIRST(&waiting->marks);
	const struct waiting_once *once = TAILQ_FIRST(&waiting->onces);

	for (; entry != NULL; entry = TAILQ_NEXT(entry, link))
		if (shelf_put(shelf, &entry->row, err) < 0)
			return (-1);
	for (; mark != NULL; mark = TAILQ_NEXT(mark, link))
		if (shelf_run(shelf, mark->run, mark->note, err) < 0)
			return (-1);
	for (; once != NULL; once = TAILQ_NEXT(once, link))
		if (shelf_once(shelf, once->what, once->at, err) < 0)
			return (-1);
	tally->records += waiting->tally.records;
	tally->bytes += waiting->tally.bytes;
	return (0);
}

void
waiting_cut(struct waiting *waiting, struct overflow *overflow)
{
	struct waiting_row *entry = TAILQ_FIRST(&waiting->rows);

	while (
	    entry != NULL && overflow_row(overflow, &entry->row) == SHELF_MORE)
		entry = TAILQ_NEXT(entry, link);
	while ((entry = TAILQ_FIRST(&waiting->rows)) != NULL &&
	       entry->row.n <= overflow->upto)
		drop_row(waiting, entry);
}

int64_t
waiting_last(const struct waiting *waiting)
{
	const struct waiting_row *entry =
	    TAILQ_LAST(&waiting->rows, waiting_rows);

	return (entry != NULL ? entry->row.n : 0);
}
