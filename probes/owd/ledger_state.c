/* SPDX-License-Identifier: BSD-2-Clause */
/* What the sender says of its packets. */
#include <inttypes.h>
#include <string.h>

#include "common/memory.h"
#include "probes/owamp/ntp.h"
#include "probes/owd/ledger_parts.h"

static int
check_ranges(const struct message_skip *ranges, uint32_t count, uint64_t least,
    uint32_t next, struct error *err)
{
	for (uint32_t i = 0; i < count; i++) {
		if (ranges[i].first < least ||
		    ranges[i].last < ranges[i].first || ranges[i].last >= next)
			return (error_set(err,
			    "statement: range %" PRIu32 " to %" PRIu32
			    ", expected rising ones from %" PRIu64
			    " to before %" PRIu32,
			    ranges[i].first, ranges[i].last, least, next));
		least = (uint64_t)ranges[i].last + 1;
	}
	return (0);
}

/* Both rise. */
static int
check_apart(const struct message_statement *s, struct error *err)
{
	uint32_t i = 0, k = 0;

	while (i < s->unsent_count && k < s->stuck_count) {
		if (s->unsent[i].last < s->stuck[k].first)
			i++;
		else if (s->stuck[k].last < s->unsent[i].first)
			k++;
		else
			return (error_set(err,
			    "statement: packets from %" PRIu32
			    " were both sent and not sent",
			    s->stuck[k].first > s->unsent[i].first
				? s->stuck[k].first
				: s->unsent[i].first));
	}
	return (0);
}

static int
check_sid(const struct ledger *ledger, const uint8_t *sid, struct error *err)
{
	if (memcmp(sid, ledger->sid, KEYS_SID) != 0)
		return (error_set(err, "statement: of another session"));
	if (ledger->stopped)
		return (error_set(
		    err, "statement: the session was said to be over"));
	return (0);
}

static int
check_statement(
    struct ledger *ledger, const struct message_statement *s, struct error *err)
{
	if (check_sid(ledger, s->sid, err) == -1)
		return (-1);
	if (s->first != ledger->stated || s->next < s->first ||
	    s->next > ledger->packets ||
	    s->next - s->first > MESSAGE_STATEMENT_MOST)
		return (error_set(err,
		    "statement: packets %" PRIu32 " to before %" PRIu32
		    ", expected at most %d from %" PRIu32 " to before %" PRIu32,
		    s->first, s->next, MESSAGE_STATEMENT_MOST, ledger->stated,
		    ledger->packets));
	if (s->stamp_count != 0 && s->stamp_count != s->next - s->first)
		return (error_set(err,
		    "statement: %" PRIu32 " stamps, expected none or %" PRIu32,
		    s->stamp_count, s->next - s->first));
	if (check_ranges(s->unsent, s->unsent_count, s->first, s->next, err) ==
		-1 ||
	    check_ranges(s->stuck, s->stuck_count, s->first, s->next, err) ==
		-1)
		return (-1);
	return (check_apart(s, err));
}

static void
append(struct ledger_ranges *ranges, uint32_t first, uint32_t last)
{
	if (ranges->count > 0 &&
	    (uint64_t)ranges->range[ranges->count - 1].last + 1 == first) {
		ranges->range[ranges->count - 1].last = last;
		return;
	}
	if (ranges->count == ranges->room) {
		ranges->room = ranges->room > 0 ? 2 * ranges->room : 4;
		ranges->range = memory_resize(
		    ranges->range, ranges->room, sizeof(*ranges->range));
	}
	ranges->range[ranges->count++] =
	    (struct message_skip){.first = first, .last = last};
}

/* What of [least, end) is in the ranges. */
static void
append_part(struct ledger_ranges *to, const struct message_skip *ranges,
    uint32_t count, uint32_t least, uint32_t end)
{
	for (uint32_t i = 0; i < count && least < end; i++) {
		uint32_t first = ranges[i].first, last = ranges[i].last;

		if (last < least || first >= end)
			continue;
		append(to, first > least ? first : least,
		    last < end ? last : end - 1);
	}
}

/* Packets that are both of the page and of [first, next). */
struct part {
	uint32_t first, next;
};

static struct part
part_of(const struct ledger_page *page, uint32_t first, uint32_t next)
{
	struct part part = {first, next};

	if (part.first < page->first)
		part.first = page->first;
	if (page->bordered && part.next > page->border)
		part.next = page->border;
	if (page->closing || part.next < part.first)
		part.next = part.first;
	return (part);
}

static void
correct(struct ledger_page *page, uint32_t sequence, nanoseconds left)
{
	int64_t *cell = ledger_cell(page, sequence);

	if (*cell > 0)
		account_correct(page->account, sequence, left - *cell);
	*cell = -left;
}

static void
take_stamps(struct ledger *ledger, struct ledger_page *page,
    const struct part *part, const struct message_statement *s)
{
	struct timetable *timetable = ledger_visit(ledger, &ledger->told);

	if (s->stamp_count == 0 || part->first == part->next)
		return;
	timetable_seek(timetable, part->first);
	for (uint32_t i = part->first; i < part->next; i++) {
		nanoseconds due = ntp_wall(timetable_next(timetable));
		int32_t later = s->later[i - s->first];

		if (later != MESSAGE_NO_STAMP && due + later > 0)
			correct(page, i, due + later);
	}
}

int
ledger_state(
    struct ledger *ledger, const struct message_statement *s, struct error *err)
{
	struct ledger_page *page;

	if (check_statement(ledger, s, err) == -1)
		return (-1);
	if (s->next > s->first && !ledger_reach(ledger, s->next - 1))
		return (error_set(err,
		    "statement: packets to before %" PRIu32
		    " are not due for long",
		    s->next));
	TAILQ_FOREACH (page, &ledger->pages, next) {
		struct part part = part_of(page, s->first, s->next);

		append_part(&page->unsent, s->unsent, s->unsent_count,
		    part.first, part.next);
		append_part(&page->stuck, s->stuck, s->stuck_count, part.first,
		    part.next);
		take_stamps(ledger, page, &part, s);
	}
	ledger->stated = s->next;
	return (0);
}

/* Of packets behind those that were stated. */
static void
take_skips(struct ledger *ledger, const struct message_stopped *s)
{
	struct ledger_page *page;

	TAILQ_FOREACH (page, &ledger->pages, next) {
		struct part part = part_of(page, ledger->stated, s->next);

		append_part(&page->unsent, s->skips, s->skip_count, part.first,
		    part.next);
	}
}

int
ledger_stopped(
    struct ledger *ledger, const struct message_stopped *s, struct error *err)
{
	if (check_sid(ledger, s->sid, err) == -1)
		return (-1);
	if (s->next == MESSAGE_NEXT_UNKNOWN)
		return (0);
	if (s->next < ledger->stated || s->next > ledger->packets)
		return (error_set(err,
		    "stop: packets to before %" PRIu32
		    ", expected from %" PRIu32 " to %" PRIu32,
		    s->next, ledger->stated, ledger->packets));
	if (check_ranges(s->skips, s->skip_count, 0, s->next, err) == -1)
		return (-1);
	if (s->next > 0 && !TAILQ_EMPTY(&ledger->pages) &&
	    !ledger_reach(ledger, s->next - 1))
		return (error_set(err,
		    "stop: packets to before %" PRIu32 " are not due for long",
		    s->next));
	take_skips(ledger, s);
	ledger->stated = s->next;
	ledger->stopped = true;
	return (0);
}
