/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/records.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/archive_block.h"
#include "collector/fleet.h"
#include "collector/journal.h"
#include "collector/renames.h"
#include "common/error.h"
#include "common/member.h"
#include "common/memory.h"

#define TAIL_MOST ((size_t)64 * 1024 * 1024) /* bytes kept in memory */
#define TRIES 3

/* A record of the journal; the names are those of today. */
struct late {
	char test[NAME_TEXT], src[NAME_TEXT], dst[NAME_TEXT];
	nanoseconds start;
	char *line;
	size_t length;
};

struct records {
	struct archive *archive;
	char *journal;
	char *test, *src, *dst, *agent; /* NULL: any */
	nanoseconds from, to;
	const struct fleet *fleet; /* while it gathers; NULL: none */
	struct journal_reader *reader;
	uint64_t last; /* number that was looked at */
	struct late *tail;
	size_t count, room, bytes;
	size_t next; /* of the tail */
	struct archive_cursor *cursor;
	struct archive_record found; /* of the archive, the next one */
	bool holds;                  /* there is such */
	bool over;                   /* the archive has no more */
};

/* The journal's end begins where the archive's does. */
static int
open_tail(struct records *records, struct error *err)
{
	for (int i = 0; i < TRIES && records->reader == NULL; i++) {
		/* what is archived meanwhile may be let go of there */
		if (archive_look(records->archive, err) == -1)
			return (-1);
		records->last = archive_checkpoint(records->archive);
		records->reader =
		    journal_reader_open(records->journal, records->last, err);
	}
	return (records->reader == NULL ? -1 : 0);
}

static char *
text_or_null(const char *text)
{
	return (text != NULL ? memory_text(text) : NULL);
}

struct records *
records_new(struct archive *archive, const char *journal,
    const struct archive_query *query, struct error *err)
{
	struct records *records = memory_new(1, sizeof(*records));

	records->archive = archive;
	records->journal = memory_text(journal);
	records->test = text_or_null(query->test);
	records->src = text_or_null(query->src);
	records->dst = text_or_null(query->dst);
	records->agent = text_or_null(query->agent);
	records->from = query->from;
	records->to = query->to;
	if (open_tail(records, err) == 0)
		return (records);
	records_free(records);
	return (NULL);
}

void
records_free(struct records *records)
{
	if (records == NULL)
		return;
	archive_cursor_free(records->cursor);
	journal_reader_free(records->reader);
	for (size_t i = 0; i < records->count; i++)
		free(records->tail[i].line);
	free(records->tail);
	free(records->journal);
	free(records->test);
	free(records->src);
	free(records->dst);
	free(records->agent);
	free(records);
}

/* A name is in the line as it is, or as it was. */
static bool
may_name(const struct records *records, const char *name,
    const struct journal_entry *entry)
{
	char quoted[NAME_TEXT + 2];
	int length;

	if (name == NULL || *name == '\0' || records->fleet == NULL ||
	    records->fleet->renames.count > 0)
		return (true);
	length = snprintf(quoted, sizeof(quoted), "\"%s\"", name);
	return (
	    memmem(entry->line, entry->length, quoted, (size_t)length) != NULL);
}

static const char *
name_now(const struct records *records, json_object *json, const char *member)
{
	const char *name = member_text_or(json, member, "");
	int64_t plan = member_whole_or(json, "plan", 0);

	/* a gap has no plan: its box may have the name still */
	if (records->fleet == NULL ||
	    (plan == 0 && fleet_end(records->fleet, name) != NULL))
		return (name);
	return (renames_now(&records->fleet->renames, name, plan));
}

static bool
is_or_any(const char *wanted, const char *name)
{
	return (wanted == NULL || strcmp(wanted, name) == 0);
}

static bool
read_late(const struct records *records, json_object *json, struct late *late)
{
	const char *agent = name_now(records, json, "agent");
	bool gap = member_get(json, "test") == NULL;
	double start = member_number_or(json, "start", 0);

	snprintf(late->test, sizeof(late->test), "%s",
	    gap ? "" : member_text_or(json, "test", ""));
	snprintf(late->src, sizeof(late->src), "%s",
	    gap ? agent : name_now(records, json, "src"));
	snprintf(late->dst, sizeof(late->dst), "%s",
	    gap ? "" : name_now(records, json, "dst"));
	late->start = clock_of_seconds(start);
	return (is_or_any(records->test, late->test) &&
		is_or_any(records->src, late->src) &&
		is_or_any(records->dst, late->dst) &&
		is_or_any(records->agent, agent) &&
		late->start >= records->from && late->start < records->to);
}

static int
keep(struct records *records, struct late *late,
    const struct journal_entry *entry, struct error *err)
{
	if (records->bytes + entry->length > TAIL_MOST)
		return (error_set(err,
		    "the store is too far behind: over %zu MB of what is asked "
		    "for are not archived yet; ask for less, or later",
		    TAIL_MOST / 1000000));
	if (records->count == records->room) {
		records->room = 2 * records->room + 64;
		records->tail = memory_resize(
		    records->tail, records->room, sizeof(*records->tail));
	}
	late->length = entry->length;
	late->line = memory_new(entry->length + 1, 1);
	memcpy(late->line, entry->line, entry->length);
	records->bytes += entry->length + sizeof(*late);
	records->tail[records->count++] = *late;
	return (0);
}

static int
look_at(struct records *records, const struct journal_entry *entry,
    struct error *err)
{
	struct late late;
	json_object *json;
	int result = 0;

	records->last = entry->number;
	if (!may_name(records, records->test, entry) ||
	    !may_name(records, records->src, entry) ||
	    !may_name(records, records->dst, entry) ||
	    !may_name(records, records->agent, entry))
		return (0);
	json = member_parse(entry->line, entry->length, NULL);
	if (json != NULL && read_late(records, json, &late))
		result = keep(records, &late, entry, err);
	json_object_put(json);
	return (result);
}

static int
compare_late(const void *a, const void *b)
{
	const struct late *x = a, *y = b;
	int order = strcmp(x->test, y->test);

	if (order == 0)
		order = strcmp(x->src, y->src);
	if (order == 0)
		order = strcmp(x->dst, y->dst);
	return (order != 0 ? order
			   : archive_line_compare(x->start, x->line, x->length,
				 y->start, y->line, y->length));
}

/* The tail is complete: now the archive. */
static int
begin_search(struct records *records, struct error *err)
{
	const struct archive_query query = {records->test, records->src,
	    records->dst, records->agent, records->from, records->to};

	journal_reader_free(records->reader);
	records->reader = NULL;
	if (records->count > 0)
		qsort(records->tail, records->count, sizeof(*records->tail),
		    compare_late);
	records->cursor = archive_find(records->archive, &query, err);
	return (records->cursor == NULL ? -1 : 0);
}

/* Can the search do without the journal from here on? So it is when the archive
 * has what was let go of. */
static int
recover(struct records *records, struct error *err)
{
	struct error cause = *err;
	uint64_t last = records->last;

	journal_reader_free(records->reader);
	records->reader = NULL;
	if (open_tail(records, err) == -1)
		return (-1);
	if (records->last > last)
		return (1);
	*err = cause;
	return (-1);
}

int
records_gather(struct records *records, const struct fleet *fleet,
    nanoseconds deadline, struct error *err)
{
	struct journal_entry entry;
	unsigned count = 0;
	int result;

	records->fleet = fleet;
	while ((result = journal_read(records->reader, &entry, err)) == 1) {
		if (look_at(records, &entry, err) == -1)
			return (-1);
		if (++count % 64 == 0 && clock_monotonic() >= deadline)
			return (1);
	}
	if (result == -1)
		return (recover(records, err));
	return (begin_search(records, err));
}

static int
fetch(struct records *records, struct error *err)
{
	int result;

	if (records->holds || records->over)
		return (0);
	result = archive_next(records->cursor, &records->found, err);
	records->holds = result == 1;
	records->over = result == 0;
	return (result == -1 ? -1 : 0);
}

static int
compare_heads(const struct late *late, const struct archive_record *found)
{
	int order = strcmp(late->test, found->test);

	if (order == 0)
		order = strcmp(late->src, found->src);
	if (order == 0)
		order = strcmp(late->dst, found->dst);
	return (order != 0 ? order
			   : archive_line_compare(late->start, late->line,
				 late->length, found->start, found->line,
				 found->length));
}

static void
give_late(struct records *records, struct archive_record *record)
{
	const struct late *late = &records->tail[records->next++];

	*record = (struct archive_record){.test = late->test,
	    .src = late->src,
	    .dst = late->dst,
	    .start = late->start,
	    .line = late->line,
	    .length = late->length};
}

int
records_next(
    struct records *records, struct archive_record *record, struct error *err)
{
	int order = -1;

	if (fetch(records, err) == -1)
		return (-1);
	if (records->next < records->count) {
		if (records->holds)
			order = compare_heads(
			    &records->tail[records->next], &records->found);
		/* the same one twice: archived meanwhile */
		if (order == 0)
			records->holds = false;
		if (order <= 0) {
			give_late(records, record);
			return (1);
		}
	}
	*record = records->found;
	if (!records->holds)
		return (0);
	records->holds = false;
	return (1);
}

const char *
records_damage(const struct records *records)
{
	return (records->cursor != NULL ? archive_cursor_damage(records->cursor)
					: NULL);
}
